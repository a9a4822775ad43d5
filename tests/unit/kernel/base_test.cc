#include <gtest/gtest.h>

#include <map>

#include "base/deadlines.h"
#include "base/repeats.h"
#include "base/seeded_random.h"
#include "base/slab.h"

namespace ashlar::base {
namespace {

struct Tenant {
    int value = 0;
    void clear() { value = 0; }
};

TEST(Slab, AnIdFindsItsOwnTenantOnly) {
    Slab<Tenant> slab;
    SlotId first = slab.take();
    slab.find(first)->value = 7;
    slab.give_back(first);
    EXPECT_EQ(slab.find(first), nullptr);
    SlotId second = slab.take();
    EXPECT_EQ(second.index, first.index) << "the slot is used again";
    EXPECT_NE(second.generation, first.generation);
    EXPECT_EQ(slab.find(second)->value, 0);
    EXPECT_EQ(slab.find(first), nullptr);
    slab.give_back(first);
    EXPECT_EQ(slab.used(), 1u) << "a stale id gives nothing back";
    EXPECT_EQ(slab.find(SlotId{}), nullptr);
    EXPECT_EQ(slab.tenant(second.index), second);
}

TEST(Repeats, SaysEachProblemOnceAndAgainWhenItChangesOrLasts) {
    Repeats repeats;
    const Instant begin{1'000'000};
    EXPECT_EQ(repeats.say("n1", "is down", begin), "is down");
    for (int i = 0; i < 500; ++i) EXPECT_FALSE(repeats.say("n1", "is down", begin + milliseconds(i)));
    EXPECT_EQ(repeats.say("n2", "is down", begin), "is down") << "another topic";
    EXPECT_EQ(repeats.say("n1", "is back", begin + seconds(1)), "is back (500 other times meanwhile)");
    EXPECT_FALSE(repeats.say("n1", "is back", begin + seconds(59)));
    EXPECT_EQ(repeats.say("n1", "is back", begin + seconds(61)), "is back (1 more times meanwhile)");
    repeats.forget("n1");
    EXPECT_EQ(repeats.say("n1", "is back", begin + seconds(61)), "is back");
}

TEST(Repeats, WhoeverChoosesTheWordsGetsFewLinesAndLittleMemory) {
    Repeats repeats;
    std::size_t lines = 0;
    for (int i = 0; i < 1000; ++i) lines += repeats.say("n1", std::to_string(i), Instant{i}).has_value() ? 1 : 0;
    EXPECT_EQ(lines, Repeats::changes_max);
    for (int i = 0; i < 10'000; ++i) lines += repeats.say(std::to_string(i), "x", Instant{i}).has_value() ? 1 : 0;
    EXPECT_LE(repeats.size(), Repeats::topics_max + 1);
    EXPECT_LE(lines, Repeats::topics_max + 2 * Repeats::changes_max);
    EXPECT_TRUE(repeats.say("new", "x", Instant{seconds(61).us})) << "old topics make room";
}

TEST(Deadlines, AgreeWithASortedMap) {
    SeededRandom random(3);
    Deadlines deadlines;
    std::map<std::uint32_t, Instant> model;
    for (int i = 0; i < 20'000; ++i) {
        auto slot = static_cast<std::uint32_t>(random.below(50));
        if (random.below(3) == 0) {
            deadlines.clear(slot);
            model.erase(slot);
        } else {
            Instant when{static_cast<std::int64_t>(random.below(1000))};
            deadlines.set(slot, when);
            model[slot] = when;
        }
        ASSERT_EQ(deadlines.empty(), model.empty());
        if (model.empty()) continue;
        Instant earliest = model.begin()->second;
        for (const auto& [other, when] : model) earliest = std::min(earliest, when);
        ASSERT_EQ(deadlines.earliest(), earliest);
        EXPECT_FALSE(deadlines.take_due(Instant{earliest.us - 1}).has_value());
        if (random.below(4) != 0) continue;
        auto due = deadlines.take_due(earliest);
        ASSERT_TRUE(due.has_value());
        ASSERT_EQ(model.at(*due), earliest);
        model.erase(*due);
    }
}

TEST(SeededRandom, TheSameNumbersEverywhere) {
    SeededRandom random(1);
    // Pinned: other numbers would make every seed on record mean another run.
    EXPECT_EQ(random.next(), 0xb3f2af6d0fc710c5u);
    EXPECT_EQ(random.next(), 0x853b559647364ceau);
}

}  // namespace
}  // namespace ashlar::base
