// What the agreement needs of the roster: who is there, where to write to, and this node's own entry.
#pragma once

#include <string>
#include <vector>

#include "ashlar/failure_detector.h"
#include "kit/text.h"
#include "port/turn.h"

namespace ashlar::accord {

struct Sighting {
    const wire::RosterEntry* entry = nullptr;
    PeerState state = PeerState::alive;
};

class Neighbours {
public:
    virtual ~Neighbours() = default;
    /// Where its background road ends; an empty address while it is unknown.
    virtual port::Peer peer(NodeId node) const = 0;
    /// All that are known, this node too, sorted by node; valid until the roster changes.
    virtual std::vector<Sighting> all() const = 0;
    virtual wire::RosterEntry& self() = 0;

    /// Nothing is said to whom no road is known: the roster will tell.
    void say(const port::Turn& turn, NodeId node, const wire::Message& message) const {
        port::Peer to = peer(node);
        if (!to.address.empty()) turn.effects.send(to, port::Road::background, message);
    }
    /// For sentences.
    std::string name(NodeId node) const {
        for (const Sighting& seen : all()) {
            if (seen.entry->node == node) return kit::text(seen.entry->name, " (", kit::hex16(node.value), ")");
        }
        return kit::hex16(node.value);
    }
};

}  // namespace ashlar::accord
