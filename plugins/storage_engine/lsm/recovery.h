// From what a directory holds to an engine that may serve: manifest, table files, replay of the log.
//
// Blocking, at creation only. Either everything that was durable is there and the directory is in order (the
// log replayed into table files, synced, a new manifest in force, leftovers removed), or it is refused with a
// sentence and nothing was changed. On a full disk the replayed writes stay in memory and the log where it is.
#pragma once

#include <memory>

#include "manifest.h"
#include "state.h"

namespace ashlar::lsm {

struct Recovered {
    std::unique_ptr<State> state;
    std::unique_ptr<Manifest> manifest;
};

Result<Recovered> recover(Workshop& shop, Random& random);

}  // namespace ashlar::lsm
