// What a failure detector promises besides: to find the dead in time and say why, to take back who returns, to know the
// slow, and to stay small and quick among many.
#include <malloc.h>

#include <algorithm>
#include <set>

#include "neighbourhood.h"

namespace ashlar::contract {
namespace {

constexpr Duration look_late = milliseconds(200);  ///< between the moment something is due and the observer's next look

/// How long until the observer holds it down; an hour if it does not.
Duration until_down(Neighbourhood& here, NodeId id) {
    const Instant from = here.now();
    while (here.state(id) != PeerState::down && here.now() - from < seconds(3600)) here.run(milliseconds(100));
    return here.now() - from;
}

class DeathContract : public testing::TestWithParam<DetectorCase> {};

TEST_P(DeathContract, ADeathIsFoundWithinThePromise) {
    for (std::size_t neighbours : {1u, 2u, 3u, 4u, 9u, 30u})
        for (bool helped : {false, true}) {
            SCOPED_TRACE(std::to_string(neighbours) + (helped ? " helpful" : " silent") + " neighbours");
            Weather weather;
            weather.requests = weather.accusations = helped;
            Neighbourhood here(GetParam(), neighbours, weather, neighbours);
            here.run(seconds(120) + milliseconds(100 * static_cast<std::int64_t>(neighbours)));
            const NodeId dead{100 + neighbours / 2};
            here.kill(dead);
            const Duration took = until_down(here, dead);
            RecordProperty(std::to_string(neighbours) + (helped ? "_helpful_ms" : "_silent_ms"),
                           static_cast<int>(took.us / 1000));
            EXPECT_LE(took.us, (GetParam().convicts_within(neighbours) + look_late).us);
            EXPECT_EQ(here.wronged(), 0u);
        }
}

TEST_P(DeathContract, SeveralDeathsAtOnceToo) {
    Neighbourhood here(GetParam(), 9, Weather{}, 3);
    here.run(seconds(120));
    for (std::uint64_t i = 0; i < 4; ++i) here.kill(NodeId{102 + i});
    here.run(GetParam().convicts_within(9) + look_late);
    for (std::uint64_t i = 0; i < 4; ++i) EXPECT_EQ(here.state(NodeId{102 + i}), PeerState::down);
    EXPECT_EQ(here.wronged(), 0u);
}

INSTANTIATE_TEST_SUITE_P(Default, DeathContract, testing::ValuesIn(all_detectors()), case_name);
INSTANTIATE_TEST_SUITE_P(Hasty, DeathContract, testing::ValuesIn(hasty_detectors()), case_name);

class PromiseContract : public testing::TestWithParam<DetectorCase> {};

/// One observer must be able to give two channels: where no others live, both sources are its own.
TEST_P(PromiseContract, WhoeverIsDownHasTwoChannelsAgainstIt) {
    for (std::size_t neighbours : {1u, 2u, 5u}) {
        SCOPED_TRACE(neighbours);
        Weather weather;
        weather.requests = weather.accusations = false;
        Neighbourhood here(GetParam(), neighbours, weather, 1);
        here.run(seconds(60));
        here.kill(NodeId{100});
        until_down(here, NodeId{100});
        for (int minutes = 0; minutes < 30; ++minutes) {
            here.run(seconds(60));
            const Opinion opinion = here.opinion(NodeId{100});
            ASSERT_EQ(opinion.state, PeerState::down);
            ASSERT_GE(opinion.against.size(), 2u);
            ASSERT_EQ(std::set<Channel>(opinion.against.begin(), opinion.against.end()).size(), opinion.against.size());
        }
    }
}

TEST_P(PromiseContract, AccusersAreReportedAmongThem) {
    Neighbourhood here(GetParam(), 4, Weather{}, 1);
    here.run(seconds(60));
    here.kill(NodeId{100});
    until_down(here, NodeId{100});
    const Opinion opinion = here.opinion(NodeId{100});
    for (Channel channel : {Channel::gossip, Channel::data_path, Channel::word})
        EXPECT_EQ(std::count(opinion.against.begin(), opinion.against.end(), channel), 1) << static_cast<int>(channel);
}

TEST_P(PromiseContract, WhoReturnsIsAliveWithinSecondsAndNothingIsHeldAgainstIt) {
    for (bool restarted : {false, true}) {
        Neighbourhood here(GetParam(), 4, Weather{}, 2);
        here.run(seconds(60));
        here.kill(NodeId{101});
        here.run(seconds(600));
        ASSERT_EQ(here.state(NodeId{101}), PeerState::down);
        if (restarted)
            here.restart(NodeId{101});
        else
            here.heal(NodeId{101});
        here.run(seconds(2));
        EXPECT_EQ(here.state(NodeId{101}), PeerState::alive);
        here.run(seconds(120), [&] { EXPECT_EQ(here.state(NodeId{101}), PeerState::alive); });
        EXPECT_TRUE(here.opinion(NodeId{101}).against.empty());
    }
}

TEST_P(PromiseContract, SlownessIsSeenAndPasses) {
    Neighbourhood here(GetParam(), 3, Weather{}, 4);
    const NodeId sick{101};
    here.run(seconds(120));
    here.slow_down(sick, milliseconds(1600));
    here.run(seconds(20));
    EXPECT_EQ(here.state(sick), PeerState::slow);
    here.run(seconds(300), [&] { ASSERT_EQ(here.state(sick), PeerState::slow) << "neither down nor used to it"; });
    for (NodeId id : here.all())
        if (id != sick) {
            EXPECT_EQ(here.state(id), PeerState::alive);
        }
    here.slow_down(sick, {});
    here.run(seconds(20));
    EXPECT_EQ(here.state(sick), PeerState::alive);
}

TEST_P(PromiseContract, ANewcomerIsMeasuredByTheOthers) {
    Neighbourhood here(GetParam(), 3, Weather{}, 4);
    here.run(seconds(120));
    const NodeId newcomer{500};
    here.add(newcomer);
    here.slow_down(newcomer, milliseconds(1600));
    here.run(seconds(30));
    EXPECT_EQ(here.state(newcomer), PeerState::slow);
}

TEST_P(PromiseContract, AFarPeerIsNotSlowForBeingFar) {
    Neighbourhood here(GetParam(), 4, Weather{}, 4);
    here.slow_down(NodeId{100}, milliseconds(150));
    here.run(seconds(300), [&] { ASSERT_EQ(here.state(NodeId{100}), PeerState::alive); });
}

TEST_P(PromiseContract, AThousandNeighboursAreWatchedWithFewProbes) {
    Weather weather;
    weather.requests = weather.accusations = false;
    Neighbourhood here(GetParam(), 1000, weather, 9);
    here.run(seconds(30));
    EXPECT_LE(here.most_probes(), 1u) << "all is well";
    for (std::uint64_t i = 0; i < 20; ++i) here.kill(NodeId{100 + i * 50});
    here.run(GetParam().convicts_within(1000) + look_late);
    for (std::uint64_t i = 0; i < 20; ++i) EXPECT_EQ(here.state(NodeId{100 + i * 50}), PeerState::down);
    EXPECT_EQ(here.wronged(), 0u);
    EXPECT_LE(here.most_probes(), 2 * 21u) << "each of the dead once, directly or through helpers, and one in turn";
}

/// Hours of evidence from ever new witnesses about a few peers, and peers that come and go, leave no trace.
TEST_P(PromiseContract, MemoryIsBoundedByThePeers) {
    Made<FailureDetector> detector(*GetParam().descriptor);
    Instant now{1'000'000'000};
    std::uint64_t counter = 0;
    auto feed = [&](std::uint64_t rounds) {
        for (std::uint64_t i = 0; i < rounds; ++i) {
            now = now + milliseconds(100);
            const NodeId peer{2 + i % 5};
            for (Channel channel : {Channel::gossip, Channel::probe, Channel::indirect, Channel::data_path})
                detector->heard(peer, Evidence{channel, i % 3 != 0, NodeId{counter}, counter, milliseconds(1)}, now);
            detector->heard(peer, Evidence{Channel::word, false, NodeId{++counter}, 0, {}}, now);
            detector->due(now);
            detector->watch(NodeId{1000 + counter % 10}, static_cast<std::uint32_t>(counter), now);
            if (i % 2 == 0) detector->forget(NodeId{1000 + counter % 10});
        }
    };
    for (std::uint64_t i = 0; i < 5; ++i) detector->watch(NodeId{2 + i}, 1, now);
    feed(20'000);
    const std::size_t before = mallinfo2().uordblks;
    feed(200'000);
    EXPECT_LE(mallinfo2().uordblks, before + (64u << 10));
}

INSTANTIATE_TEST_SUITE_P(, PromiseContract, testing::ValuesIn(all_detectors()), case_name);

}  // namespace
}  // namespace ashlar::contract
