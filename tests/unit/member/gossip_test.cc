// How news gets round.
#include <gtest/gtest.h>

#include "town.h"
#include "wire/codec.h"

namespace ashlar::test {
namespace {

TEST(Gossip, EveryoneLearnsEveryoneThroughOneSeed) {
    Town town(1);
    town.move_in_up_to(5);
    const auto took = town.until([&] { return town.all_well(); }, seconds(10));
    ASSERT_TRUE(took);
    EXPECT_LE(took->us, seconds(3).us);
    for (std::uint64_t node = 1; node <= 5; ++node) {
        EXPECT_EQ(town.at(node).members.standings().size(), 5u);
        EXPECT_EQ(town.at(node).members.peer(NodeId{3}, port::Road::link).address, "n3:6");
        EXPECT_EQ(town.at(node).members.peer(NodeId{3}, port::Road::background).address, "n3:7");
    }
}

TEST(Gossip, AHundredNodesMeetInFewRounds) {
    Town town(2);
    town.move_in_up_to(100);
    const auto took =
        town.until([&] { return town.at(100).members.standings().size() == 100 && town.all_well(); }, seconds(30));
    ASSERT_TRUE(took);
    EXPECT_LE(took->us, seconds(10).us);
    // They stay well: every heartbeat gets everywhere in time.
    town.run(seconds(15));
    EXPECT_TRUE(town.all_well());
    EXPECT_LT(town.largest(), 64u * 1024);
}

TEST(Gossip, WhatANodeSaysOfItselfReachesAll) {
    Town town(3);
    town.move_in_up_to(4);
    town.run(seconds(5));
    town.at(2).members.self().load_milli = 700;
    town.at(2).members.self().epoch = Epoch{9};
    const auto took = town.until(
        [&] {
            for (std::uint64_t node : {1u, 3u, 4u})
                if (town.at(node).members.entry(NodeId{2})->load_milli != 700) return false;
            return true;
        },
        seconds(10));
    ASSERT_TRUE(took);
    EXPECT_EQ(town.at(4).members.entry(NodeId{2})->epoch, Epoch{9});
}

TEST(Gossip, IslandsWithDifferentSeedsMeet) {
    Town town(4);
    town.seeds = {"n1:7"};
    town.move_in(1);
    town.move_in(2);
    town.seeds = {"n3:7", "n1:7"};
    town.move_in(3);
    town.move_in(4);
    ASSERT_TRUE(town.until([&] { return town.all_well(); }, seconds(60)));
}

TEST(Gossip, HalvesOfAHealedNetworkMeetWithoutSeeds) {
    Town town(5);
    town.move_in_up_to(6);
    town.run(seconds(5));
    ASSERT_TRUE(town.all_well());
    for (std::uint64_t a : {1u, 2u, 3u})
        for (std::uint64_t b : {4u, 5u, 6u}) town.cut_both(a, b);
    town.run(seconds(40));
    for (std::uint64_t a : {1u, 2u, 3u})
        for (std::uint64_t b : {4u, 5u, 6u}) {
            EXPECT_EQ(town.at(a).state(b), PeerState::down);
            EXPECT_EQ(town.at(b).state(a), PeerState::down);
        }
    town.heal();
    EXPECT_TRUE(town.until([&] { return town.all_well(); }, seconds(30)));
}

TEST(Gossip, ALateWordOfAnEarlierTimeChangesNothing) {
    Town town(6);
    town.move_in_up_to(3);
    town.run(seconds(5));
    wire::RosterEntry old = *town.at(1).members.entry(NodeId{3});
    town.run(seconds(5));
    old.link_at = "elsewhere:6";
    old.accuses = {NodeId{2}};
    town.whisper(2, 1, 1, wire::GossipDelta{{old}, {}});
    town.run(milliseconds(30));
    EXPECT_EQ(town.at(1).members.entry(NodeId{3})->link_at, "n3:6");
    EXPECT_GT(town.at(1).members.entry(NodeId{3})->heartbeat, old.heartbeat);
}

TEST(Gossip, ANodeGoesOnCountingAfterACleanRestart) {
    Town town(7);
    town.move_in_up_to(3);
    town.run(seconds(60));
    const std::uint64_t counted = town.at(1).members.entry(NodeId{3})->heartbeat;
    wire::RosterEntry self = Town::entry(3);
    self.link_at = "n3:66";
    town.move_in(self);
    const auto took = town.until([&] { return town.at(1).members.entry(NodeId{3})->link_at == "n3:66"; }, seconds(10));
    ASSERT_TRUE(took);
    EXPECT_GT(town.at(1).members.entry(NodeId{3})->heartbeat, counted);
    town.run(seconds(60));
    EXPECT_TRUE(town.all_well());
    EXPECT_EQ(town.at(3).meter.value("member_namesakes"), 0);
}

TEST(Gossip, WordsOfBeforeARestartThatComeLateAreNoSecondProcess) {
    Town town(17);
    town.move_in_up_to(4);
    town.run(seconds(100));
    // Nobody hears of the restart, and it of nobody, until it has counted for a while.
    for (std::uint64_t a : {1u, 2u, 4u}) town.cut_both(a, 3);
    town.farewell(3);
    town.move_in(3);
    town.run(seconds(60));
    town.heal();
    EXPECT_TRUE(town.until([&] { return town.all_well(); }, seconds(60)));
    town.run(seconds(30));
    EXPECT_TRUE(town.at(3).lines_with("another process").empty());
    EXPECT_EQ(town.at(3).meter.value("member_namesakes"), 0);
}

TEST(Gossip, ASecondProcessWithOnesIdentityIsReported) {
    Town town(8);
    town.move_in_up_to(3);
    town.run(seconds(5));
    // A copy of node 3's data directory, started elsewhere in a later life.
    wire::RosterEntry copy = Town::entry(3, 2);
    copy.background_at = "copy:7";
    town.whisper(3, 2, 1, wire::GossipDelta{{copy}, {}});
    town.run(seconds(10));
    const auto lines = town.at(3).lines_with("another process runs with the identity of this node");
    ASSERT_EQ(lines.size(), 1u);
    EXPECT_NE(lines[0].find("n3 (0000000000000003)"), std::string::npos);
    EXPECT_GT(town.at(3).meter.value("member_namesakes"), 0);
}

TEST(Gossip, ASecondProcessInTheSameLifeIsReported) {
    Town town(9);
    town.move_in_up_to(3);
    town.run(seconds(60));
    wire::RosterEntry copy = Town::entry(3);
    for (copy.heartbeat = 1000; copy.heartbeat < 6000; copy.heartbeat += 1000) {
        town.whisper(3, 1, 1, wire::GossipDelta{{copy}, {}});
        town.run(seconds(10));
    }
    EXPECT_EQ(town.at(3).lines_with("another process").size(), 1u);
}

TEST(Gossip, AsItselfASeedANodeTalksToOthersOnly) {
    Town town(10);
    town.move_in_up_to(2);
    town.run(seconds(30));
    EXPECT_TRUE(town.said(1, 1).empty());
    EXPECT_FALSE(town.said(1, 2).empty());
}

TEST(Gossip, MoreThanOneMessageHoldsComesInTurns) {
    Town town(11);
    town.seeds = {};
    town.move_in(1);
    town.seeds = {"n1:7"};
    // Node 1 has heard of many, all with long texts.
    wire::GossipDelta many;
    for (std::uint64_t node = 100; node < 1300; ++node) {
        wire::RosterEntry entry = Town::entry(node);
        entry.name += std::string(200, 'x');
        entry.rack = std::string(250, 'y');
        entry.datacentre = std::string(250, 'z');
        entry.clients_at = entry.link_at = std::string(290, 'a');
        many.entries.push_back(entry);
    }
    town.whisper(99, 1, 1, many);
    town.run(milliseconds(30));
    EXPECT_EQ(town.at(1).members.standings().size(), 1201u);
    const std::size_t whispered = town.largest();
    EXPECT_GT(whispered, 64u * 1024);
    Town late(12);
    late.seeds = {};
    late.move_in(1);
    late.seeds = {"n1:7"};
    late.move_in(2);
    // The same in pieces that fit, so that all the messages of this town are its own.
    for (std::size_t i = 0; i < many.entries.size(); i += 40) {
        wire::GossipDelta some;
        for (std::size_t j = i; j < i + 40; ++j) some.entries.push_back(many.entries[j]);
        late.whisper(99, 1, 1, some);
    }
    EXPECT_TRUE(late.until([&] { return late.at(2).members.standings().size() == 1202u; }, seconds(200)));
    EXPECT_LT(late.largest(), 64u * 1024);
}

}  // namespace
}  // namespace ashlar::test
