// A closed-loop load: so many connections, each with one request under way, from one thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol.h"

namespace ashlar::bench {

struct LoadPlan {
    std::vector<std::uint16_t> ports;  ///< on 127.0.0.1; connections are spread over them
    Op op = Op::get;
    int connections = 1;
    std::uint64_t operations = 0;  ///< stops after so many ...
    double seconds_max = 10;       ///< ... or after so long
    bool keys_in_order = false;    ///< for the fill; else drawn from `keys`
    std::uint32_t keys = 10'000;
    std::uint32_t value_bytes = 1'000;
    std::uint64_t seed = 1;
};

struct LoadResult {
    std::uint64_t operations = 0;
    std::uint64_t failures = 0;
    double seconds = 0;
    double p50_us = 0;
    double p99_us = 0;
};

/// Runs the plan; throws std::runtime_error when the server cannot be reached or hangs up.
LoadResult run_load(const Protocol& protocol, const LoadPlan& plan);

}  // namespace ashlar::bench
