// What everything that writes table files needs: the disk, the joiner, the tuning, the number of the next file.
//
// One per engine; its parts are immutable or atomic, so loop and lanes share it.
#pragma once

#include <atomic>
#include <cstdint>

#include "ashlar/host.h"
#include "block_cache.h"
#include "tuning.h"
#include "wary_disk.h"

namespace ashlar::lsm {

struct Workshop {
    Workshop(Host& host, const Tuning& t)
        : disk(host.disk()),
          joiner(host.joiner()),
          log(host.log()),
          tuning(t),
          cache(t.block_cache_bytes, t.block_bytes) {}

    WaryDisk disk;
    const Joiner& joiner;
    Log& log;
    const Tuning tuning;
    std::uint64_t directory = 0;  ///< set once, before anything is shared
    std::atomic<std::uint64_t> next_file{1};
    BlockCache cache;
};

}  // namespace ashlar::lsm
