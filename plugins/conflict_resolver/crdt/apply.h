// An operation applied to what its coordinator holds.
#pragma once

#include "ashlar/conflict_resolver.h"
#include "operation.h"
#include "state.h"

namespace ashlar::crdt {

/// `state` becomes what is held after the operation; `seen` bounds what a step may take away, when it is given (not
/// empty). Fails, with `state` in an undefined form, where the key holds another kind or a counter would overflow.
Result<void> apply(const Operation& operation, const Change& change, const kit::CausalContext& seen, State& state);

/// Whether the change was made before: its request id stands in a version, or was taken into a counter.
bool known(const State& state, const Change& change);

}  // namespace ashlar::crdt
