// The one kind of Work that writes the commit log. See StorageEngine::sync.
#pragma once

#include <memory>

#include "state.h"

namespace ashlar::lsm {

/// Writes all that the buffer holds, to a depth. Takes the log file along and brings it back.
std::unique_ptr<Work> make_sync(State& state, SyncDepth depth);

/// Work that only fails: so that nobody takes a closed engine's "nothing to do" for "durable".
std::unique_ptr<Work> make_failure(Error error);

}  // namespace ashlar::lsm
