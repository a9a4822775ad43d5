// What the desks may tell about a running node, gathered from its parts. Loop only.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "host/admin_desk.h"
#include "host/client_desk.h"
#include "host/meter_book.h"
#include "host/peer_roads.h"
#include "host/setup.h"
#include "node/node.h"

namespace ashlar::host {

/// All of it outlives the desks; the node may be made after them.
struct LookedAt {
    const Setup& setup;
    const ledger::Ledger& ledger;
    const std::unique_ptr<node::Node>& node;
    const MeterBook& meter;
    const PeerRoads& roads;
    Stepper& clock;
    Instant started;
};

ClientLooks client_looks(const LookedAt& at);
AdminLooks admin_looks(const LookedAt& at);

}  // namespace ashlar::host
