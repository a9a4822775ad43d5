// Walks several runs as one: equal keys come once, with their entries joined. Used by one lane.
#pragma once

#include <memory>
#include <vector>

#include "ashlar/host.h"
#include "run.h"

namespace ashlar::lsm {

class Merge {
public:
    Merge(std::vector<std::unique_ptr<Run>> runs, bool reverse, const Joiner& joiner);

    Result<bool> next();
    /// Valid until next().
    EntryKey key() const { return key_; }
    View entry() const { return entry_; }
    std::uint64_t bytes() const;

private:
    std::vector<std::unique_ptr<Run>> runs_;
    std::vector<std::size_t> live_;  ///< runs that stand on an entry
    std::vector<std::size_t> here_;  ///< runs that stand on the current key, or have not begun
    bool reverse_;
    const Joiner& joiner_;
    EntryKey key_;
    View entry_;
    Bytes joined_;
};

/// The runs of a moment, newest first.
std::vector<std::unique_ptr<Run>> runs_of(const Moment& moment, const Span& span, BlockCache* cache);

}  // namespace ashlar::lsm
