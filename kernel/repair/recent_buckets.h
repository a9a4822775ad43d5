// What the latest scans of whole buckets found, token by token, so that a part of a bucket is known, too.
//
// A bucket of the tree has one sum. A partition smaller than it (a table of few keys has one bucket for all) would be
// scanned for every comparison, though nothing was written. What is remembered holds for as long as the tree knows the
// bucket with the same sum, and for nobody who asks as of an earlier clock or permit than the scan: partitions of one
// bucket have permits of their own, and a tombstone that one of them may forget still counts in another. Bounded: the
// longest unused go first. A plain value; loop only; nothing here fails.
#pragma once

#include <cstddef>
#include <list>
#include <optional>
#include <vector>

#include "repair/bucket_tree.h"

namespace ashlar::repair {

class RecentBuckets {
public:
    static constexpr std::size_t buckets_most = 64;
    static constexpr std::size_t tokens_most = 65'536;  ///< of all of them: 4 MB

    /// `tokens`: all of the bucket's as of `keep`, sorted.
    void remember(TableId table, const TokenRange& bucket, const Keep& keep, const std::vector<TokenContent>& tokens);
    /// Of a part of a bucket as the tree knows it (Step::known); nothing: it is not remembered.
    std::optional<Content> part(TableId table, const TokenRange& part, const Keep& keep,
                                const BucketTree::Step& bucket);

private:
    struct Kept {
        TableId table;
        TokenRange bucket;
        Keep keep;
        Content whole;
        std::vector<TokenContent> tokens;
    };
    std::list<Kept> kept_;  ///< the latest used first
    std::size_t tokens_ = 0;
};

}  // namespace ashlar::repair
