// What the roads between nodes are given, and what they say of this node.
#pragma once

#include "ashlar/host.h"
#include "host/peer_taker.h"
#include "host/reactor.h"
#include "port/effects.h"

namespace ashlar::host {

/// All of it outlives the roads.
struct PeerSeams {
    Reactor& reactor;
    PeerTaker& taker;
    Random& random;
    Meter& meter;
    Log& log;
};

/// Whose words leave here.
struct PeerSelf {
    wire::Sender sender;
    wire::Greeting greeting;
};

}  // namespace ashlar::host
