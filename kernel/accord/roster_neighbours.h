// The neighbours as the member room knows them.
#pragma once

#include "accord/neighbours.h"
#include "member/members.h"

namespace ashlar::accord {

class RosterNeighbours final : public Neighbours {
public:
    explicit RosterNeighbours(member::Members& members) : members_(members) {}
    port::Peer peer(NodeId node) const override { return members_.peer(node, port::Road::background); }
    std::vector<Sighting> all() const override {
        std::vector<Sighting> out;
        for (const member::Standing& standing : members_.standings())
            out.push_back(Sighting{standing.entry, standing.state});
        return out;
    }
    wire::RosterEntry& self() override { return members_.self(); }

private:
    member::Members& members_;
};

}  // namespace ashlar::accord
