// What only vector clocks do: count per key, prune in update, and say so.
#include "vector_clock.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "clock.h"
#include "history.h"
#include "random.h"

namespace {

using namespace ashlar;
using contract::History;

Actor node(std::uint64_t id) {
    return Actor{NodeId{id}, 1, 0};
}

class Clocks : public testing::Test {
protected:
    Bytes put(View held, std::uint64_t by, View value, View context) {
        Change change;
        change.value = value;
        ++wall_;
        change.dot = Dot{node(by), 1'000'000 + static_cast<std::uint64_t>(wall_)};  // its counter must not matter
        change.context = context;
        change.wall = WallTime{wall_};
        Result<Bytes> made = resolver_.update(held, change);
        EXPECT_TRUE(made) << made.error().detail;
        return made ? *made : Bytes();
    }
    /// Reads the key and writes it anew.
    Bytes over(View held, std::uint64_t by, View value) { return put(held, by, value, read(held).context); }
    Reading read(View entry) {
        Reading reading;
        EXPECT_TRUE(resolver_.read(entry, WallTime{0}, reading));
        return reading;
    }
    kit::CausalContext past(View entry) {
        return vector_clock::Clock::decode(kit::open_entry(entry)->versions.front().extra)->past;
    }

    vector_clock::VectorClock resolver_{3};
    std::int64_t wall_ = 0;
};

TEST_F(Clocks, TheNotesExample) {
    // D1([Sx,1]) -> D2([Sx,2]) -> D3([Sx,2],[Sy,1]) and D4([Sx,2],[Sz,1]) -> D5([Sx,3],[Sy,1],[Sz,1])
    const Bytes d1 = put("", 1, "D1", "");
    const Bytes d2 = over(d1, 1, "D2");
    EXPECT_EQ(read(d2).versions[0].dot, (Dot{node(1), 2}));
    const Bytes d3 = over(d2, 2, "D3"), d4 = over(d2, 3, "D4");
    EXPECT_EQ(read(d3).versions[0].dot, (Dot{node(2), 1}));
    const Bytes both = *resolver_.join(d3, d4);
    EXPECT_EQ(read(both).values, 2u);
    const Bytes d5 = over(both, 1, "D5");
    EXPECT_EQ(read(d5).values, 1u);
    EXPECT_EQ(read(d5).versions[0].dot, (Dot{node(1), 3}));
    EXPECT_EQ(past(d5).of(node(2))->base, 1u);
    EXPECT_EQ(past(d5).of(node(3))->base, 1u);
}

TEST_F(Clocks, TheOldestPairGoesFirstAndTheClockSaysSo) {
    Bytes entry = put("", 1, "v", "");
    for (std::uint64_t by : {2u, 3u}) entry = over(entry, by, "v");
    EXPECT_FALSE(read(entry).truncated);
    entry = over(entry, 1, "v");  // node 1 is young again, so 2 is the oldest
    entry = over(entry, 4, "v");
    EXPECT_TRUE(read(entry).truncated);
    EXPECT_EQ(past(entry).of(node(2)), nullptr);
    EXPECT_NE(past(entry).of(node(1)), nullptr);
    EXPECT_NE(past(entry).of(node(3)), nullptr);
    EXPECT_TRUE(resolver_.check(entry));
}

TEST_F(Clocks, ADroppedWriterNeverUsesACounterTwice) {
    Bytes entry = put("", 1, "v", "");
    for (int i = 0; i < 6; ++i) entry = over(entry, 1, "v");  // [1,7]
    for (std::uint64_t by : {2u, 3u, 4u, 5u}) entry = over(entry, by, "v");
    ASSERT_EQ(past(entry).of(node(1)), nullptr);
    const Bytes again = over(entry, 1, "v");
    EXPECT_GT(read(again).versions[0].dot.counter, 7u);
    // The mark travels with contexts, so it holds for a node that never saw the pruned clock.
    const Bytes elsewhere = put("", 1, "v", read(entry).context);
    EXPECT_GT(read(elsewhere).versions[0].dot.counter, 7u);
}

TEST_F(Clocks, PairsOfReplacedVersionsAreKept) {
    Bytes siblings = put("", 1, "a", "");
    for (std::uint64_t by : {2u, 3u, 4u, 5u}) siblings = *resolver_.join(siblings, put("", by, "b", ""));
    const Bytes merged = over(siblings, 6, "all");
    EXPECT_EQ(read(merged).values, 1u);
    EXPECT_EQ(*resolver_.join(siblings, merged), merged) << "what was replaced must not come back at once";
}

TEST_F(Clocks, SeeingAVersionIsSeeingItsPast) {
    const Bytes old = put("", 1, "old", ""), current = over(old, 2, "current");
    kit::CausalContext only_the_dot;
    only_the_dot.add({node(2), 1});
    const Bytes next = put(current, 3, "next", only_the_dot.encoded());
    EXPECT_EQ(*resolver_.join(next, old), next);
}

TEST_F(Clocks, MalformedClocksAreRefused) {
    const Bytes entry = over(put("", 1, "a", ""), 2, "b");
    auto parts = *kit::open_entry(entry);
    Bytes extra(parts.versions[0].extra);
    auto with_extra = [&](View bytes) {
        parts.versions[0].extra = bytes;
        return kit::write_entry(parts.head, parts.context, parts.versions);
    };
    EXPECT_TRUE(resolver_.check(with_extra(extra)));
    EXPECT_FALSE(resolver_.check(with_extra(View(extra).substr(0, extra.size() - 1))));
    EXPECT_FALSE(resolver_.check(with_extra("")));
    vector_clock::Clock clock = *vector_clock::Clock::decode(extra);
    clock.past.add({node(2), 1});
    clock.grown.push_back(WallTime{1});
    EXPECT_FALSE(resolver_.check(with_extra(clock.encoded()))) << "a version that has seen itself";
    kit::CausalContext nobodys;
    nobodys.add({Actor{}, 5});
    Change change;
    change.dot = {node(1), 1};
    const Bytes context = nobodys.encoded();
    change.context = context;
    EXPECT_FALSE(resolver_.update(entry, change)) << "dropped pairs leave one counter, no dots";
}

TEST_F(Clocks, PruningAddsSiblingsAndLosesNothing) {
    bool came_back = false;
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
        History history(resolver_, History::Rule::superset, seed, 7);
        for (int i = 0; i < 250 && history.complaint().empty(); ++i) history.step();
        EXPECT_TRUE(history.converge()) << "seed " << seed;
        ASSERT_EQ(history.complaint(), "") << "seed " << seed;
        sim::SeededRandom random(seed);
        for (int i = 0; i < 50; ++i) {
            const Bytes &a = history.pool()[random.below(history.pool().size())],
                        &b = history.pool()[random.below(history.pool().size())];
            const Bytes ab = *resolver_.join(a, b);
            ASSERT_EQ(ab, *resolver_.join(b, a));
            ASSERT_EQ(*resolver_.join(ab, ab), ab);
            // Joining a again may bring back what only a forgotten pair of it had replaced, and takes nothing away.
            const Bytes again = *resolver_.join(ab, a);
            const Reading before = read(ab), after = read(again);
            for (const Version& v : before.versions)
                ASSERT_TRUE(std::any_of(after.versions.begin(), after.versions.end(),
                                        [&](const Version& w) { return w.dot == v.dot; }));
            came_back = came_back || read(a).truncated;
        }
    }
    EXPECT_TRUE(came_back) << "these histories prune";
}

}  // namespace
