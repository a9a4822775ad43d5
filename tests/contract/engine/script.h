// A workload that is the same at every run, so that a fault can be set at any of its calls: batches, syncs and slices
// of maintenance that overlap as the kernel lets them, and retirements, drawn from a seed.
#pragma once

#include <cstdint>

#include "witness.h"

namespace ashlar::contract {

struct Script {
    std::uint64_t seed = 1;
    std::uint64_t batches = 60;
    std::size_t value_bytes = 1500;  ///< at most
    std::uint64_t keys = 60;
    bool retires = true;
    bool forgets = true;  ///< tombstones that may leave some batches later
};

/// How a run ended.
struct Outcome {
    bool to_the_end = false;
    Result<void> sync;      ///< the first sync that failed
    Result<void> apply;     ///< the apply that failed other than with overloaded
    Result<void> maintain;  ///< the first slice that failed
};

/// Stops at the first sync or apply that fails and when the power is gone; goes on when a slice of maintenance fails.
Outcome play(const Script& script, Rig& rig, Witness& witness);

}  // namespace ashlar::contract
