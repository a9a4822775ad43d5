// The smallest persistent engine: everything in memory, every batch in a log, the whole content written anew at each
// start. It shows that the suite can be passed, and with a flaw built in, that the suite finds it.
//
// Files: "log-N", the newest of which holds all; records of u32 length, u64 checksum (seeded with N), then the batch.
// A start replays the newest file whole (its tail may be torn), writes the content to "next", syncs it, renames it to
// log-N+1, syncs the directory and removes the old one. Threads and failures: as the contract says.
#pragma once

#include "ashlar/plugin.h"
#include "ashlar/storage_engine.h"

namespace ashlar::contract {

/// What may be wrong with it; setting `flaw`, by number.
enum class Flaw : std::uint8_t {
    none,
    sync_is_a_lie,           ///< answers success without a sync
    name_is_not_synced,      ///< forgets the directory's sync
    tail_is_trusted,         ///< takes a record whose checksum does not hold
    batch_in_pieces,         ///< logs each write of a batch by itself
    retires_in_memory_only,  ///< forgets to log a retirement
    retries_a_failed_sync,   ///< goes on writing behind a failed sync
};

extern const Descriptor plain_log;

}  // namespace ashlar::contract
