// The bookkeeping of kit/testimony.h that the contract suite cannot see: usual times, and when a way is shut.
#include "kit/testimony.h"

#include <gtest/gtest.h>

namespace {

using namespace ashlar;

Instant at(std::int64_t second) {
    return Instant{seconds(second).us};
}

TEST(UsualTest, FollowsTheAnswers) {
    kit::Usual usual;
    for (int i = 0; i < 31; ++i) usual.take(milliseconds(2));
    EXPECT_FALSE(usual.known());
    usual.take(milliseconds(2));
    EXPECT_TRUE(usual.known());
    EXPECT_EQ(usual.value(), milliseconds(2));
    for (int i = 0; i < 200; ++i) usual.take(milliseconds(4));
    EXPECT_NEAR(static_cast<double>(usual.value().us), 4000, 20);
    usual.take(seconds(1'000'000'000));
    EXPECT_LE(usual.value(), seconds(3600));
}

TEST(PaceTest, OneSlowAnswerInFiveIsNotSlow) {
    kit::Pace pace;
    for (int i = 0; i < 1000; ++i) {
        pace.take(i % 5 == 0 ? seconds(1) : milliseconds(1), milliseconds(100), at(i));
        EXPECT_FALSE(pace.slow());
    }
    for (int i = 0; i < 5; ++i) pace.take(seconds(1), milliseconds(100), at(2000 + i));
    EXPECT_TRUE(pace.slow());
    EXPECT_EQ(pace.since(), at(2004));
    EXPECT_LT(pace.slow_from({}, 1, {}), milliseconds(2)) << "slow answers teach nothing";
}

TEST(TestimonyTest, AWayIsShutByFailuresWhileThePeerIsHeard) {
    kit::Testimony said(at(0));
    std::uint64_t heartbeat = 0;
    auto second = [&](std::int64_t s, bool gossip) {
        said.take(Evidence{Channel::data_path, false, {}, 0, {}}, at(s));
        if (gossip) said.take(Evidence{Channel::gossip, true, {}, ++heartbeat, {}}, at(s));
    };
    for (int s = 1; s <= 100; ++s) second(s, false);
    said.take(Evidence{Channel::gossip, true, {}, ++heartbeat, {}}, at(100));
    EXPECT_FALSE(said.shut(seconds(5), at(100))) << "what failed while it was silent says nothing about the way";
    for (int s = 101; s <= 105; ++s) second(s, true);
    EXPECT_EQ(said.shut(seconds(5), at(105)), at(105));
    EXPECT_TRUE(said.shut(seconds(5), at(1000))) << "silent since";
    said.take(Evidence{Channel::gossip, true, {}, ++heartbeat, {}}, at(106));
    EXPECT_TRUE(said.shut(seconds(5), at(114)));
    EXPECT_FALSE(said.shut(seconds(5), at(115))) << "nobody has tried it for long";
}

TEST(TestimonyTest, MoreAccusersThanCanMatterAreNotKept) {
    kit::Testimony said(at(0));
    for (std::uint64_t i = 1; i <= 1000; ++i) said.take(Evidence{Channel::word, false, NodeId{i}, 0, {}}, at(1));
    EXPECT_EQ(said.accusers(seconds(10), at(2)), kit::Testimony::accusers_max);
    EXPECT_EQ(said.accusers(seconds(10), at(11)), 0u);
}

}  // namespace
