// Finds one key in all runs that may hold it.
//
// An entry may be spread over runs, since writes are applied without reading: every run is asked and what is
// found is joined; a newer piece does not end the search. With Reach::memory it runs on the loop and answers
// needs_disk as soon as one block is not at hand. Errors: corrupt and io, never a fall-through.
#pragma once

#include "ashlar/host.h"
#include "version.h"

namespace ashlar::lsm {

Result<Found> look_up(const Version& version, const Memtable& active, Sequence as_of, const EntryKey& key, Reach reach,
                      const Joiner& joiner, BlockCache& cache);

}  // namespace ashlar::lsm
