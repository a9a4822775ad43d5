// What only last-write-wins does: order by stamp, and stamp a write that saw another after it.
#include "last_write_wins.h"

#include <gtest/gtest.h>

#include <limits>

namespace {

using namespace ashlar;

class Latest : public testing::Test {
protected:
    Change put(View value, std::uint64_t node, std::uint64_t counter, std::int64_t wall) {
        Change change;
        change.value = value;
        change.dot = Dot{Actor{NodeId{node}, 1, 0}, counter};
        change.wall = WallTime{wall};
        return change;
    }
    Bytes made(const Change& change, View held = {}) { return *resolver_.update(held, change); }
    std::string winner(View a, View b) {
        const Bytes joined = *resolver_.join(a, b);
        Reading reading;
        EXPECT_TRUE(resolver_.read(joined, WallTime{0}, reading));
        EXPECT_EQ(reading.versions.size(), 1u);
        return reading.values == 1 ? std::string(reading.versions[0].value) : "nothing";
    }
    last_write_wins::LastWriteWins resolver_;
};

TEST_F(Latest, WallThenActorThenCounterDecide) {
    EXPECT_EQ(winner(made(put("late", 1, 1, 20)), made(put("early", 9, 9, 10))), "late");
    EXPECT_EQ(winner(made(put("low", 1, 9, 10)), made(put("high", 2, 1, 10))), "high");
    EXPECT_EQ(winner(made(put("first", 1, 1, 10)), made(put("second", 1, 2, 10))), "second");
}

TEST_F(Latest, NeverNeedsWhatIsHeld) {
    Change change = put("a", 1, 1, 10);
    EXPECT_FALSE(resolver_.needs_held(change));
    change.context = "\x01";
    EXPECT_FALSE(resolver_.needs_held(change));
}

TEST_F(Latest, ATombstoneTakesPart) {
    Change removal = put("", 1, 2, 20);
    removal.remove = true;
    EXPECT_EQ(winner(made(put("value", 2, 1, 10)), made(removal)), "nothing");
    EXPECT_EQ(winner(made(put("value", 2, 1, 30)), made(removal)), "value");
}

TEST_F(Latest, AWriteThatSawAnotherIsStampedAfterItThoughItsClockIsBehind) {
    const Bytes ahead = made(put("ahead", 1, 1, 5000));
    Reading reading;
    ASSERT_TRUE(resolver_.read(ahead, WallTime{0}, reading));
    Change change = put("after", 2, 1, 1000);
    EXPECT_EQ(winner(made(change, ahead), ahead), "ahead") << "it did not say that it saw it";
    change.context = reading.context;
    EXPECT_EQ(winner(made(change, ahead), ahead), "after");
    const Bytes end = made(put("end", 1, 1, std::numeric_limits<std::int64_t>::max()));
    EXPECT_EQ(winner(made(change, end), end), "end") << "there is no later stamp";
}

TEST_F(Latest, AnotherContextThanTheOwnDotIsRefused) {
    kit::StoredVersion version;
    version.dot = {Actor{NodeId{1}, 1, 0}, 5};
    kit::CausalContext context;
    context.raise(version.dot.actor, 5);
    EXPECT_FALSE(resolver_.check(kit::write_entry(last_write_wins::head, context, std::span(&version, 1))));
    EXPECT_TRUE(resolver_.check(kit::write_single(last_write_wins::head, version)));
}

}  // namespace
