// The hash tree of one table: which pieces of the token space hold what, known without reading them again.
//
// Buckets are fixed cuts of the token space: the whole, or a quarter of a bucket that has grown too full. A cut says
// nothing of who owns it, so a ring change rebuilds nothing: what a partition holds is the sum of its buckets and of
// the pieces its borders cut off, which are scanned when asked for. Replicas may have cut differently; sums of the
// same range are equal all the same, and a range is what they speak about.
//
// A write only marks its bucket stale: one walk of at most 32 steps, no read, no hash, no memory. Stale buckets are
// scanned when next compared (begin, then learn what the scan gathered); a write meanwhile leaves its bucket stale. A
// bucket is stale, too, from the moment one of its values expires, or one of its tombstones may be forgotten.
//
// Memory: a node of 48 bytes for each bucket and a third of that for the cuts above: 64 MB for 1,000,000 buckets. Loop
// only. Nothing here fails.
//
// Source: G. DeCandia et al., "Dynamo: Amazon's Highly Available Key-value Store", SOSP 2007, section 4.7 (Merkle trees
// per key range); the fixed cuts and the commutative sum are ours, for rings that change.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "ashlar/host.h"
#include "ashlar/types.h"
#include "repair/sum.h"

namespace ashlar::repair {

inline constexpr TokenRange whole_circle{0, ~Token{0}};
inline constexpr WallTime no_moment{std::numeric_limits<std::int64_t>::max()};

/// What a set of entries is known to be: equal sums, equal sets.
struct Content {
    Sum sum;
    std::uint32_t keys = 0;
    std::uint32_t tombstones = 0;    ///< of them: nothing else is left of these
    WallTime expires = no_moment;    ///< the first moment at which a value expires
    WallTime forgotten = no_moment;  ///< the first permit (Keep::forget_before) that forgets one of its tombstones

    /// Whether this is so still, as of `keep`.
    bool holds(const Keep& keep) const { return keep.now < expires && keep.forget_before <= forgotten; }
    Content& operator+=(const Content& other) {
        sum += other.sum;
        keys += other.keys;
        tombstones += other.tombstones;
        expires = std::min(expires, other.expires);
        forgotten = std::min(forgotten, other.forgotten);
        return *this;
    }
};

/// All entries of one token, as a scan found them.
struct TokenContent {
    Token token = 0;
    Content content;
};

class BucketTree {
public:
    /// A bucket of more keys than `full` is cut in four; four siblings with less than a quarter of `full` between
    /// them become one again. `full`: at least 4.
    explicit BucketTree(std::uint32_t full = 2000) : full_(full), nodes_(1) {}

    /// An entry of this token was written.
    void mark(Token token);
    /// Anything in this range may be different now.
    void mark_range(const TokenRange& range);

    /// The first part of a range, as far as one answer serves it.
    struct Step {
        TokenRange tokens;   ///< begins where the range does, ends within it
        bool known = false;  ///< content says what they hold; else they must be scanned
        Content content;
    };
    Step first_of(const TokenRange& range, const Keep& keep) const;
    /// The bucket a token is in, whole.
    Step bucket_of(Token token, const Keep& keep) const;

    /// A scan of these tokens begins now; answers what learn() wants to hear.
    std::uint32_t begin(const TokenRange& tokens);
    /// What that scan found, sorted by token, up to `through`: it becomes known if the tokens are a whole bucket, which
    /// nobody has written or begun to scan since. If somebody has, it still shows whether the bucket is too full, and a
    /// smaller one is left alone for longer. A scan that ends before its bucket does must have found more than `full`
    /// keys to bring anything forward.
    /// `forgot`: it left entries out because they may be forgotten.
    void learn(const TokenRange& tokens, std::uint32_t begun, std::span<const TokenContent> found, Token through,
               bool forgot = false);

    /// The range cut along the buckets into at most `most` (at least 4) pieces; just itself if it is in one bucket.
    std::vector<TokenRange> cut(const TokenRange& range, std::size_t most) const;

    std::size_t buckets() const { return buckets_; }
    std::uint32_t full() const { return full_; }

    /// A bucket as a record of the tree has it (tree_record.h).
    struct Bucket {
        TokenRange tokens;
        bool known = false;  ///< whatever may be forgotten: nothing of it is, or was left out as, a tombstone
        Content content;     ///< if it is known
    };
    Bucket bucket_at(Token token) const;
    /// Into a new tree, all its buckets in order, then grown(). False: the cuts of no tree make this range.
    bool put(const Bucket& bucket);
    void grown() { renew_all(0); }
    /// Buckets that bucket_at() calls known.
    std::size_t known_buckets() const;

private:
    struct Node {
        Content content;             ///< of a bucket, or of a cut, if it is fresh
        std::uint32_t quarters = 0;  ///< the first of four nodes; 0: this is a bucket
        std::uint32_t scan = 0;      ///< of a bucket: the newest one begun since it was written; 0: none
        bool fresh = false;
        bool forgot = false;  ///< of a bucket: its scan left out what may be forgotten
    };
    /// A node with its place in the token space.
    struct Place {
        std::uint32_t node = 0;
        TokenRange tokens;
    };

    void mark_range(const Place& place, const TokenRange& range);
    Place quarter(const Place& parent, unsigned which) const;
    Place quarter_with(const Place& parent, Token token) const;
    /// Where exactly this bucket is, if it is one.
    std::optional<Place> find(const TokenRange& bucket) const;
    void fill(const Place& place, std::span<const TokenContent> found, Token through, bool forgot);
    void cut_in_four(const Place& place);
    void make_one(std::uint32_t node);
    void renew_above(Token token);
    void renew(std::uint32_t node);
    void renew_all(std::uint32_t node);
    static bool lasts(const Node& bucket) {
        return bucket.fresh && !bucket.forgot && bucket.content.tombstones == 0;
    }

    std::uint32_t full_;
    std::uint32_t scans_ = 0;
    std::vector<Node> nodes_;           ///< the first is the whole table
    std::vector<std::uint32_t> spare_;  ///< quarters that are free again
    std::size_t buckets_ = 1;
};

}  // namespace ashlar::repair
