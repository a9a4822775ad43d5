// Nodes that behave, on real loopback sockets: order, batches, reconnects, bounds.
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <thread>

#include "station.h"
#include "stranger.h"

namespace ashlar::host::test {
namespace {

std::vector<std::uint64_t> counting(std::uint64_t from, std::uint64_t to) {
    std::vector<std::uint64_t> out(to - from);
    std::iota(out.begin(), out.end(), from);
    return out;
}

TEST(PeerLink, ThousandsOfMessagesArriveInOrderInFewerFrames) {
    Station a({.node = 1});
    Station b({.node = 2});
    constexpr std::uint64_t turns = 100;
    constexpr std::uint64_t each = 50;
    for (std::uint64_t turn = 0; turn < turns; ++turn)
        a.on_loop([&] {
            for (std::uint64_t n = 0; n < each; ++n)
                ASSERT_TRUE(a.say_here(b.id(), b.link_at(), turn * each + n, Bytes(500, 'v')));
        });
    ASSERT_TRUE(wait_for([&] { return b.heard_count() == turns * each; })) << b.heard_count();
    EXPECT_EQ(b.refs(a.id()), counting(0, turns * each));
    // What is said in one turn travels together; heartbeats and the greeting are frames too.
    EXPECT_LT(a.figure("peer_link_frames_out"), static_cast<std::int64_t>(turns * each / 10));
    EXPECT_EQ(a.figure("peer_link_messages_out"), static_cast<std::int64_t>(turns * each));
    EXPECT_EQ(b.figure("peer_link_messages_in"), static_cast<std::int64_t>(turns * each));
}

TEST(PeerLink, ThreeNodesSpeakAllWaysAtOnce) {
    std::vector<std::unique_ptr<Station>> all;
    for (std::uint64_t node = 1; node <= 3; ++node) all.push_back(std::make_unique<Station>(StationWish{.node = node}));
    constexpr std::uint64_t each = 500;
    for (std::uint64_t n = 0; n < each; ++n)
        for (auto& from : all)
            for (auto& to : all)
                if (from != to) {
                    ASSERT_TRUE(from->say(*to, n));
                }
    for (auto& to : all) ASSERT_TRUE(wait_for([&] { return to->heard_count() == 2 * each; })) << to->heard_count();
    for (auto& from : all)
        for (auto& to : all)
            if (from != to) {
                EXPECT_EQ(to->refs(from->id()), counting(0, each));
            }
}

TEST(PeerLink, TwoThatDialEachOtherAtOnceLoseNothing) {
    for (int round = 0; round < 40; ++round) {
        Station a({.node = 1});
        Station b({.node = 2});
        std::thread other([&] { b.say(a, 1); });
        EXPECT_TRUE(a.say(b, 1));
        other.join();
        ASSERT_TRUE(wait_for([&] { return a.heard_count() == 1 && b.heard_count() == 1; })) << "round " << round;
        EXPECT_EQ(a.lost_count(b.id()) + b.lost_count(a.id()), 0u) << "round " << round;
    }
}

TEST(PeerLink, AnswersComeBackOnTheConnectionOfTheAsker) {
    Station a({.node = 1});
    Station b({.node = 2});
    b.echo();
    // b knows no address of a: there is only the connection that a opened.
    for (int n = 0; n < 100; ++n) a.on_loop([&] { ASSERT_TRUE(a.link().send({b.id(), b.link_at()}, wire::Probe{})); });
    ASSERT_TRUE(wait_for([&] { return a.answers() == 100; })) << a.answers();
    EXPECT_EQ(b.figure("peer_link_dialled"), 0);
    EXPECT_EQ(a.figure("peer_link_dialled"), 1);
}

TEST(PeerLink, LargeEntriesArriveWhole) {
    Station a({.node = 1});
    Station b({.node = 2});
    Bytes large(5 << 20, 'L');
    for (std::uint64_t n = 0; n < 6; ++n) {
        while (!a.say(b, n, large)) std::this_thread::sleep_for(std::chrono::milliseconds(5));
        ASSERT_TRUE(wait_for([&] { return b.heard_count() == n + 1; }));
    }
    EXPECT_EQ(b.refs(a.id()), counting(0, 6));
    for (const Station::Word& word : b.words()) EXPECT_EQ(word.bytes, large.size());
}

TEST(PeerLink, WhatNoFrameHoldsIsNotTaken) {
    Station a({.node = 1, .limits = {.queue_bytes = 64 << 20}});
    Station b({.node = 2});
    EXPECT_FALSE(a.say(b, 1, Bytes(wire::frame_bytes_max + 1, 'x')));
    ASSERT_TRUE(a.say(b, 2));
    ASSERT_TRUE(wait_for([&] { return b.heard_count() == 1; }));
    EXPECT_EQ(b.refs(a.id()), counting(2, 3));
}

TEST(PeerLink, AKilledPeerIsTold) {
    Station a({.node = 1});
    auto b = std::make_unique<Station>(StationWish{.node = 2});
    ASSERT_TRUE(a.say(*b, 1));
    ASSERT_TRUE(wait_for([&] { return b->heard_count() == 1; }));
    b.reset();
    ASSERT_TRUE(wait_for([&] { return a.lost_count(NodeId{2}) > 0; }));
}

TEST(PeerLink, ReturnsToAPeerThatComesBack) {
    Station a({.node = 1});
    auto b = std::make_unique<Station>(StationWish{.node = 2});
    std::string at = b->link_at();
    ASSERT_TRUE(a.say(*b, 1));
    ASSERT_TRUE(wait_for([&] { return b->heard_count() == 1; }));
    b.reset();
    ASSERT_TRUE(wait_for([&] { return a.lost_count(NodeId{2}) > 0; }));
    b = std::make_unique<Station>(StationWish{.node = 2, .incarnation = 2, .link = at});
    // Within the pause between two dials nothing is taken.
    std::uint64_t ref = 2;
    ASSERT_TRUE(wait_for([&] {
        a.say(*b, ref++);
        return b->heard_count() != 0;
    }));
    EXPECT_GT(a.figure("peer_link_not_taken") + a.figure("peer_link_dialled"), 1);
}

TEST(PeerLink, ANobodyIsNotDialledWithoutPause) {
    Station a({.node = 1, .limits = {.redial_min = seconds(60), .redial_max = seconds(60)}});
    std::string nowhere;
    {
        Station gone({.node = 9});
        nowhere = gone.link_at();
    }
    bool taken = false;
    a.on_loop([&] { taken = a.say_here(NodeId{9}, nowhere, 1); });
    EXPECT_TRUE(taken) << "the first word waits for the dial";
    ASSERT_TRUE(wait_for([&] { return a.lost_count(NodeId{9}) == 1; }));
    a.on_loop([&] { taken = a.say_here(NodeId{9}, nowhere, 2); });
    EXPECT_FALSE(taken);
    EXPECT_EQ(a.figure("peer_link_dialled"), 1);
    a.on_loop([&] { taken = a.say_here(NodeId{9}, "no address", 3); });
    EXPECT_FALSE(taken);
}

TEST(PeerLink, WhereADialHangsTheConnectionOfTheOtherIsUsed) {
    BlackHole hole;
    // Neither side's patience ends within this test.
    Station a({.node = 1, .limits = {.handshake = seconds(3600)}});
    Station b({.node = 2, .limits = {.handshake = seconds(3600)}});
    bool taken = false;
    a.on_loop([&] { taken = a.say_here(b.id(), hole.address(), 1); });
    ASSERT_TRUE(taken) << "it waits for the dial";
    ASSERT_TRUE(b.say(a, 77));
    ASSERT_TRUE(wait_for([&] { return a.heard_count() == 1; }));
    ASSERT_TRUE(wait_for([&] { return b.heard_count() == 1; })) << "what waited has left by the other way";
    a.on_loop([&] { taken = a.say_here(b.id(), hole.address(), 2); });
    EXPECT_TRUE(taken);
    ASSERT_TRUE(wait_for([&] { return b.heard_count() == 2; }));
    EXPECT_EQ(b.refs(a.id()), (std::vector<std::uint64_t>{1, 2}));
    EXPECT_EQ(a.lost_count(b.id()), 0u) << "nothing was lost";
}

TEST(PeerLink, NobodyButTheNodeMeantIsSpokenTo) {
    Station a({.node = 1});
    Station b({.node = 2});
    bool taken = false;
    a.on_loop([&] { taken = a.say_here(NodeId{77}, b.link_at(), 1); });
    EXPECT_TRUE(taken);
    ASSERT_TRUE(wait_for([&] { return a.lost_count(NodeId{77}) == 1; }));
    EXPECT_EQ(a.figure("peer_link_refused_another_node"), 1);
    EXPECT_EQ(b.heard_count(), 0u);
    ASSERT_TRUE(a.say(b, 2));
    ASSERT_TRUE(wait_for([&] { return b.heard_count() == 1; }));
}

TEST(PeerLink, OtherClustersAndPartsRefuseEachOtherInWords) {
    Station a({.node = 1});
    Station other_cluster({.node = 2, .cluster = "staging"});
    Station other_parts({.node = 3, .parts = "partitioner ordered 1.0.0"});
    ASSERT_TRUE(a.say(other_cluster, 1));
    ASSERT_TRUE(a.say(other_parts, 1));
    ASSERT_TRUE(wait_for([&] { return a.lost_count(NodeId{2}) == 1 && a.lost_count(NodeId{3}) == 1; }));
    EXPECT_TRUE(a.log().says("is of cluster 'staging', this node of 'ashlar'"));
    // The others say the same unless this side closed before they had read its greeting.
    EXPECT_TRUE(a.log().says("runs 'partitioner ordered 1.0.0', this node 'partitioner equal_partitions"));
    EXPECT_EQ(a.figure("peer_link_refused_cluster"), 1);
    EXPECT_EQ(a.figure("peer_link_refused_parts"), 1);
    EXPECT_EQ(other_cluster.heard_count() + other_parts.heard_count(), 0u);
    EXPECT_FALSE(a.say(other_cluster, 2)) << "no dial for a while";
    EXPECT_EQ(a.figure("peer_link_dialled"), 2);
}

TEST(PeerLink, AQueueThatIsFullRefuses) {
    Station a({.node = 1, .limits = {.queue_bytes = 64 << 10, .handshake = seconds(60)}});
    Station b({.node = 2});
    std::vector<bool> taken;
    // All in one turn, so nothing can leave meanwhile.
    a.on_loop([&] {
        for (std::uint64_t n = 0; n < 100; ++n) taken.push_back(a.say_here(b.id(), b.link_at(), n, Bytes(4000, 'q')));
    });
    auto many = static_cast<std::uint64_t>(std::count(taken.begin(), taken.end(), true));
    EXPECT_EQ(many, 16u);
    EXPECT_EQ(a.figure("peer_link_not_taken"), static_cast<std::int64_t>(100 - many));
    ASSERT_TRUE(wait_for([&] { return b.heard_count() == many; }));
    EXPECT_EQ(b.refs(a.id()), counting(0, many)) << "what was refused was not said, what was taken was";
    ASSERT_TRUE(a.say(b, 1000)) << "room again";
}

TEST(PeerLink, ASilentConnectionIsKeptAliveBySignsOfLife) {
    PeerLimits quick{.heartbeat = milliseconds(20), .silence = seconds(20)};
    Station a({.node = 1, .limits = quick});
    Station b({.node = 2, .limits = quick});
    ASSERT_TRUE(a.say(b, 1));
    std::int64_t before = b.figure("peer_link_frames_in");
    ASSERT_TRUE(wait_for([&] { return b.figure("peer_link_frames_in") > before + 5; }));
    EXPECT_EQ(b.heard_count(), 1u);
    EXPECT_EQ(a.lost_count(b.id()), 0u);
}

TEST(PeerLink, ANewLifeSupersedesTheConnectionOfTheOld) {
    Station b({.node = 2});
    auto first = std::make_unique<Station>(StationWish{.node = 1});
    Station second({.node = 1, .incarnation = 2});
    ASSERT_TRUE(first->say(b, 1));
    ASSERT_TRUE(wait_for([&] { return b.heard_count() == 1; }));
    ASSERT_TRUE(second.say(b, 2));
    ASSERT_TRUE(wait_for([&] { return b.heard_count() == 2; }));
    ASSERT_TRUE(wait_for([&] { return b.lost_count(NodeId{1}) == 1; }));
    ASSERT_TRUE(wait_for([&] { return first->lost_count(NodeId{2}) == 1; }));
}

}  // namespace
}  // namespace ashlar::host::test
