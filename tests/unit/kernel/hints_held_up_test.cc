// What stands in the way of paying hints: entries and records that cannot be read.
#include <gtest/gtest.h>

#include <algorithm>

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

TEST(HintsHeldUp, RecordsThatCannotBeReadAreTold) {
    Troupe troupe(3);
    troupe.lose({3});
    ASSERT_TRUE(troupe.put(1, "key", "value").ok());
    troupe.run(seconds(1));
    ASSERT_EQ(owed(troupe, 1, 3), 1u);
    troupe.at(1).engine->fail_reads = fail(Code::corrupt, "the checksum of a block does not hold");
    troupe.bring_back(3);
    troupe.run(seconds(10));
    EXPECT_NE(troupe.at(1).node->facts().problem.find("hints cannot be read"), std::string::npos)
        << troupe.at(1).node->facts().problem;
    const auto lines = troupe.at(1).host->log().lines();
    const auto told = std::count_if(lines.begin(), lines.end(), [](const auto& line) {
        return line.second.find("hints cannot be read") != std::string::npos;
    });
    EXPECT_EQ(told, 1) << "once, not at each try";
    troupe.at(1).engine->fail_reads.reset();
    troupe.run(seconds(10));
    EXPECT_EQ(owed(troupe, 1, 3), 0u);
    EXPECT_EQ(troupe.at(1).node->facts().problem, "");
}

TEST(HintsHeldUp, ABlockThatWaitsForPeopleIsToldBesideWhatPassesByItself) {
    port::Limits limits;
    limits.hint_bytes = 40;
    Troupe troupe(Cast{3, 3, "dotted_version_vector", 1, limits});
    troupe.lose({3});
    for (const char* key : {"a", "b", "c"}) ASSERT_TRUE(troupe.put(1, key, Bytes(30, 'x')).ok());
    troupe.at(1).engine->bad = {BadBlock{"file", 7, TokenRange{0, 5}, "flipped"}};
    troupe.run(seconds(3));
    const std::string problem = troupe.at(1).node->facts().problem;
    EXPECT_NE(problem.find("misses writes"), std::string::npos) << problem;
    EXPECT_NE(problem.find("stays as it is, for hints may be in it"), std::string::npos) << problem;
}

}  // namespace
}  // namespace ashlar::test
