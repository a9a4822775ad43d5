// Who is let in.
#include "member/gate.h"

#include <gtest/gtest.h>

#include "member/roster.h"
#include "town.h"
#include "wire/codec.h"

namespace ashlar::test {
namespace {

TEST(Gate, NamesBothSidesOfEveryDifference) {
    wire::RosterEntry ours = Town::entry(1), theirs = Town::entry(2);
    EXPECT_EQ(member::difference(ours, theirs), "");
    theirs.parts = "partitioner hash_ring 1.0.0; replicator simple 1.0.0; conflict_resolver crdt 1.0.0";
    EXPECT_EQ(member::difference(ours, theirs),
              "partitioner is equal_partitions 1.0.0 here and hash_ring 1.0.0 there; "
              "conflict_resolver is none here and crdt 1.0.0 there");
    theirs = Town::entry(2);
    theirs.protocol_min = 2;
    theirs.protocol_max = 3;
    EXPECT_EQ(member::difference(ours, theirs), "protocol is 1 to 1 here and 2 to 3 there");
    // The same pieces in another order are still not the same list.
    theirs = Town::entry(2);
    theirs.parts = "replicator simple 1.0.0; partitioner equal_partitions 1.0.0";
    EXPECT_NE(member::difference(ours, theirs), "");
}

TEST(Gate, NodesThatShareAProtocolMeet) {
    wire::RosterEntry ours = Town::entry(1), theirs = Town::entry(2);
    ours.protocol_min = 1;
    ours.protocol_max = 2;
    theirs.protocol_min = 2;
    theirs.protocol_max = 3;
    EXPECT_EQ(member::difference(ours, theirs), "");
}

TEST(Gate, NodesWithOtherPluginsRefuseEachOtherInWords) {
    Town town(21);
    town.move_in_up_to(3);
    wire::RosterEntry odd = Town::entry(4);
    odd.parts = "partitioner hash_ring 1.0.0; replicator simple 1.0.0";
    town.move_in(odd);
    town.run(seconds(120));
    for (std::uint64_t node = 1; node <= 3; ++node) {
        EXPECT_FALSE(town.at(node).knows(4));
        EXPECT_TRUE(town.at(node).lines_with("n4").size() <= 1);
        EXPECT_FALSE(town.at(4).knows(node));
    }
    const auto here = town.at(1).lines_with("is refused");
    ASSERT_EQ(here.size(), 1u);  // once, however often it tried
    EXPECT_NE(here[0].find("partitioner is equal_partitions 1.0.0 here and hash_ring 1.0.0 there"), std::string::npos);
    EXPECT_NE(here[0].find("n4 (0000000000000004) at n4:7"), std::string::npos);
    EXPECT_GT(town.at(1).meter.value("member_entries_refused"), 1);
    const auto there = town.at(4).lines_with("is refused");
    ASSERT_EQ(there.size(), 1u);
    EXPECT_NE(there[0].find("partitioner is hash_ring 1.0.0 here and equal_partitions 1.0.0 there"), std::string::npos);
}

TEST(Gate, ARefusedNodeIsWelcomeOnceItAgrees) {
    Town town(22);
    town.move_in_up_to(2);
    wire::RosterEntry odd = Town::entry(3);
    odd.parts = "partitioner hash_ring 1.0.0";
    town.move_in(odd);
    town.run(seconds(10));
    ASSERT_FALSE(town.at(1).knows(3));
    town.move_in(3, 2);
    EXPECT_TRUE(town.until([&] { return town.all_well(); }, seconds(10)));
}

TEST(Gate, GarbageIsIgnored) {
    Town town(23);
    town.move_in_up_to(2);
    town.run(seconds(5));
    const auto with = [](auto change) {
        wire::RosterEntry entry = Town::entry(50);
        change(entry);
        return entry;
    };
    const std::vector<wire::RosterEntry> garbage{
        with([](auto& e) { e.node = NodeId{0}; }),
        with([](auto& e) { e.name = std::string(1000, 'n'); }),
        with([](auto& e) { e.rack = std::string(256, 'r'); }),
        with([](auto& e) { e.link_at = std::string(301, 'a'); }),
        with([](auto& e) { e.background_at = ""; }),
        with([](auto& e) { e.heartbeat = ~std::uint64_t{0}; }),
        with([](auto& e) { e.protocol_min = 9, e.protocol_max = 1; }),
        with([](auto& e) {
            e.accuses = {NodeId{2}, NodeId{1}};
        }),
        with([](auto& e) { e.accuses.assign(member::accuses_max + 1, NodeId{1}); }),
    };
    for (const wire::RosterEntry& entry : garbage) town.whisper(50, 1, 1, wire::GossipDelta{{entry}, {}});
    // Strangers' questions and answers.
    town.whisper(0, 0, 1, wire::GossipDelta{{Town::entry(51)}, {}});
    town.whisper(60, 1, 1, wire::GossipDigest{std::vector<wire::RosterMark>(4000)});
    town.whisper(60, 1, 1, wire::GossipDelta{{}, std::vector<wire::RosterMark>(4000)});
    town.whisper(60, 1, 1, wire::Probe{wire::Ref{1}, NodeId{2}});
    town.whisper(60, 1, 1, wire::ProbeAnswer{wire::Ref{1}, NodeId{2}, false});
    town.run(seconds(5));
    EXPECT_EQ(town.at(1).members.standings().size(), 2u);
    EXPECT_EQ(town.at(1).meter.value("member_entries_malformed"), static_cast<std::int64_t>(garbage.size()));
    EXPECT_TRUE(town.all_well());
}

TEST(Gate, TheLogHoldsNoControlCharacters) {
    Town town(24);
    town.move_in(1);
    wire::RosterEntry odd = Town::entry(50);
    odd.name = "evil\nline";
    odd.parts = "x\ny";
    town.whisper(50, 1, 1, wire::GossipDelta{{odd}, {}});
    odd = Town::entry(51);
    odd.name = "evil\nline";
    town.whisper(51, 1, 1, wire::GossipDelta{{odd}, {}});
    town.run(seconds(1));
    EXPECT_EQ(town.at(1).lines_with("evil?line").size(), 2u);
    EXPECT_TRUE(town.at(1).lines_with("\n").empty());
}

TEST(Gate, TheRosterIsBounded) {
    Town town(25);
    town.move_in_up_to(2);
    town.run(seconds(5));
    for (std::uint64_t first = 1000; first < 6000; first += 500) {
        wire::GossipDelta many;
        for (std::uint64_t node = first; node < first + 500; ++node) many.entries.push_back(Town::entry(node));
        town.whisper(2, 1, 1, many);
    }
    town.run(seconds(1));
    EXPECT_EQ(town.at(1).members.standings().size(), 2 + member::spoken_of_max) << "these are only spoken of";
    EXPECT_EQ(town.at(1).meter.value("member_turned_away"), 5000 - static_cast<std::int64_t>(member::spoken_of_max));
    EXPECT_EQ(town.at(1).state(2), PeerState::alive);
}

}  // namespace
}  // namespace ashlar::test
