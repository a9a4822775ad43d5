// What one node says of another counts within bounds: nobody is buried by words.
#include <gtest/gtest.h>

#include "member/gate.h"
#include "member/roster.h"
#include "town.h"

namespace ashlar::test {
namespace {

constexpr std::uint64_t liar = 9;

/// Node 9 tells the others something of node 3, again and again; whether they then still hear what node 3 says.
void lie_and_look(Town& town, const wire::RosterEntry& lie) {
    town.watch = [&] {
        for (std::uint64_t node = 1; node <= 4; ++node)
            for (std::uint64_t other = 1; other <= 4; ++other)
                EXPECT_NE(town.at(node).state(other), PeerState::down) << node << " of " << other;
    };
    for (int times = 0; times < 20; ++times) {
        for (std::uint64_t node : {1u, 2u, 4u}) town.whisper(liar, 1, node, wire::GossipDelta{{lie}, {}});
        town.run(seconds(1));
    }
    town.at(3).members.self().load_milli = 700;
    const auto took = town.until(
        [&] {
            for (std::uint64_t node : {1u, 2u, 4u})
                if (town.at(node).members.entry(NodeId{3})->load_milli != 700) return false;
            return true;
        },
        seconds(20));
    EXPECT_TRUE(took) << "its words are heard";
    EXPECT_TRUE(town.until([&] { return town.all_well(); }, seconds(10)));
    town.watch = nullptr;
}

wire::RosterEntry lie_about(std::uint64_t node, std::uint32_t life, std::uint64_t heartbeat) {
    wire::RosterEntry lie = Town::entry(node, life);
    lie.heartbeat = heartbeat;
    lie.link_at = "nowhere:6";
    lie.background_at = "nowhere:7";
    return lie;
}

TEST(Lies, ALaterLifeIsBelievedOfTheNodeItselfOnly) {
    for (std::uint32_t life : {2u, 70'000u, UINT32_MAX}) {
        Town town(life);
        town.move_in_up_to(4);
        town.run(seconds(20));
        lie_and_look(town, lie_about(3, life, 5));
        EXPECT_EQ(town.at(1).members.entry(NodeId{3})->incarnation, 1u);
        EXPECT_EQ(town.at(1).members.entry(NodeId{3})->link_at, "n3:6");
        EXPECT_GT(town.at(1).meter.value("member_doubted"), 0);
    }
}

TEST(Lies, AHeartbeatThatCannotBeYetIsNotBelieved) {
    for (std::uint64_t heartbeat : {std::uint64_t{5'000}, std::uint64_t{1} << 40, member::heartbeat_end - 1}) {
        Town town(heartbeat);
        town.move_in_up_to(4);
        town.run(seconds(20));
        lie_and_look(town, lie_about(3, 1, heartbeat));
        EXPECT_EQ(town.at(2).members.entry(NodeId{3})->link_at, "n3:6");
    }
}

TEST(Lies, BeforeItIsKnownANodeRightsWhatWasSaidOfIt) {
    for (std::uint64_t heartbeat : {std::uint64_t{5}, std::uint64_t{1} << 40, member::heartbeat_end - 1}) {
        for (std::uint32_t life : {1u, UINT32_MAX}) {
            Town town(heartbeat + life);
            for (std::uint64_t node : {1u, 2u, 4u}) town.move_in(node);
            town.run(seconds(10));
            for (std::uint64_t node : {1u, 2u, 4u})
                town.whisper(liar, 1, node, wire::GossipDelta{{lie_about(3, life, heartbeat)}, {}});
            town.run(seconds(1));
            EXPECT_EQ(town.at(1).members.entry(NodeId{3})->link_at, "nowhere:6");
            town.move_in(3);
            ASSERT_TRUE(town.until(
                [&] {
                    for (std::uint64_t node : {1u, 2u, 4u})
                        if (town.at(node).members.entry(NodeId{3})->link_at != "n3:6") return false;
                    return town.all_well();
                },
                seconds(30)))
                << heartbeat << " " << life;
            lie_and_look(town, lie_about(3, life, heartbeat));
        }
    }
}

TEST(Lies, ToldToItsFaceANodeCountsOnFromThereButNeverOutOfNumbers) {
    Town town(5);
    town.move_in_up_to(4);
    town.run(seconds(40));
    wire::GossipDigest digest;
    for (std::uint64_t leap = 1; leap <= 64; ++leap)
        for (std::uint64_t step = 0; step < 64; ++step)
            digest.marks.push_back(wire::RosterMark{NodeId{3}, 1, (leap << 57) - 1 + (step << 20)});
    for (std::uint64_t step = 1; step < 4000; ++step)
        digest.marks.push_back(wire::RosterMark{NodeId{3}, 1, step << 32});
    digest.marks.resize(4096);
    for (int times = 0; times < 20; ++times) {
        town.whisper(liar, 1, 3, digest);
        town.run(milliseconds(100));
    }
    EXPECT_LE(town.at(3).members.self().heartbeat, std::uint64_t{5} << 32);
    EXPECT_TRUE(town.until([&] { return town.all_well(); }, seconds(20)));
    lie_and_look(town, lie_about(3, 1, std::uint64_t{1} << 31));
}

TEST(Lies, ALaterLifeThatIsTrueIsKnownToAllAtOnce) {
    Town town(6);
    town.move_in_up_to(12);
    town.run(seconds(30));
    wire::RosterEntry again = Town::entry(3, 2);
    again.link_at = "n3:66";
    again.background_at = "n3:77";
    town.move_in(again);
    const auto took = town.until(
        [&] {
            for (std::uint64_t node = 1; node <= 12; ++node)
                if (town.at(node).members.entry(NodeId{3})->link_at != "n3:66") return false;
            return true;
        },
        seconds(30));
    ASSERT_TRUE(took);
    EXPECT_LE(took->us, seconds(5).us) << "who hears of it by others asks it";
}

TEST(Lies, StrangersThatAreOnlySpokenOfTakeHalfTheRosterAndGiveWay) {
    Town town(7);
    town.move_in_up_to(3);
    town.run(seconds(5));
    auto flood = [&](std::uint64_t first, std::uint64_t count) {
        for (std::uint64_t at = first; at < first + count; at += 64) {
            wire::GossipDelta some;
            for (std::uint64_t node = at; node < at + 64; ++node) some.entries.push_back(Town::entry(node));
            town.whisper(liar, 1, 1, some);
        }
        town.run(milliseconds(50));
    };
    flood(1000, 8192);
    EXPECT_LE(town.at(1).members.standings().size(), 3 + member::spoken_of_max);
    EXPECT_GT(town.at(1).meter.value("member_turned_away"), 0);
    // Those that speak for themselves find a place, up to the end, and then in place of those that do not.
    for (std::uint64_t node = 20'000; node < 24'000; ++node)
        town.whisper(node, 1, 1, wire::GossipDelta{{Town::entry(node)}, {}});
    town.run(milliseconds(50));
    EXPECT_EQ(town.at(1).members.standings().size(), wire::members_max);
    std::size_t there = 0;
    for (std::uint64_t node = 20'000; node < 24'000; ++node) there += town.at(1).knows(node) ? 1 : 0;
    EXPECT_EQ(there, 4000u);
    EXPECT_TRUE(town.at(1).knows(2));
    EXPECT_TRUE(town.at(1).knows(3));
}

}  // namespace
}  // namespace ashlar::test
