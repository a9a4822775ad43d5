// What every failure detector concludes from single pieces of evidence, whatever it measures by: who is heard is alive,
// who falls silent is suspected and then held down, and an observer that slept accuses nobody.
#include <algorithm>

#include "detectors.h"

namespace ashlar::contract {
namespace {

class EvidenceContract : public testing::TestWithParam<DetectorCase> {
protected:
    void gossip(NodeId peer) { detector_->heard(peer, Evidence{Channel::gossip, true, self_, ++heartbeat_, {}}, now_); }
    void answer(Channel channel, bool alive, Duration round_trip = milliseconds(1)) {
        detector_->heard(peer_, Evidence{channel, alive, self_, 0, round_trip}, now_);
    }
    /// So many seconds with a heartbeat each; probes are answered.
    void live(int seconds_long) {
        for (int i = 0; i < seconds_long; ++i) {
            pass(seconds(1), true);
            gossip(peer_);
        }
    }
    /// The observer is awake; probes are answered or not.
    void pass(Duration time, bool answered = false) {
        for (const Instant end = now_ + time; now_ < end;) {
            now_ = now_ + milliseconds(100);
            for (const Probe& probe : detector_->due(now_))
                if (answered) answer(probe.helpers.empty() ? Channel::probe : Channel::indirect, true);
        }
    }
    void sleep(Duration time) {
        now_ = now_ + time;
        detector_->paused(time, now_);
    }
    Opinion opinion() const { return detector_->suspicion(peer_, now_); }
    PeerState state() const { return opinion().state; }
    bool against(Channel channel) const {
        const auto all = opinion().against;
        return std::find(all.begin(), all.end(), channel) != all.end();
    }

