// Many seeds on several processes, so that a seed that crashes or never ends is one failing seed and not the end of
// the search. Verdicts lie in shared memory; which seed a process takes next is one shared counter.
//
// Prints each failing seed as it is met and, every so often, how many ran and how fast. One thread per process.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "verdict.h"

namespace ashlar::sim {

struct Batch {
    Plan plan;  ///< of the first seed
    std::uint64_t seeds = 1;
    std::uint32_t jobs = 1;
    std::uint32_t patience_s = 300;  ///< for one seed
    std::uint32_t progress_every_s = 30;
};

/// What came of all seeds, added up in their order.
struct Sums {
    std::uint64_t ran = 0, orders = 0, acked = 0, checks = 0, crashes = 0, frames = 0, differing = 0, traces = 0;
    std::vector<std::uint64_t> failed;  ///< seeds
};

/// `run_one` runs a seed and prints what a reader should know of it; it is called in the children.
Sums run_batch(const Batch& batch, const std::function<Verdict(const Plan&)>& run_one);

}  // namespace ashlar::sim
