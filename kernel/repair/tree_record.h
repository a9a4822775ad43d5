// The byte form of a forest: what its trees know, for the one start behind a clean stop. docs/disk.md has the tables.
//
// A tree that calls a bucket known which it is not proves replicas equal that differ, so a record is bound to what it
// was true of (TreeBond), and is refused as a whole, in words, unless all of that is so still and every byte is as it
// was written. What may be forgotten hangs on permits, which end with the process: buckets with tombstones are recorded
// as stale. Pure values; reading takes memory for what is there, never for what is claimed.
#pragma once

#include <cstdint>
#include <map>

#include "ashlar/result.h"
#include "ashlar/storage_engine.h"
#include "repair/forest.h"

namespace ashlar::repair {

/// What must be so for a record to be true.
struct TreeBond {
    NodeId node;
    std::uint32_t life = 0;    ///< ledger::State::life
    Sequence applied = 0;      ///< of the engine
    WallTime at{0};            ///< now: no earlier than that of the record
    std::uint64_t ways = 0;    ///< how entries become sums (ways_of)
    std::uint32_t full = 0;    ///< Forest::full
};

/// Of the version of the sum and the tags of the resolvers, by plugin name.
std::uint64_t ways_of(const std::map<std::string, std::uint64_t>& resolver_capabilities);

class TreeRecording {
public:
    /// A piece has at most so many bytes; a record that would have more than bytes_max has its last buckets as stale.
    static constexpr std::size_t piece_bytes = 1u << 20;
    static constexpr std::uint64_t bytes_max = 64u << 20;

    /// The forest outlives this and is not marked meanwhile, or the record is not true.
    TreeRecording(const Forest& forest, const TreeBond& bond) : forest_(forest), bond_(bond) {}
    /// The next piece; empty: that was all.
    Bytes next();

private:
    Bytes head();
    Bytes piece(View body);

    const Forest& forest_;
    TreeBond bond_;
    bool begun_ = false;
    bool ended_ = false;
    std::uint64_t seal_ = 0;  ///< of the head: pieces of another record do not fit
    std::uint32_t pieces_ = 0;
    std::uint64_t bytes_ = 0;
    TableId table_{0};  ///< being written
    Token at_ = 0;      ///< its next bucket
};

/// `now` is what holds at this start. Refuses with corrupt (not as it was written), unsupported (another format),
/// conflict (true of something else).
Result<std::map<TableId, BucketTree>> read_trees(View bytes, const TreeBond& now);

}  // namespace ashlar::repair