    Made<FailureDetector> detector_{*GetParam().descriptor};
    Instant now_{1'000'000'000};
    NodeId self_{1}, peer_{2};
    std::uint64_t heartbeat_ = 0;
};

TEST_P(EvidenceContract, APeerBeginsAlive) {
    detector_->watch(peer_, 1, now_);
    EXPECT_EQ(state(), PeerState::alive);
    EXPECT_EQ(opinion().since, now_);
    EXPECT_TRUE(opinion().against.empty());
}

TEST_P(EvidenceContract, AStrangerIsThoughtAliveAndEvidenceOfItIgnored) {
    gossip(peer_);
    answer(Channel::probe, false);
    pass(seconds(1000));
    EXPECT_EQ(state(), PeerState::alive);
}

TEST_P(EvidenceContract, WhoIsHeardStaysAlive) {
    detector_->watch(peer_, 1, now_);
    for (int i = 0; i < 600; ++i) {
        live(1);
        ASSERT_EQ(state(), PeerState::alive);
    }
}

TEST_P(EvidenceContract, SilenceIsFirstSuspectThenDown) {
    detector_->watch(peer_, 1, now_);
    live(60);
    const Instant last = now_;
    bool suspected = false;
    std::uint32_t level = opinion().level_milli;
    while (state() != PeerState::down && now_ - last < seconds(3600)) {
        suspected = suspected || state() == PeerState::suspect;
        pass(milliseconds(100));
        EXPECT_GE(opinion().level_milli, level) << "suspicion grows with silence";
        level = opinion().level_milli;
    }
    EXPECT_TRUE(suspected);
    EXPECT_EQ(state(), PeerState::down);
    EXPECT_LE((now_ - last).us, (GetParam().convicts_within(1) + milliseconds(200)).us);
    EXPECT_LE(opinion().since, now_);
    EXPECT_TRUE(against(Channel::gossip));
}

TEST_P(EvidenceContract, AnEchoOfAnOldHeartbeatIsNoLife) {
    detector_->watch(peer_, 1, now_);
    live(60);
    for (int i = 0; i < 3600 && state() != PeerState::down; ++i) {
        pass(seconds(1));
        detector_->heard(peer_, Evidence{Channel::gossip, true, self_, heartbeat_, {}}, now_);
        detector_->heard(peer_, Evidence{Channel::gossip, true, self_, heartbeat_ / 2, {}}, now_);
    }
    EXPECT_EQ(state(), PeerState::down);
}

TEST_P(EvidenceContract, WhoComesBackIsAliveAtOnce) {
    detector_->watch(peer_, 1, now_);
    live(60);
    pass(seconds(3600));
    ASSERT_EQ(state(), PeerState::down);
    gossip(peer_);
    EXPECT_EQ(state(), PeerState::alive);
    EXPECT_EQ(opinion().since, now_);
}

TEST_P(EvidenceContract, ANewIncarnationBeginsAnew) {
    detector_->watch(peer_, 1, now_);
    live(60);
    pass(seconds(3600));
    detector_->watch(peer_, 2, now_);
    EXPECT_EQ(state(), PeerState::alive);
    heartbeat_ = 0;
    pass(seconds(3));
    gossip(peer_);
    EXPECT_EQ(state(), PeerState::alive) << "its heartbeats count from 1 again";
    EXPECT_FALSE(against(Channel::gossip));
}

TEST_P(EvidenceContract, TheSameOrAnOlderIncarnationChangesNothing) {
    detector_->watch(peer_, 2, now_);
    live(60);
    pass(seconds(3600));
    detector_->watch(peer_, 2, now_);
    detector_->watch(peer_, 1, now_);
    EXPECT_EQ(state(), PeerState::down);
    detector_->watch(peer_, 3, now_);
    EXPECT_EQ(state(), PeerState::alive);
}

TEST_P(EvidenceContract, AForgottenPeerIsAStranger) {
    detector_->watch(peer_, 1, now_);
    detector_->forget(peer_);
    pass(seconds(3600));
    EXPECT_EQ(state(), PeerState::alive);
}

TEST_P(EvidenceContract, FailuresSpeakAgainstAPeerUntilItAnswersThere) {
    detector_->watch(peer_, 1, now_);
    live(10);
    for (Channel channel : {Channel::probe, Channel::indirect, Channel::data_path}) {
        answer(channel, false);
        EXPECT_TRUE(against(channel));
        EXPECT_NE(state(), PeerState::down) << "one failure convicts nobody";
        answer(channel, true);
        EXPECT_FALSE(against(channel));
    }
    EXPECT_EQ(state(), PeerState::alive);
}

TEST_P(EvidenceContract, AWayThatKeepsFailingMakesSuspectThoughGossipArrives) {
    detector_->watch(peer_, 1, now_);
    for (int i = 0; i < 60; ++i) {
        live(1);
        answer(Channel::data_path, false);
    }
    EXPECT_EQ(state(), PeerState::suspect);
    EXPECT_TRUE(against(Channel::data_path));
    EXPECT_FALSE(against(Channel::gossip));
}

TEST_P(EvidenceContract, AWayThatFailedOnceAndIsNotUsedAgainIsNoReason) {
    detector_->watch(peer_, 1, now_);
    live(10);
    answer(Channel::data_path, false);
    for (int i = 0; i < 120; ++i) {
        live(1);
        ASSERT_EQ(state(), PeerState::alive) << i;
    }
    EXPECT_TRUE(opinion().against.empty());
}

TEST_P(EvidenceContract, AWayThatFailedForLongIsTriedAgain) {
    detector_->watch(peer_, 1, now_);
    for (int i = 0; i < 60; ++i) {
        live(1);
        answer(Channel::data_path, false);
    }
    ASSERT_EQ(state(), PeerState::suspect);
    live(120);  // suspects are avoided, so nobody asks it anything
    EXPECT_EQ(state(), PeerState::alive);
}

TEST_P(EvidenceContract, AnAccusationIsReportedAndFallsWhenThePeerIsHeard) {
    detector_->watch(peer_, 1, now_);
    live(10);
    const NodeId accuser{3};
    detector_->heard(peer_, Evidence{Channel::word, false, accuser, 0, {}}, now_);
    EXPECT_TRUE(against(Channel::word));
    EXPECT_NE(state(), PeerState::down);
    detector_->heard(peer_, Evidence{Channel::word, true, accuser, 0, {}}, now_);
    EXPECT_FALSE(against(Channel::word)) << "taken back";
    detector_->heard(peer_, Evidence{Channel::word, false, accuser, 0, {}}, now_);
    live(1);
    EXPECT_FALSE(against(Channel::word));
}

TEST_P(EvidenceContract, HearsayThatAPeerLivesDoesNotKeepItAlive) {
    detector_->watch(peer_, 1, now_);
    live(60);
    for (int i = 0; i < 3600; ++i) {
        pass(seconds(1));
        detector_->heard(peer_, Evidence{Channel::word, true, NodeId{3}, 0, {}}, now_);
    }
    EXPECT_EQ(state(), PeerState::down);
}

TEST_P(EvidenceContract, AnObserverThatSleptConvictsNobody) {
    detector_->watch(peer_, 1, now_);
    live(60);
    sleep(seconds(3600));
    EXPECT_EQ(state(), PeerState::alive);
    EXPECT_TRUE(opinion().against.empty());
    pass(milliseconds(500));
    EXPECT_EQ(state(), PeerState::alive);
    gossip(peer_);
    EXPECT_EQ(state(), PeerState::alive);
    pass(seconds(3600));
    EXPECT_EQ(state(), PeerState::down) << "but silence while awake counts again";
}

TEST_P(EvidenceContract, APauseAcquitsNobodyEither) {
    detector_->watch(peer_, 1, now_);
    live(60);
    pass(seconds(3600));
    ASSERT_EQ(state(), PeerState::down);
    sleep(seconds(60));
    EXPECT_EQ(state(), PeerState::down);
}

TEST_P(EvidenceContract, ProbesNameWatchedPeersOnlyAndOnceEach) {
    detector_->watch(peer_, 1, now_);
    for (int i = 0; i < 100; ++i) {
        pass(milliseconds(100));
        const std::vector<Probe> due = detector_->due(now_);
        EXPECT_LE(due.size(), 1u);
        for (const Probe& probe : due) EXPECT_EQ(probe.target, peer_);
    }
}

INSTANTIATE_TEST_SUITE_P(, EvidenceContract, testing::ValuesIn(all_detectors()), case_name);

}  // namespace
}  // namespace ashlar::contract
