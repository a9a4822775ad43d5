// Ports of 127.0.0.1 that nobody uses: below the range the system takes for outgoing connections, so that nobody takes
// one while its node is down. Each is given once. A port may be taken between being found and being used: then the
// daemon says so and ends.
#pragma once

#include <cstdint>
#include <random>
#include <set>

namespace ashlar::cli::play {

class FreePorts {
public:
    /// 0 when none was found.
    std::uint16_t next();

private:
    std::random_device chance_;
    std::set<std::uint16_t> given_;
};

}  // namespace ashlar::cli::play
