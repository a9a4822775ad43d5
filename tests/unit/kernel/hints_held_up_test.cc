// What stands in the way of paying hints: entries and records that cannot be read.
#include <gtest/gtest.h>

#include "troupe.h"

namespace ashlar::test {
namespace {

TEST(HintsHeldUp, OneUnreadableEntryDoesNotHoldUpTheOtherHints) {
    Troupe troupe(3);
    troupe.lose({3});
    for (int i = 0; i < 5; ++i) troupe.put(1, "key-" + std::to_string(i), "value");
    troupe.run(seconds(1));
    ASSERT_EQ(owed(troupe, 1, 3), 5u);
    troupe.at(1).engine->unreadable = "key-2";
    troupe.bring_back(3);
    troupe.run(seconds(15));
    EXPECT_EQ(owed(troupe, 1, 3), 1u);
    EXPECT_EQ(held(troupe, 3, "key-4"), "value");
    troupe.at(1).engine->unreadable.reset();
    troupe.run(seconds(15));
    EXPECT_EQ(owed(troupe, 1, 3), 0u);
    EXPECT_EQ(held(troupe, 3, "key-2"), "value");
}

TEST(HintsHeldUp, HintsOfAnEarlierLifeThatCouldNotBeCountedArePaidAllTheSame) {
    Troupe troupe(3);
    troupe.lose({3});
    for (int i = 0; i < 5; ++i) troupe.put(1, "key-" + std::to_string(i), "value");
    troupe.run(seconds(1));
    ASSERT_EQ(owed(troupe, 1, 3), 5u);
    troupe.at(1).engine->fail_reads = fail(Code::io, "the disk did not answer");
    troupe.at(1).restart();
    troupe.run(seconds(1));
    troupe.at(1).engine->fail_reads.reset();
    EXPECT_EQ(owed(troupe, 1, 3), 0u) << "it does not know";
    troupe.bring_back(3);
    troupe.run(seconds(10));
    EXPECT_EQ(held(troupe, 3, "key-4"), "value") << "nothing was written for it since";
    EXPECT_EQ(owed(troupe, 1, 3), 0u);
}

}  // namespace
}  // namespace ashlar::test
