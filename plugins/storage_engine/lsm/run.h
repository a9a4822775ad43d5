// A sorted run of entries walked one way: a memtable, one table file, or a level of files in a row.
//
// Used by one lane. Hidden entries are left out. Keys and entries are views that stay valid until the run is
// moved on. A bad block ends the walk with its error.
#pragma once

#include <memory>
#include <vector>

#include "version.h"

namespace ashlar::lsm {

/// What to walk and which way.
struct Span {
    bool reverse = false;
    bool from_end = false;   ///< reverse only: from the last entry of all
    OwnedKey start;          ///< forward: the first key that may come; reverse: the first that may not
    Token stop = ~Token{0};  ///< the last token that may come
    TableId table;           ///< {0}: every table

    static Span of(const ScanRange& range);
    static Span everything() { return Span{}; }
    bool past(Token token) const { return reverse ? token < stop : token > stop; }
};

class Run {
public:
    virtual ~Run() = default;
    /// Moves to the next entry; false at the end.
    virtual Result<bool> next() = 0;
    EntryKey key() const { return key_; }
    View entry() const { return entry_; }
    /// Bytes taken from the disk, or from memory, so far.
    std::uint64_t bytes() const { return bytes_; }

protected:
    EntryKey key_;
    View entry_;
    std::uint64_t bytes_ = 0;
};

/// How many bytes a table run reads at once: scans begin small, rewriting reads large pieces.
struct Readahead {
    std::size_t first = 0;
    std::size_t most = 0;
};
inline constexpr Readahead scan_readahead{0, 128 * 1024};
inline constexpr Readahead rewrite_readahead{256 * 1024, 256 * 1024};

std::unique_ptr<Run> run_of(MemtablePtr memtable, Sequence as_of, HiddenPtr hidden, const Span& span);
/// `tables`: ascending and not overlapping. `cache`: looked at, never filled; nullptr for none.
std::unique_ptr<Run> run_of(std::vector<TablePtr> tables, HiddenPtr hidden, const Span& span, Readahead readahead,
                            BlockCache* cache);

}  // namespace ashlar::lsm
