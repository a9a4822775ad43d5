// swim: whose turn it is, how long it waits, and when it doubts itself rather than others.
#include "swim.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <set>

namespace {

using namespace ashlar;
using namespace ashlar::swim;

class Chance final : public Random {
public:
    std::uint64_t next() noexcept override {
        state_ = state_ * 6364136223846793005u + 1442695040888963407u;
        return state_ >> 20;
    }

private:
    std::uint64_t state_ = 42;
};

TEST(TurnsTest, EveryPeerHasItsTurnWithinTwoRoundsAndOnceInEach) {
    Chance chance;
    Turns turns(chance);
    EXPECT_EQ(turns.next(), NodeId{});
    for (std::uint64_t i = 1; i <= 9; ++i) turns.add(NodeId{i});
    std::map<NodeId, int> last;
    std::set<std::vector<NodeId>> orders;
    int now = 0;
    for (int round = 0; round < 100; ++round) {
        std::vector<NodeId> order;
        for (int k = 0; k < 9; ++k) {
            order.push_back(turns.next());
            const auto before = last.find(order.back());
            if (before != last.end()) {
                EXPECT_LE(now - before->second, 2 * 9 - 1);
            }
            last[order.back()] = now++;
        }
        EXPECT_EQ(std::set<NodeId>(order.begin(), order.end()).size(), 9u);
        orders.insert(order);
    }
    EXPECT_GT(orders.size(), 90u) << "shuffled";
}

TEST(TurnsTest, ComingAndGoingDisturbsNobodysTurn) {
    Chance chance;
    Turns turns(chance);
    for (std::uint64_t i = 1; i <= 5; ++i) turns.add(NodeId{i});
    const NodeId first = turns.next(), second = turns.next();
    turns.remove(first);
    turns.remove(first);
    turns.add(NodeId{6});
    std::set<NodeId> rest;
    for (int i = 0; i < 4; ++i) rest.insert(turns.next());
    EXPECT_EQ(rest.size(), 4u);
    EXPECT_FALSE(rest.contains(first));
    EXPECT_FALSE(rest.contains(second));
    EXPECT_TRUE(rest.contains(NodeId{6}));
}

TEST(PatienceTest, GrowsWithTheClusterAndDoubtAndShrinksWithConfirmations) {
    const Rules rules;
    EXPECT_EQ(log2_milli(4), 2000);
    EXPECT_EQ(log2_milli(1024), 10'000);
    EXPECT_EQ(log2_milli(2), log2_milli(3));
    for (std::size_t n = 3; n < 2000; ++n) EXPECT_LE(log2_milli(n), log2_milli(n + 1));
    EXPECT_EQ(patience(rules, 2, 0, 0), seconds(6)) << "four nodes: two others are too few to wait for";
    EXPECT_EQ(patience(rules, 2, 0, 2), seconds(18));
    EXPECT_EQ(patience(rules, 6, 0, 0), seconds(27));
    EXPECT_EQ(patience(rules, 6, 1, 0), seconds(18));
    EXPECT_EQ(patience(rules, 6, 3, 0), seconds(9));
    EXPECT_EQ(patience(rules, 6, 60, 0), seconds(9));
}

class SwimTest : public testing::Test {
protected:
    void watch(std::uint64_t peers) {
        for (std::uint64_t i = 0; i < peers; ++i) swim_.watch(NodeId{10 + i}, 1, now_);
    }
    /// Lets `helpers` say so much about a probe nobody answered, and returns how long the suspect is given.
    Duration patience_when(const std::function<void(const Probe&)>& helpers) {
        NodeId target;
        for (int i = 0; i < 100 && swim_.suspicion(target, now_).state != PeerState::suspect; ++i) {
            for (const Probe& probe : swim_.due(now_)) {
                if (target == NodeId{}) target = probe.target;
                if (probe.target != target)
                    swim_.heard(probe.target, Evidence{Channel::probe, true, NodeId{1}, 0, milliseconds(1)}, now_);
                else if (!probe.helpers.empty())
                    helpers(probe);
            }
            now_ = now_ + milliseconds(100);
        }
        const Instant from = now_;
        Instant then = now_;
        while (swim_.suspicion(target, then).state != PeerState::down && then - from < seconds(1000))
            then = then + milliseconds(100);
        return then - from;
    }

    Chance chance_;
    Swim swim_{Rules{}, chance_};
    Instant now_{0};
};

TEST_F(SwimTest, HelpersThatHeardNothingEitherVouchForOurEars) {
    watch(3);
    const Duration vouched = patience_when([&](const Probe& probe) {
        EXPECT_EQ(probe.helpers.size(), 2u);
        for (NodeId helper : probe.helpers)
            swim_.heard(probe.target, Evidence{Channel::indirect, false, helper, 0, {}}, now_);
    });
    EXPECT_NEAR(static_cast<double>(vouched.us), 6e6, 2e5);
}

TEST_F(SwimTest, HelpersThatAreSilentMakeItDoubtItself) {
    watch(3);
    const Duration doubted = patience_when([](const Probe&) {});
    EXPECT_NEAR(static_cast<double>(doubted.us), 12e6, 2e5);
}

TEST_F(SwimTest, StrangersCannotVouch) {
    watch(3);
    const Duration doubted = patience_when([&](const Probe& probe) {
        for (std::uint64_t i = 0; i < 9; ++i)
            swim_.heard(probe.target, Evidence{Channel::indirect, false, NodeId{900 + i}, 0, {}}, now_);
    });
    EXPECT_NEAR(static_cast<double>(doubted.us), 12e6, 2e5);
}

TEST_F(SwimTest, HelpersAreOthersThatAreNotSuspect) {
    watch(6);
    std::size_t asked = 0;
    for (int i = 0; i < 3000; ++i) {
        now_ = now_ + milliseconds(100);
        for (const Probe& probe : swim_.due(now_)) {
            EXPECT_LE(probe.helpers.size(), 3u);
            EXPECT_EQ(std::count(probe.helpers.begin(), probe.helpers.end(), probe.target), 0);
            EXPECT_EQ(std::set<NodeId>(probe.helpers.begin(), probe.helpers.end()).size(), probe.helpers.size());
            for (NodeId helper : probe.helpers) EXPECT_EQ(swim_.suspicion(helper, now_).state, PeerState::alive);
            asked += probe.helpers.size();
            if (probe.target.value % 2 == 0)
                swim_.heard(probe.target, Evidence{Channel::probe, true, NodeId{1}, 0, milliseconds(1)}, now_);
        }
    }
    EXPECT_GT(asked, 0u);
}

TEST_F(SwimTest, AHelpersAnswerRefutes) {
    watch(2);
    const NodeId cut_off{10}, helper{11};
    for (int i = 0; i < 600; ++i) {
        now_ = now_ + milliseconds(100);
        for (const Probe& probe : swim_.due(now_))
            if (probe.target == helper || !probe.helpers.empty())
                swim_.heard(probe.target,
                            Evidence{probe.helpers.empty() ? Channel::probe : Channel::indirect, true, helper, 0, {}},
                            now_);
        ASSERT_NE(swim_.suspicion(cut_off, now_).state, PeerState::down);
    }
    EXPECT_EQ(swim_.suspicion(cut_off, now_).state, PeerState::suspect) << "we cannot use it, though it lives";
    EXPECT_EQ(swim_.suspicion(cut_off, now_).against, (std::vector<Channel>{Channel::gossip, Channel::probe}));
    EXPECT_EQ(swim_.suspicion(helper, now_).state, PeerState::alive);
}

TEST_F(SwimTest, ForAReasonItProbesAtOnce) {
    watch(200);
    const NodeId accused{77};
    const std::vector<Evidence> reasons{Evidence{Channel::data_path, false, NodeId{1}, 0, {}},
                                        Evidence{Channel::word, false, NodeId{20}, 0, {}}};
    for (const Evidence& reason : reasons) {
        swim_.heard(accused, reason, now_);
        now_ = now_ + seconds(1);
        bool probed = false;
        for (const Probe& probe : swim_.due(now_)) {
            probed = probed || probe.target == accused;
            swim_.heard(probe.target, Evidence{Channel::probe, true, NodeId{1}, 0, milliseconds(1)}, now_);
        }
        EXPECT_TRUE(probed);
    }
}

TEST_F(SwimTest, AMassDeathIsProbedAFewAtATime) {
    watch(500);
    std::size_t most = 0;
    for (int i = 0; i < 600; ++i) {
        now_ = now_ + milliseconds(100);
        std::size_t direct = 0;
        for (const Probe& probe : swim_.due(now_)) direct += probe.helpers.empty() ? 1 : 0;
        most = std::max(most, direct);
    }
    EXPECT_LE(most, 2 * (probes_max + 1)) << "new ones, and those asked again for want of helpers";
    EXPECT_GT(most, 1u);
}

}  // namespace
