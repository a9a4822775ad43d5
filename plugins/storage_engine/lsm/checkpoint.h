// A complete copy of the engine in a new directory of its disk: table files by hard link, what is in memory as
// one more table file, a manifest of its own. It needs no log, so it is whole whatever was synced.
#pragma once

#include <memory>
#include <string>

#include "state.h"

namespace ashlar::lsm {

std::unique_ptr<Work> make_checkpoint(const State& state, std::uint64_t salt, const std::string& directory);

}  // namespace ashlar::lsm
