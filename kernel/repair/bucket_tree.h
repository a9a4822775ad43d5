// The hash tree of one table: which pieces of the token space hold what, known without reading them again.
//
// Buckets are fixed cuts of the token space: the whole, or a quarter of a bucket that has grown too full. A cut says
// nothing of who owns it, so a ring change rebuilds nothing: what a partition holds is the sum of its buckets, and the
// pieces of buckets its borders cut through are scanned when asked for. Replicas may have cut differently; sums of the
// same range are equal all the same, and a range is what they speak about.
//
// A write only marks its bucket stale: one walk of at most 32 steps, no read, no hash, no memory. Stale buckets are
// scanned when next compared (begin, then learn what the scan gathered); a write meanwhile leaves its bucket stale. A
// bucket with values that expire is stale again from the first expiry on.
//
// Memory: a node of 40 bytes for each bucket and a third of that for the cuts above: 53 MB for 1,000,000 buckets. Loop
// only. Nothing here fails; what a caller learns of a range it did not begin is ignored.
//
// Source: G. DeCandia et al., "Dynamo: Amazon's Highly Available Key-value Store", SOSP 2007, section 4.7 (Merkle trees
// per key range); the fixed cuts and the commutative sum are ours, for rings that change.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "ashlar/types.h"
#include "repair/sum.h"

namespace ashlar::repair {

inline constexpr WallTime no_expiry{std::numeric_limits<std::int64_t>::max()};

/// All entries of one token, as a scan found them.
struct TokenSum {
    Token token = 0;
    Sum sum;
    std::uint64_t keys = 0;
    WallTime until = no_expiry;  ///< the first moment at which the sum may change by itself
};

class BucketTree {
public:
    /// A bucket of more keys than `full` is cut in four; four siblings with less than a quarter of `full` between
    /// them become one again. `full`: at least 4.
    explicit BucketTree(std::uint64_t full = 2000) : full_(full), nodes_(1) {}

    /// An entry of this token was written.
    void mark(Token token);

    /// The first stale bucket that shares tokens with the range, none if all is known as of that moment.
    std::optional<TokenRange> stale_in(const TokenRange& range, WallTime as_of) const;
    /// A scan of this bucket begins: what is written from now on makes it stale again.
    void begin(const TokenRange& bucket);
    /// What the scan found, sorted by token, from the bucket's first token to `through`; behind that it stays stale. A
    /// scan that ends before the bucket does must have found more than `full` keys, or it brings nothing forward.
    void learn(const TokenRange& bucket, std::span<const TokenSum> found, Token through);
    /// The scan came to nothing.
    void abandon(const TokenRange& bucket);

    /// What is known of a range.
    struct Known {
        Sum sum;
        std::uint64_t keys = 0;
        bool settled = true;  ///< no bucket of it is stale
        /// The pieces at its borders that are less than a bucket, at most two: not in the sum, to be scanned.
        std::vector<TokenRange> pieces;
    };
    Known known(const TokenRange& range, WallTime as_of) const;

    /// The range cut along the buckets, at least in two, at most in `most`; just itself if it is within one bucket.
    std::vector<TokenRange> cut(const TokenRange& range, std::size_t most) const;

    std::size_t buckets() const { return buckets_; }

private:
    enum class Freshness : std::uint8_t { clean, scanning, stale };
    struct Node {
        Sum sum;                    ///< of a bucket, and of a cut whose buckets are all clean
        std::uint64_t keys = 0;
        WallTime until = no_expiry;
        std::uint32_t quarters = 0;  ///< the first of four nodes; 0: this is a bucket
        Freshness freshness = Freshness::stale;
    };
    /// A node with its place in the token space.
    struct Place {
        std::uint32_t node = 0;
        TokenRange tokens;
    };

    Place quarter(const Place& parent, unsigned which) const;
    Place bucket_of(Token token) const;
    /// Where exactly this bucket is, if it still is one.
    std::optional<Place> find(const TokenRange& bucket) const;
    bool stale(const Node& node, WallTime as_of) const { return node.freshness != Freshness::clean || node.until <= as_of; }
    std::optional<TokenRange> stale_below(const Place& place, const TokenRange& range, WallTime as_of) const;
    void add_known(const Place& place, const TokenRange& range, WallTime as_of, Known& known) const;
    void fill(const Place& place, std::span<const TokenSum> found, Token through, bool written_meanwhile);
    void cut_in_four(const Place& place);
    void make_one(std::uint32_t node);
    void renew_above(Token token);
    void renew(std::uint32_t node);

    std::uint64_t full_;
    std::vector<Node> nodes_;           ///< the first is the whole table
    std::vector<std::uint32_t> spare_;  ///< quarters that are free again
    std::size_t buckets_ = 1;
};

}  // namespace ashlar::repair
