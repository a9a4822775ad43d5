// Reads as of one moment, on a lane. See storage_engine.h, Snapshot and Cursor.
#pragma once

#include <memory>

#include "ashlar/host.h"
#include "ashlar/storage_engine.h"
#include "block_cache.h"
#include "version.h"

namespace ashlar::lsm {

std::shared_ptr<const Snapshot> make_snapshot(const Joiner& joiner, BlockCache& cache,
                                              std::shared_ptr<const Moment> moment);

}  // namespace ashlar::lsm
