// Bounds of the roads between nodes.
#pragma once

#include <cstddef>

#include "ashlar/types.h"

namespace ashlar::host {

struct PeerLimits {
    std::size_t queue_bytes = 16 << 20;  ///< waiting for one peer
    std::size_t connections = 1024;      ///< accepted, in all
    std::size_t connections_per_address = 256;
    std::size_t unread_bytes = 256 << 20;    ///< frames that are not whole yet, of all connections
    Duration handshake = seconds(3);         ///< from the socket to the other's greeting
    Duration heartbeat = seconds(1);         ///< something is said at least so often
    Duration silence = seconds(3);           ///< a peer that says nothing for so long is lost
    Duration redial_min = milliseconds(50);  ///< after the first failure; doubles up to redial_max
    Duration redial_max = seconds(2);
    Duration refused_rest = seconds(30);  ///< no dial for so long to a node that is not of our kind
    Duration unused = seconds(60);        ///< a peer nobody speaks to is no longer dialled
};

}  // namespace ashlar::host
