// The ordeals that are run on every persistent engine, and on engines with a flaw to show that they find it.
#pragma once

#include "script.h"

namespace ashlar::contract {

/// Cuts the power at every call of a script and opens what is left, after so many different crashes each.
void crash_at_every_call(const EngineCase& engine, std::uint64_t seed, std::uint64_t crashes);
/// Fails every sync of a script, one at a time.
void fail_every_sync(const EngineCase& engine);

}  // namespace ashlar::contract
