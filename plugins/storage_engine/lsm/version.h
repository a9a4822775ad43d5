// What the engine consists of at one moment: frozen memtables, levels of table files, what is hidden.
//
// Immutable once published, so the loop swaps a pointer and readers keep the version they began with. The
// active memtable stands beside it, since it grows: a Moment names both and the last sequence to see.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "hidden.h"
#include "memtable.h"
#include "table_reader.h"

namespace ashlar::lsm {

inline constexpr std::size_t level_count = 7;

using MemtablePtr = std::shared_ptr<const Memtable>;

struct Version {
    std::vector<MemtablePtr> frozen;                        ///< oldest first
    std::array<std::vector<TablePtr>, level_count> levels;  ///< 0: any order; deeper: by key, not overlapping
    HiddenPtr hidden = std::make_shared<const Hidden>();

    /// The one table of a level below 0 that may hold the key, or nullptr.
    const Table* table_for(std::size_t level, const EntryKey& key) const;
    /// Puts a level below 0 in order.
    static void sort_level(std::vector<TablePtr>& level);
};

using VersionPtr = std::shared_ptr<const Version>;

struct Moment {
    VersionPtr version;
    MemtablePtr active;
    Sequence as_of = 0;
};

}  // namespace ashlar::lsm
