// The hash trees of all tables of this node.
//
// A write leaves its token; a few hundred of them, sorted, are walked down the trees together, before anybody looks at the
// latest: alone each would wait for the memory of every level. Who compares asks the tree of a table. A table nobody asked
// for yet has a tree all of which is stale, so nothing need be known at a start. Tables of the node's own records
// (port/hint.h) have none. Loop only.
#pragma once

#include <map>
#include <span>
#include <utility>
#include <vector>

#include "ashlar/storage_engine.h"
#include "repair/bucket_tree.h"

namespace ashlar::repair {

class Forest {
public:
    /// `full`: keys from which a bucket is cut (BucketTree).
    explicit Forest(std::uint32_t full = 2000) : full_(full) {}

    void mark(std::span<const Write> batch);
    /// All of a range may hold something else now (a block was given up, a range retired as a whole); table {0}: in all.
    void mark_range(TableId table, const TokenRange& tokens);
    /// With all that was written marked.
    BucketTree& tree(TableId table);
    /// Marks what was written. tree() does it by itself; whoever asks for trees() does it first.
    void settle();
    /// A dropped table.
    void forget(TableId table) { trees_.erase(table); }
    std::size_t buckets() const;

    /// What a record of the trees is made of, and what one is made into (tree_record.h).
    std::uint32_t full() const { return full_; }
    const std::map<TableId, BucketTree>& trees() const { return trees_; }
    void plant(std::map<TableId, BucketTree> trees) { trees_ = std::move(trees); }

private:
    std::uint32_t full_;
    std::map<TableId, BucketTree> trees_;
    std::vector<std::pair<TableId, Token>> written_;  ///< not marked yet; at most written_most
};

}  // namespace ashlar::repair
