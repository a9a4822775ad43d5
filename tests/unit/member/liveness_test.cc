// Who is thought alive, suspect or down, and by whom.
#include <gtest/gtest.h>

#include "town.h"

namespace ashlar::test {
namespace {

/// The heartbeat plugin's down_after, two rounds with their jitter, and a tick.
constexpr Duration promised = seconds(10) + milliseconds(2200) + milliseconds(250);

bool down_at_all(Town& town, std::uint64_t nodes, std::uint64_t dead) {
    for (std::uint64_t node = 1; node <= nodes; ++node)
        if (!town.at(node).dead && town.at(node).state(dead) != PeerState::down) return false;
    return true;
}

/// Whether some node that lives finds another down.
bool somebody_down(Town& town, std::uint64_t nodes) {
    for (std::uint64_t dead = 1; dead <= nodes; ++dead)
        for (std::uint64_t node = 1; node <= nodes; ++node)
            if (town.at(node).knows(dead) && town.at(node).state(dead) == PeerState::down) return true;
    return false;
}

TEST(Liveness, OneselfIsAliveAndAStrangerIsDown) {
    Town town(31);
    town.move_in(1);
    EXPECT_EQ(town.at(1).state(1), PeerState::alive);
    EXPECT_EQ(town.at(1).state(2), PeerState::down);
    EXPECT_TRUE(town.at(1).members.peer(NodeId{2}, port::Road::link).address.empty());
}

class DeadNode : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(DeadNode, IsDownAtAllInTime) {
    const std::uint64_t nodes = GetParam();
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        Town town(seed);
        town.move_in_up_to(nodes);
        town.run(seconds(10) + milliseconds(static_cast<std::int64_t>(seed) * 97));
        ASSERT_TRUE(town.all_well());
        town.kill(2);
        const auto took = town.until([&] { return down_at_all(town, nodes, 2); }, seconds(60));
        ASSERT_TRUE(took) << "seed " << seed;
        EXPECT_LE(took->us, promised.us) << "seed " << seed;
        EXPECT_GT(took->us, seconds(8).us) << "seed " << seed;
        EXPECT_EQ(town.at(1).lines_with("n2 (0000000000000002) is down, was suspect: silent by gossip").size(), 1u);
        EXPECT_EQ(town.at(1).meter.value("member_down"), 1);
    }
}

// Two: nobody else can accuse it, but gossip and probes agree.
INSTANTIATE_TEST_SUITE_P(Nodes, DeadNode, ::testing::Values(2, 3, 5, 9));

TEST(Liveness, TwoOfThreeThatDieTogetherAreBothDown) {
    Town town(32);
    town.move_in_up_to(3);
    town.run(seconds(10));
    town.kill(1);
    town.kill(3);
    EXPECT_TRUE(town.until([&] { return down_at_all(town, 3, 1) && down_at_all(town, 3, 3); }, promised));
}

TEST(Liveness, WhatOneNodeAloneCannotReachIsSuspectNotDown) {
    Town town(33);
    town.move_in_up_to(4);
    town.run(seconds(10));
    town.cut(2, 1);
    bool suspected = false;
    town.watch = [&] {
        suspected |= town.at(1).state(2) == PeerState::suspect;
        ASSERT_NE(town.at(1).state(2), PeerState::down);
        ASSERT_EQ(town.at(3).state(2), PeerState::alive);
    };
    for (int i = 0; i < 120; ++i) {
        town.at(1).members.data_path(NodeId{2}, false, seconds(1), town.now());
        town.run(seconds(1));
    }
    EXPECT_TRUE(suspected);
    EXPECT_EQ(town.at(1).state(2), PeerState::suspect);
    EXPECT_FALSE(town.at(1).members.healthy(NodeId{2}));
    EXPECT_TRUE(town.at(3).members.healthy(NodeId{2}));
    // Others see who accuses it.
    const auto standings = town.at(3).members.standings();
    EXPECT_EQ(standings[1].entry->node, NodeId{2});
    EXPECT_EQ(standings[1].accusers, std::vector<NodeId>{NodeId{1}});
    EXPECT_EQ(standings[1].own.state, PeerState::alive);
    town.heal();
    town.at(1).members.data_path(NodeId{2}, true, milliseconds(1), town.now());
    EXPECT_TRUE(town.until([&] { return town.all_well(); }, seconds(10)));
}

TEST(Liveness, ADeafNodeCannotHaveOthersCondemned) {
    Town town(34);
    town.move_in_up_to(5);
    town.run(seconds(10));
    for (std::uint64_t node = 2; node <= 5; ++node) town.cut(node, 1);
    town.watch = [&] {
        for (std::uint64_t node = 2; node <= 5; ++node)
            for (std::uint64_t other = 1; other <= 5; ++other) ASSERT_NE(town.at(node).state(other), PeerState::down);
    };
    town.run(seconds(60));
    EXPECT_EQ(town.at(3).members.standings()[1].accusers, std::vector<NodeId>{NodeId{1}});
    town.heal();
    EXPECT_TRUE(town.until([&] { return town.all_well(); }, seconds(10)));
}

TEST(Liveness, ANodeThatReturnsInALaterLifeIsAlive) {
    Town town(35);
    town.move_in_up_to(5);
    town.run(seconds(10));
    town.kill(4);
    ASSERT_TRUE(town.until([&] { return down_at_all(town, 5, 4); }, promised));
    const std::uint64_t changes = town.at(1).members.changes();
    town.move_in(4, 2);
    EXPECT_TRUE(town.until([&] { return town.all_well(); }, seconds(5)));
    EXPECT_GT(town.at(1).members.changes(), changes);
    EXPECT_EQ(town.at(1).lines_with("n4 (0000000000000004) began life 2").size(), 1u);
    // What is still said of its earlier life does not count.
    wire::RosterEntry old = Town::entry(4, 1);
    old.heartbeat = 1'000'000;
    town.whisper(2, 1, 1, wire::GossipDelta{{old}, {}});
    town.watch = [&] { ASSERT_EQ(town.at(1).state(4), PeerState::alive); };
    town.run(seconds(30));
    EXPECT_EQ(town.at(1).members.entry(NodeId{4})->incarnation, 2u);
}

TEST(Liveness, AFifthOfAllMessagesLostCondemnsNobody) {
    for (std::uint64_t seed = 41; seed <= 43; ++seed) {
        Town town(seed);
        town.loss_percent = 20;
        town.move_in_up_to(5);
        town.run(seconds(10));
        town.watch = [&] { ASSERT_FALSE(somebody_down(town, 5)); };
        town.run(seconds(600));
        for (std::uint64_t node = 1; node <= 5; ++node)
            EXPECT_EQ(town.at(node).meter.value("member_condemned"), 0) << "seed " << seed;
    }
}

TEST(Liveness, ANodeThatWasAwayCondemnsNobody) {
    for (Duration away : {seconds(4), seconds(9), seconds(60), seconds(3600)}) {
        Town town(51);
        town.move_in_up_to(5);
        town.run(seconds(10));
        town.pause(2, away);
        town.watch = [&] {
            for (std::uint64_t other = 1; other <= 5; ++other) ASSERT_NE(town.at(2).state(other), PeerState::down);
        };
        town.run(away);
        EXPECT_EQ(town.at(1).state(2), away < seconds(5)    ? PeerState::alive
                                       : away < seconds(10) ? PeerState::suspect
                                                            : PeerState::down);
        EXPECT_TRUE(town.until([&] { return town.all_well(); }, seconds(5)));
        town.run(seconds(30));
        EXPECT_TRUE(town.all_well());
        EXPECT_EQ(town.at(2).meter.value("member_stalls"), 1);
        EXPECT_EQ(town.at(2).lines_with("this node was away for").size(), 1u);
    }
}

TEST(Liveness, WhoDiedWhileANodeWasAwayIsFoundDownLater) {
    Town town(52);
    town.move_in_up_to(4);
    town.run(seconds(10));
    town.pause(2, seconds(20));
    town.run(seconds(1));
    town.kill(3);
    town.run(seconds(19));
    EXPECT_NE(town.at(2).state(3), PeerState::down);
    EXPECT_TRUE(town.until([&] { return down_at_all(town, 4, 3); }, promised));
}

TEST(Liveness, ANodeThatSaysItStopsIsAvoidedAtOnce) {
    Town town(53);
    town.move_in_up_to(3);
    town.run(seconds(10));
    town.at(3).members.self().stopping = true;
    EXPECT_TRUE(town.until(
        [&] { return town.at(1).state(3) == PeerState::suspect && town.at(2).state(3) == PeerState::suspect; },
        seconds(5)));
    EXPECT_EQ(town.at(1).lines_with("it says it stops").size(), 1u);
    town.kill(3);
    EXPECT_TRUE(town.until([&] { return down_at_all(town, 3, 3); }, promised));
}

TEST(Liveness, AFarewellDoesNotWaitForTheNextRound) {
    Town town(55);
    town.move_in_up_to(3);
    town.run(seconds(10));
    town.farewell(3);
    town.kill(3);
    EXPECT_TRUE(town.until(
        [&] { return town.at(1).state(3) == PeerState::suspect && town.at(2).state(3) == PeerState::suspect; },
        milliseconds(50)));
}

TEST(Liveness, ANewcomerDoesNotTrustTheNamesOfTheDead) {
    Town town(54);
    town.move_in_up_to(4);
    town.run(seconds(10));
    town.kill(3);
    ASSERT_TRUE(town.until([&] { return down_at_all(town, 4, 3); }, promised));
    town.move_in(5);
    ASSERT_TRUE(town.until([&] { return town.at(5).knows(3) && town.at(5).knows(4); }, seconds(5)));
    town.run(milliseconds(300));
    EXPECT_EQ(town.at(5).state(3), PeerState::suspect);
    EXPECT_EQ(town.at(5).state(4), PeerState::alive);
    EXPECT_TRUE(town.until([&] { return down_at_all(town, 5, 3); }, promised));
}

TEST(Liveness, TheSameSeedGivesTheSameStory) {
    const auto story = [](std::uint64_t seed) {
        Town town(seed);
        town.loss_percent = 10;
        town.move_in_up_to(5);
        town.run(seconds(20));
        town.kill(2);
        town.run(seconds(30));
        std::string out;
        for (std::uint64_t node = 1; node <= 5; ++node) {
            for (const auto& [level, line] : town.at(node).log.lines()) out += line + "\n";
            for (std::uint64_t other = 1; other <= 5; ++other)
                for (const auto& [name, count] : town.said(node, other)) out += name + std::to_string(count) + "\n";
        }
        return out;
    };
    EXPECT_EQ(story(61), story(61));
    EXPECT_NE(story(61), story(62));
}

}  // namespace
}  // namespace ashlar::test
