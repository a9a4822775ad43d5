// Bounds of the roads between nodes.
#pragma once

#include <cstddef>

#include "ashlar/types.h"

namespace ashlar::host {

struct PeerLimits {
    std::size_t queue_bytes = 16 << 20;  ///< waiting for one peer
    std::size_t connections = 1024;      ///< accepted, in all; on each road
    std::size_t connections_per_address = 256;
    std::size_t unread_bytes = 256 << 20;  ///< frames that are not whole yet, of all connections
    /// What ZeroMQ keeps of messages that have no end yet. An honest node leaves four at most, while this one is busy;
    /// a hostile one makes up to 32 bytes of memory out of each.
    std::size_t background_unread_bytes = 32 << 20;
    std::size_t background_unread_bytes_per_address = 8 << 20;
    Duration handshake = seconds(3);         ///< from the socket to the other's greeting
    Duration heartbeat = seconds(1);         ///< something is said at least so often
    Duration silence = seconds(3);           ///< a peer that says nothing for so long is lost
    Duration redial_min = milliseconds(50);  ///< after the first failure; doubles up to redial_max
    Duration redial_max = seconds(2);
    Duration refused_rest = seconds(30);  ///< no dial for so long to a node that is not of our kind
    Duration unused = seconds(60);        ///< a peer nobody speaks to is no longer dialled
};

}  // namespace ashlar::host
