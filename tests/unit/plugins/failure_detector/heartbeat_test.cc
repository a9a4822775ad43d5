// Heartbeat: the fixed moments of silence, slowness, and what a short pause shifts.
#include "heartbeat.h"

#include <gtest/gtest.h>

namespace {

using namespace ashlar;

class HeartbeatTest : public testing::Test {
protected:
    void SetUp() override { detector_.watch(peer_, 1, Instant{0}); }
    PeerState at(Duration when) const { return detector_.suspicion(peer_, Instant{when.us}).state; }
    Instant since(Duration when) const { return detector_.suspicion(peer_, Instant{when.us}).since; }
    void answer(Duration when, Duration round_trip) {
        detector_.heard(peer_, Evidence{Channel::data_path, true, NodeId{1}, 0, round_trip}, Instant{when.us});
    }

    heartbeat::Heartbeat detector_{heartbeat::Patience{seconds(5), seconds(10), seconds(1), seconds(1)}};
    NodeId peer_{2};
};

TEST_F(HeartbeatTest, StatesChangeAtTheirMoments) {
    EXPECT_EQ(at(milliseconds(4999)), PeerState::alive);
    EXPECT_EQ(at(seconds(5)), PeerState::suspect);
    EXPECT_EQ(since(seconds(7)).us, seconds(5).us);
    EXPECT_EQ(at(milliseconds(9999)), PeerState::suspect);
    EXPECT_EQ(at(seconds(10)), PeerState::down);
    EXPECT_EQ(since(seconds(700)).us, seconds(10).us);
    EXPECT_EQ(detector_.suspicion(peer_, Instant{seconds(10).us}).level_milli, 2000u);
}

TEST_F(HeartbeatTest, AnyChannelIsASignOfLife) {
    answer(seconds(4), milliseconds(1));
    EXPECT_EQ(at(seconds(8)), PeerState::alive);
    EXPECT_EQ(detector_.suspicion(peer_, Instant{seconds(8).us}).against, std::vector<Channel>{Channel::gossip});
}

TEST_F(HeartbeatTest, AnswersOfASecondAreSlow) {
    for (int s = 1; s <= 4; ++s) answer(seconds(s), seconds(1));
    EXPECT_EQ(at(seconds(4)), PeerState::alive);
    answer(seconds(5), seconds(2));
    EXPECT_EQ(at(seconds(5)), PeerState::slow);
    EXPECT_EQ(since(seconds(6)).us, seconds(5).us);
    EXPECT_EQ(at(seconds(10)), PeerState::suspect) << "silence weighs more";
}

TEST_F(HeartbeatTest, PeersInDoubtAreProbedEachSecondAndAnUnansweredProbeSpeaksAgainstThem) {
    EXPECT_TRUE(detector_.due(Instant{seconds(4).us}).empty());
    const std::vector<Probe> probes = detector_.due(Instant{seconds(5).us});
    ASSERT_EQ(probes.size(), 1u);
    EXPECT_EQ(probes[0].target, peer_);
    EXPECT_TRUE(probes[0].helpers.empty());
    EXPECT_TRUE(detector_.due(Instant{seconds(5).us + 1}).empty());
    EXPECT_EQ(detector_.due(Instant{seconds(6).us}).size(), 1u);
    EXPECT_EQ(detector_.suspicion(peer_, Instant{seconds(6).us}).against,
              (std::vector<Channel>{Channel::gossip, Channel::probe}));
    detector_.heard(peer_, Evidence{Channel::probe, true, NodeId{1}, 0, milliseconds(1)}, Instant{seconds(7).us});
    EXPECT_EQ(at(seconds(7)), PeerState::alive);
    EXPECT_TRUE(detector_.due(Instant{seconds(8).us}).empty());
}

TEST_F(HeartbeatTest, AShortPauseShiftsTheSilenceByItsLength) {
    detector_.paused(seconds(3), Instant{seconds(4).us});  // awake for one second of four
    EXPECT_EQ(at(milliseconds(7999)), PeerState::alive);
    EXPECT_EQ(at(seconds(8)), PeerState::suspect);
    EXPECT_EQ(at(seconds(13)), PeerState::down);
}

TEST_F(HeartbeatTest, AWayMustFailForAsLongAsSilenceMust) {
    const Evidence failure{Channel::data_path, false, NodeId{1}, 0, {}};
    for (int s = 1; s <= 20; ++s) {
        detector_.heard(peer_, failure, Instant{seconds(s).us});
        detector_.heard(peer_, Evidence{Channel::gossip, true, NodeId{1}, static_cast<std::uint64_t>(s), {}},
                        Instant{seconds(s).us});
    }
    EXPECT_EQ(since(seconds(20)).us, seconds(6).us) << "first failure at 1 s";
    EXPECT_EQ(at(seconds(20)), PeerState::suspect);
}

}  // namespace
