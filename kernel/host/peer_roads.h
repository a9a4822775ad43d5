// Both roads to other nodes, as the configuration wants them: none for a node that is alone.
//
// Main thread until the loop runs. Made after the node's loop, so that what a turn says leaves behind its end.
#pragma once

#include <memory>
#include <string>

#include "host/background_road.h"
#include "host/node_loop.h"
#include "host/peer_link.h"
#include "host/setup.h"
#include "ledger/ledger.h"
#include "member/members.h"

namespace ashlar::host {

class PeerRoads {
public:
    /// Of seams.taker is the loop.
    PeerRoads(PeerSeams seams, const Setup& setup);

    /// Takes both ports. Fails with io.
    Result<void> bind();
    /// What this node says of itself, once the ledger knows who it is.
    wire::RosterEntry self(const ledger::State& state, const std::string& clients_at) const;
    member::Rules rules() const;
    /// From here on the loop's node hears and is heard.
    Result<void> serve(const wire::RosterEntry& self, NodeLoop& loop);
    /// The stranger that came last, and what is wrong with it; empty: nobody.
    std::string newest_refusal() const;
    /// For the ready line: " peers HOST:PORT background HOST:PORT", or nothing.
    std::string told() const;

private:
    const Setup& setup_;
    std::unique_ptr<PeerLink> link_;
    std::unique_ptr<BackgroundRoad> background_;
    std::string link_at_;        ///< bound
    std::string background_at_;  ///< bound
};

}  // namespace ashlar::host
