// What a run shall do and what came of it: the same for one machine (world.h) and for several (cluster.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "machine.h"

namespace ashlar::sim {

struct Plan {
    std::uint64_t seed = 1;
    Recipe recipe;
    Duration length = seconds(60);
    bool verbose = false;
    bool cluster = false;
    std::uint32_t nodes = 0;           ///< of a cluster; 0: drawn
    std::vector<std::string> without;  ///< kinds of faults that are switched off
};

struct Verdict {
    std::optional<std::string> complaint;
    std::uint64_t trace_hash = 0;
    std::uint64_t orders = 0;
    std::uint64_t acked = 0;
    std::uint64_t checks = 0;
    std::uint64_t crashes = 0;
    std::uint64_t frames = 0;
    std::uint64_t differing = 0;  ///< keys whose owners were not equal before anybody read them at the end
    std::string swarm;
};

/// One seed, as planned.
Verdict run(const Plan& plan);

}  // namespace ashlar::sim
