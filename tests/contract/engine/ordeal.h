// The ordeals that are run on every persistent engine, and on engines with a flaw to show that they find it.
#pragma once

#include "script.h"

namespace ashlar::contract {

/// Cuts the power at every (stride-th) call of a script and opens what is left, after so many different crashes each.
void crash_at_every_call(const EngineCase& engine, const Script& script, std::uint64_t crashes, std::size_t stride = 1);
/// Fails every sync of a script, one at a time.
void fail_every_sync(const EngineCase& engine);

}  // namespace ashlar::contract
