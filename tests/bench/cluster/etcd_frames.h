// etcd's API as its own clients speak it: gRPC, that is protobuf in HTTP/2 frames. Just enough of it for one request at
// a time on a connection.
#pragma once

#include <memory>

#include "protocol.h"

namespace ashlar::bench {

/// Range of one key (linearizable, etcd's default) and Put.
std::unique_ptr<Protocol> etcd_frames();

}  // namespace ashlar::bench
