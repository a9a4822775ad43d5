// The tree against a plain map of what is held: sums of any range, whatever was written, removed, cut or scanned.
#include "repair/bucket_tree.h"

#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "kit/text.h"
#include "random.h"

namespace ashlar::repair {
namespace {

constexpr Keep now{WallTime{1'000}, WallTime{0}};

/// What one replica holds, and the tree over it.
class Holding {
public:
    explicit Holding(std::uint32_t full) : tree(full) {}

    void put(Token token, int value, WallTime expires = no_moment, WallTime forgotten = no_moment) {
        tree.mark(token);
        held_[token] = {token, Content{sum_of(kit::text(token), kit::text(value)), 1, 0, expires, forgotten}};
    }
    void remove(Token token) {
        tree.mark(token);
        held_.erase(token);
    }
    /// The sum of a range, the way a node finds it: what is known, and scans of the rest, `most` tokens at a time.
    Sum sum(TokenRange range, const Keep& keep = now) {
        Sum sum;
        scanned = 0;
        for (;;) {
            BucketTree::Step step = tree.first_of(range, keep);
            EXPECT_EQ(step.tokens.first, range.first);
            EXPECT_LE(step.tokens.last, range.last);
            if (step.known) {
                sum += step.content.sum;
            } else {
                const std::uint32_t begun = tree.begin(step.tokens);
                auto found = tokens(step.tokens, keep);
                Token through = step.tokens.last;
                if (found.size() > most) {
                    found.resize(most);
                    through = found.back().token;
                }
                for (const TokenContent& token : found) sum += token.content.sum;
                scanned += found.size();
                tree.learn(step.tokens, begun, found, through);
                step.tokens.last = through;
            }
            if (step.tokens.last == range.last) return sum;
            range.first = step.tokens.last + 1;
        }
    }
    std::vector<TokenContent> tokens(const TokenRange& range, const Keep& keep = now) const {
        std::vector<TokenContent> out;
        for (auto at = held_.lower_bound(range.first); at != held_.end() && at->first <= range.last; ++at) {
            TokenContent token = at->second;
            if (token.content.forgotten < keep.forget_before) continue;
            if (token.content.expires <= keep.now) token.content = {sum_of("expired", ""), 1, 0, no_moment, no_moment};
            out.push_back(token);
        }
        return out;
    }
    Sum truth(const TokenRange& range, const Keep& keep = now) const {
        Sum sum;
        for (const TokenContent& token : tokens(range, keep)) sum += token.content.sum;
        return sum;
    }
    BucketTree tree;
    std::size_t most = ~std::size_t{0};
    std::size_t scanned = 0;  ///< by the last sum()

private:
    std::map<Token, TokenContent> held_;
};

TokenRange some_range(sim::SeededRandom& random) {
    Token a = random.next(), b = random.next();
    if (random.one_in(4)) b = a + random.below(1'000);
    return {std::min(a, b), std::max(a, b)};
}

TEST(BucketTreeTest, AnEmptyTableIsOneBucketThatNobodyHasLookedAt) {
    BucketTree tree;
    EXPECT_FALSE(tree.first_of(whole_circle, now).known);
    EXPECT_EQ(tree.first_of(whole_circle, now).tokens, whole_circle);
    tree.learn(whole_circle, tree.begin(whole_circle), {}, whole_circle.last);
    EXPECT_TRUE(tree.first_of(whole_circle, now).known);
    EXPECT_EQ(tree.first_of(whole_circle, now).content.sum, Sum{});
    EXPECT_FALSE(tree.first_of({5, 9}, now).known) << "a piece of a bucket is always scanned";
}

TEST(BucketTreeTest, AnyRangeIsTheSumOfItsBucketsAndPieces) {
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
        SCOPED_TRACE(seed);
        sim::SeededRandom random(seed);
        const auto full = static_cast<std::uint32_t>(4 + random.below(60));
        Holding holding(full);
        if (random.one_in(2)) holding.most = full + 1 + random.below(200);
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
            for (int i = 0; i < 20; ++i) {
                const TokenRange range = i == 10 ? whole_circle : some_range(random);
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
        if (i % 100 == 0) fine.sum(whole_circle);
    }
    EXPECT_EQ(fine.sum(whole_circle), coarse.sum(whole_circle));
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
    holding.sum(whole_circle);
    EXPECT_EQ(holding.scanned, 20'000u) << "one scan cuts as deep as it must";
    holding.put(42, 1);
    holding.put(43, 1);
    EXPECT_EQ(holding.sum(whole_circle), holding.truth(whole_circle));
    EXPECT_LE(holding.scanned, 102u);
    holding.sum(whole_circle);
    EXPECT_EQ(holding.scanned, 0u);
}

TEST(BucketTreeTest, WhatIsWrittenDuringAScanIsNotKnown) {
    Holding holding(100);
    holding.put(1, 1);
    const std::uint32_t begun = holding.tree.begin(whole_circle);
    const auto seen = holding.tokens(whole_circle);
    holding.put(2, 1);
    holding.tree.learn(whole_circle, begun, seen, whole_circle.last);
    EXPECT_FALSE(holding.tree.first_of(whole_circle, now).known);
    EXPECT_EQ(holding.sum(whole_circle), holding.truth(whole_circle));
}

TEST(BucketTreeTest, AnOlderScanIsNotTakenForANewerOne) {
    Holding holding(100);
    holding.put(1, 1);
    const std::uint32_t older = holding.tree.begin(whole_circle);
    const auto before = holding.tokens(whole_circle);
    holding.put(2, 1);
    const std::uint32_t newer = holding.tree.begin(whole_circle);
    holding.tree.learn(whole_circle, older, before, whole_circle.last);
    EXPECT_FALSE(holding.tree.first_of(whole_circle, now).known);
    holding.tree.learn(whole_circle, newer, holding.tokens(whole_circle), whole_circle.last);
    EXPECT_EQ(holding.tree.first_of(whole_circle, now).content.sum, holding.truth(whole_circle));
}

TEST(BucketTreeTest, AnExpiryAndAPermitToForgetMakeTheirBucketsStale) {
    Holding holding(4);
    sim::SeededRandom random(3);
    for (int i = 0; i < 100; ++i) holding.put(random.next(), i);
    holding.put(77, 1, WallTime{5'000});
    holding.put(~Token{77}, 1, no_moment, WallTime{600});
    holding.sum(whole_circle);
    auto scanned = [&](const Keep& keep) {
        EXPECT_EQ(holding.sum(whole_circle, keep), holding.truth(whole_circle, keep));
        return holding.scanned;
    };
    EXPECT_EQ(scanned({WallTime{4'999}, WallTime{600}}), 0u);
    EXPECT_GT(scanned({WallTime{5'000}, WallTime{600}}), 0u);
    EXPECT_EQ(scanned({WallTime{9'000}, WallTime{600}}), 0u);
    const Sum before = holding.truth(whole_circle, {WallTime{9'000}, WallTime{600}});
    (void)scanned({WallTime{9'000}, WallTime{601}});
    EXPECT_NE(holding.truth(whole_circle, {WallTime{9'000}, WallTime{601}}), before);
    EXPECT_EQ(scanned({WallTime{9'000}, WallTime{700}}), 0u);
}

TEST(BucketTreeTest, BucketsOfATableThatWasEmptiedBecomeOne) {
    Holding holding(8);
    sim::SeededRandom random(5);
    std::vector<Token> tokens;
    for (int i = 0; i < 2000; ++i) holding.put(tokens.emplace_back(random.next()), i);
    holding.sum(whole_circle);
    EXPECT_GT(holding.tree.buckets(), 200u);
    for (Token token : tokens) holding.remove(token);
    holding.sum(whole_circle);
    EXPECT_EQ(holding.tree.buckets(), 1u);
    for (Token token : tokens) holding.put(token, 1);
    EXPECT_EQ(holding.sum(whole_circle), holding.truth(whole_circle));
}

TEST(BucketTreeTest, CutsCoverTheRangeOnceAndNarrowDownToABucket) {
    Holding holding(8);
    sim::SeededRandom random(9);
    for (int i = 0; i < 5000; ++i) holding.put(random.next(), i);
    holding.sum(whole_circle);
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
    const TokenContent crowded{123, Content{Sum{1, 0}, 1'000'000, 0, no_moment, no_moment}};
    tree.learn(whole_circle, tree.begin(whole_circle), {&crowded, 1}, whole_circle.last);
    EXPECT_EQ(tree.first_of({123, 123}, now).content.keys, 1'000'000u);
    EXPECT_TRUE(tree.first_of(whole_circle, now).known);
}

}  // namespace
}  // namespace ashlar::repair
