// The tree against a plain map of what is held: sums of any range, whatever was written, removed, cut or scanned.
#include "repair/bucket_tree.h"

#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "kit/text.h"
#include "random.h"

namespace ashlar::repair {
namespace {

constexpr TokenRange everything{0, ~Token{0}};
constexpr WallTime now{1'000};

/// What one replica holds, and the tree over it.
class Holding {
public:
    explicit Holding(std::uint64_t full) : tree(full) {}

    void put(Token token, int value, WallTime expires = no_expiry) {
        tree.mark(token);
        held_[token] = TokenSum{token, sum_of(kit::text(token), kit::text(value)), 1, expires};
    }
    void remove(Token token) {
        tree.mark(token);
        held_.erase(token);
    }
    /// Scans the way the node does: one stale bucket after the other, `most` tokens at a time.
    std::size_t settle(const TokenRange& range = everything, std::size_t most = ~std::size_t{0}, WallTime as_of = now) {
        std::size_t scanned = 0;
        while (auto bucket = tree.stale_in(range, as_of)) {
            tree.begin(*bucket);
            auto found = tokens(*bucket);
            Token through = bucket->last;
            if (found.size() > most) {
                found.resize(most);
                through = found.back().token;
            }
            scanned += found.size();
            for (TokenSum& token : found)
                if (token.until <= as_of) token = TokenSum{token.token, sum_of("expired", ""), 1, no_expiry};
            tree.learn(*bucket, found, through);
        }
        return scanned;
    }
    std::vector<TokenSum> tokens(const TokenRange& range) const {
        std::vector<TokenSum> out;
        for (auto at = held_.lower_bound(range.first); at != held_.end() && at->first <= range.last; ++at)
            out.push_back(at->second);
        return out;
    }
    Sum truth(const TokenRange& range) const {
        Sum sum;
        for (const TokenSum& token : tokens(range)) sum += token.sum;
        return sum;
    }
    /// As a node answers: the buckets' sums, and the pieces scanned.
    Sum sum(const TokenRange& range) const {
        const auto known = tree.known(range, now);
        EXPECT_TRUE(known.settled);
        EXPECT_LE(known.pieces.size(), 2u);
        Sum sum = known.sum;
        for (const TokenRange& piece : known.pieces) sum += truth(piece);
        return sum;
    }
    BucketTree tree;

private:
    std::map<Token, TokenSum> held_;
};

TokenRange some_range(sim::SeededRandom& random) {
    Token a = random.next(), b = random.next();
    if (random.one_in(4)) b = a + random.below(1'000);
    return {std::min(a, b), std::max(a, b)};
}

TEST(BucketTreeTest, AnEmptyTableIsOneStaleBucket) {
    BucketTree tree;
    EXPECT_EQ(tree.stale_in(everything, now), everything);
    EXPECT_FALSE(tree.known(everything, now).settled);
    tree.begin(everything);
    EXPECT_EQ(tree.stale_in(everything, now), std::nullopt) << "it is being scanned";
    EXPECT_FALSE(tree.known(everything, now).settled);
    tree.learn(everything, {}, everything.last);
    EXPECT_TRUE(tree.known(everything, now).settled);
    EXPECT_EQ(tree.known(everything, now).sum, Sum{});
}

TEST(BucketTreeTest, AnyRangeIsTheSumOfItsBucketsAndPieces) {
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
        SCOPED_TRACE(seed);
        sim::SeededRandom random(seed);
        const std::uint64_t full = 4 + random.below(60);
        Holding holding(full);
        const std::size_t most = random.one_in(2) ? ~std::size_t{0} : full + 1 + random.below(200);
        const Token narrow = random.one_in(3) ? 100'000 : ~Token{0};  // an ordered table has its keys close together
        std::vector<Token> used;
        for (int round = 0; round < 12; ++round) {
            for (std::uint64_t n = random.below(400); n > 0; --n) {
                if (!used.empty() && random.one_in(3)) {
                    holding.remove(used[random.below(used.size())]);
                } else {
                    used.push_back(random.below(narrow));
                    holding.put(used.back(), round);
                }
            }
            holding.settle(everything, most);
            EXPECT_EQ(holding.sum(everything), holding.truth(everything));
            for (int i = 0; i < 20; ++i) {
                const TokenRange range = some_range(random);
                EXPECT_EQ(holding.sum(range), holding.truth(range));
            }
        }
    }
}

TEST(BucketTreeTest, TreesOfDifferentCutsAgreeOnEveryRange) {
    sim::SeededRandom random(7);
    Holding fine(8), coarse(500);
    for (int i = 0; i < 3000; ++i) {
        const Token token = random.next();
        fine.put(token, i);
        coarse.put(token, i);
        if (i % 100 == 0) fine.settle();
    }
    fine.settle();
    coarse.settle();
    EXPECT_GT(fine.tree.buckets(), 10 * coarse.tree.buckets());
    for (int i = 0; i < 200; ++i) {
        const TokenRange range = some_range(random);
        EXPECT_EQ(fine.sum(range), coarse.sum(range));
    }
}

TEST(BucketTreeTest, OnlyWhatWasWrittenIsScannedAgain) {
    sim::SeededRandom random(11);
    Holding holding(100);
    for (int i = 0; i < 20'000; ++i) holding.put(random.next(), i);
    EXPECT_EQ(holding.settle(), 20'000u) << "one scan cuts as deep as it must";
    holding.put(42, 1);
    holding.put(43, 1);
    EXPECT_LE(holding.settle(), 102u);
    EXPECT_EQ(holding.settle(), 0u);
}

TEST(BucketTreeTest, WhatIsWrittenDuringAScanStaysStale) {
    Holding holding(100);
    holding.put(1, 1);
    holding.tree.begin(everything);
    const auto seen = holding.tokens(everything);
    holding.put(2, 1);
    holding.tree.learn(everything, seen, everything.last);
    EXPECT_EQ(holding.tree.stale_in(everything, now), everything);
    holding.settle();
    EXPECT_EQ(holding.sum(everything), holding.truth(everything));
}

TEST(BucketTreeTest, AScanThatCameToNothingLeavesItsBucketStale) {
    BucketTree tree;
    tree.begin(everything);
    tree.abandon(everything);
    EXPECT_EQ(tree.stale_in(everything, now), everything);
}

TEST(BucketTreeTest, WhatNobodyBeganIsNotLearned) {
    Holding holding(100);
    holding.put(1, 1);
    holding.settle();
    holding.tree.learn(everything, {}, everything.last);
    holding.tree.learn({5, 9}, {}, 9);
    EXPECT_EQ(holding.sum(everything), holding.truth(everything));
}

TEST(BucketTreeTest, AnExpiryMakesItsBucketStale) {
    Holding holding(4);
    sim::SeededRandom random(3);
    for (int i = 0; i < 100; ++i) holding.put(random.next(), i);
    holding.put(77, 1, WallTime{5'000});
    holding.settle();
    EXPECT_EQ(holding.tree.stale_in(everything, WallTime{4'999}), std::nullopt);
    auto bucket = holding.tree.stale_in(everything, WallTime{5'000});
    ASSERT_TRUE(bucket);
    EXPECT_TRUE(bucket->holds(77));
    EXPECT_FALSE(holding.tree.known(everything, WallTime{5'000}).settled);
    holding.settle(everything, ~std::size_t{0}, WallTime{5'000});
    EXPECT_TRUE(holding.tree.known(everything, WallTime{9'000}).settled);
}

TEST(BucketTreeTest, BucketsOfATableThatWasEmptiedBecomeOne) {
    Holding holding(8);
    sim::SeededRandom random(5);
    std::vector<Token> tokens;
    for (int i = 0; i < 2000; ++i) holding.put(tokens.emplace_back(random.next()), i);
    holding.settle();
    EXPECT_GT(holding.tree.buckets(), 200u);
    for (Token token : tokens) holding.remove(token);
    holding.settle();
    EXPECT_EQ(holding.tree.buckets(), 1u);
    for (Token token : tokens) holding.put(token, 1);
    holding.settle();
    EXPECT_EQ(holding.sum(everything), holding.truth(everything));
}

TEST(BucketTreeTest, CutsCoverTheRangeOnceAndNarrowDownToABucket) {
    Holding holding(8);
    sim::SeededRandom random(9);
    for (int i = 0; i < 5000; ++i) holding.put(random.next(), i);
    holding.settle();
    for (int i = 0; i < 50; ++i) {
        TokenRange range = some_range(random);
        for (int level = 0; level < 40; ++level) {
            const auto pieces = holding.tree.cut(range, 16);
            ASSERT_FALSE(pieces.empty());
            EXPECT_LE(pieces.size(), 16u);
            EXPECT_EQ(pieces.front().first, range.first);
            EXPECT_EQ(pieces.back().last, range.last);
            for (std::size_t p = 1; p < pieces.size(); ++p) EXPECT_EQ(pieces[p].first, pieces[p - 1].last + 1);
            if (pieces.size() == 1) break;
            range = pieces[random.below(pieces.size())];
        }
        EXPECT_EQ(holding.tree.cut(range, 16).size(), 1u);
        EXPECT_LE(holding.tokens(range).size(), 8u);
    }
}

TEST(BucketTreeTest, ManyKeysOfOneTokenAreOneBucket) {
    BucketTree tree(10);
    tree.begin(everything);
    const TokenSum crowded{123, Sum{1, 0}, 1'000'000, no_expiry};
    tree.learn(everything, {&crowded, 1}, everything.last);
    EXPECT_EQ(tree.known({123, 123}, now).keys, 1'000'000u);
    EXPECT_EQ(tree.known({0, 122}, now).keys, 0u);
    EXPECT_TRUE(tree.known(everything, now).settled);
}

}  // namespace
}  // namespace ashlar::repair
