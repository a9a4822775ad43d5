// Reads everything the engine keeps on the disk and checks every checksum. See StorageEngine::scrub.
#pragma once

#include <memory>

#include "state.h"

namespace ashlar::lsm {

/// `manifest`: the number and length of the one in force.
std::unique_ptr<ScrubWork> make_scrub(const State& state, std::uint64_t manifest_number, std::uint64_t manifest_bytes);

}  // namespace ashlar::lsm
