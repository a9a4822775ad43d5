// What is no longer needed, on its way out: table files nobody reads any more, flushed memtables, old segments.
//
// Gathered on the loop, carried out on a lane: closing and removing files and giving large memory back may
// block. A thing goes only when the graveyard holds the last reference, so neither a version nor a snapshot
// uses it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ashlar/disk.h"
#include "version.h"

namespace ashlar::lsm {

struct Sweep {
    std::vector<TablePtr> tables;         ///< to be closed and removed
    std::vector<MemtablePtr> memtables;   ///< to be freed
    std::vector<std::uint64_t> segments;  ///< of the log, to be removed

    bool empty() const { return tables.empty() && memtables.empty() && segments.empty(); }
    /// Lane. What cannot be removed is left for the next start.
    void carry_out(Disk& disk);
};

class Graveyard {
public:
    void bury(TablePtr table) { waiting_.tables.push_back(std::move(table)); }
    void bury(MemtablePtr memtable) { waiting_.memtables.push_back(std::move(memtable)); }
    void bury(std::uint64_t segment) { waiting_.segments.push_back(segment); }
    /// What nobody uses any more.
    Sweep collect();
    /// Takes back what was not carried out.
    void give_back(Sweep&& sweep);

private:
    Sweep waiting_;
};

}  // namespace ashlar::lsm
