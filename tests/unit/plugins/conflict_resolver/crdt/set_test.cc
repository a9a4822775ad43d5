// Sets: what is added meanwhile stays, what was seen goes, and what a removal leaves behind.
#include <algorithm>

#include "crdt_stage.h"

namespace ashlar::crdt {
namespace {

class Sets : public CrdtStage {};

TEST_F(Sets, OfASetAnElementAddedMeanwhileStays) {
    const Bytes start = apply("", 1, Steps().add("milk").add("eggs"));
    EXPECT_EQ(value(start), R"(["eggs","milk"])");
    const Bytes without = apply(start, 1, Steps().remove("milk"));
    EXPECT_EQ(value(without), R"(["eggs"])");
    EXPECT_EQ(value(join(start, without)), R"(["eggs"])") << "an older copy brings nothing back";
    const Bytes again = apply(start, 2, Steps().add("milk"));
    EXPECT_EQ(value(join(without, again)), R"(["eggs","milk"])") << "add wins";
    const Bytes both = apply(join(without, again), 3, Steps().remove("milk").remove("nothing"));
    EXPECT_EQ(value(join(both, again)), R"(["eggs"])");
}

TEST_F(Sets, ARemovalWithAContextTakesOnlyWhatWasSeen) {
    const Bytes start = apply("", 1, Steps().add("milk"));
    const Bytes seen = context_of(start);
    const Bytes again = apply(start, 2, Steps().add("milk"));
    const Bytes drop = Steps().remove("milk").bytes();
    EXPECT_EQ(value(made(again, change(3, drop, seen))), R"(["milk"])");
    EXPECT_EQ(values(made(again, change(3, drop))), std::vector<std::string>{});
}

TEST_F(Sets, ASetThatBecameEmptyIsATombstoneThatIsForgotten) {
    Bytes entry = apply("", 1, Steps().add("milk"));
    entry = apply(entry, 1, Steps().remove("milk"));
    EXPECT_TRUE(values(entry).empty());
    EXPECT_EQ(*resolver.settle(entry, Keep{WallTime{wall_ + 10}, WallTime{wall_ + 5}}), "");
    EXPECT_EQ(value(apply(entry, 2, Steps().increment(3))), "3") << "another kind may begin there";
}

TEST_F(Sets, WhatATakenElementLeavesDoesNotPileUpAndIsNeverOverTheLimit) {
    Steps many;
    for (int i = 0; i < 40; ++i) many.add(std::to_string(i));
    const Bytes start = apply("", 1, many);
    Bytes entry = start;
    for (int i = 1; i < 40; ++i) {
        entry = apply(entry, static_cast<std::uint64_t>(i % 3 + 1), Steps().remove(std::to_string(i)));
        Reading reading;
        ASSERT_TRUE(resolver.read(entry, WallTime{wall_}, reading));
        ASSERT_EQ(reading.versions.size(), 2u) << "the set, and the last removal";
    }
    EXPECT_EQ(value(entry), R"(["0"])");
    const Crdt full(start.size());
    const Bytes take = Steps().remove("7").bytes(), add = Steps().add("another").bytes();
    EXPECT_FALSE(full.update(start, change(2, add)));
    EXPECT_TRUE(full.update(start, change(2, take))) << "the way out, though its tombstone is larger than the element";
}

TEST_F(Sets, BytesOfAnyKindAreElements) {
    const Bytes entry = apply("", 1, Steps().add(View("\xff\x00", 2)).add("say \"hi\"\n").add(""));
    EXPECT_EQ(value(entry), R"(["","say \"hi\"\u000a",{"base64":"/wA="}])");
}

TEST_F(Sets, ALargeSetIsChangedAndJoined) {
    Bytes a, b;
    for (int batch = 0; batch < 50; ++batch) {
        Steps odd, even;
        for (int i = 0; i < 100; ++i) {
            odd.add("element " + std::to_string(batch * 200 + i * 2 + 1));
            even.add("element " + std::to_string(batch * 200 + i * 2));
        }
        a = apply(a, 1, odd);
        b = apply(b, 2, even);
    }
    const std::string all = value(join(a, b));
    EXPECT_EQ(std::count(all.begin(), all.end(), ','), 9999);
}

}  // namespace
}  // namespace ashlar::crdt
