// How well the others are, as the request room wants to know it: the roster's word.
//
// Loop only. Nothing here fails: who was never heard of is down and claims nothing.
#pragma once

#include "member/members.h"
#include "request/targets.h"

namespace ashlar::node {

class KnownHealth final : public request::Health {
public:
    explicit KnownHealth(const member::Members& members) : members_(members) {}
    PeerState state(NodeId node) const override { return members_.state(node); }
    View datacentre(NodeId node) const override {
        const wire::RosterEntry* entry = members_.entry(node);
        return entry == nullptr ? View{} : View(entry->datacentre);
    }
    bool known(NodeId node) const override { return members_.entry(node) != nullptr; }
    std::uint64_t counters(NodeId node) const override {
        const wire::RosterEntry* entry = members_.entry(node);
        return entry == nullptr ? 0 : entry->counters;
    }

private:
    const member::Members& members_;
};

}  // namespace ashlar::node
