// Bounds of one port.
#pragma once

#include <cstddef>

#include "ashlar/types.h"

namespace ashlar::host {

struct FrontLimits {
    std::size_t connections = 10'000;
    std::size_t connections_per_address = 4'000;
    std::size_t pipeline_depth = 128;
    std::size_t frame_bytes = 16 << 20;
    Duration idle = seconds(60);
    Duration handshake = seconds(5);
    Duration frame = seconds(10);
};

}  // namespace ashlar::host
