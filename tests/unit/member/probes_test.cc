// Probes on their way, and what the detector hears of them.
#include <gtest/gtest.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "member/probing.h"
#include "town.h"

namespace ashlar::test {
namespace {

/// Wants what the test wants, and keeps what it is told.
class Curious final : public FailureDetector {
public:
    void watch(NodeId, std::uint32_t, Instant) noexcept override {}
    void forget(NodeId) noexcept override {}
    void heard(NodeId peer, const Evidence& evidence, Instant) noexcept override {
        if (evidence.channel != Channel::gossip) told.emplace_back(peer, evidence);
    }
    Opinion suspicion(NodeId peer, Instant) const noexcept override {
        Opinion opinion;
        if (peer == accused) opinion.state = PeerState::suspect;
        return opinion;
    }
    std::vector<Probe> due(Instant) noexcept override { return std::exchange(wanted, {}); }
    void paused(Duration, Instant) noexcept override {}

    std::vector<Probe> wanted;
    std::vector<std::pair<NodeId, Evidence>> told;
    NodeId accused;
};

class Probes : public ::testing::Test {
protected:
    Probes() {
        town.make = [](Random&) { return std::make_unique<Curious>(); };
        town.move_in_up_to(4);
        town.run(seconds(10));
        for (std::uint64_t node = 1; node <= 4; ++node) of(node).told.clear();
    }
    Curious& of(std::uint64_t node) { return static_cast<Curious&>(*town.at(node).detector); }
    Town town{71};
};

TEST_F(Probes, AnAnswerIsHeardWithItsTime) {
    of(1).wanted = {Probe{NodeId{2}, {}, milliseconds(500)}};
    town.run(seconds(1));
    ASSERT_EQ(of(1).told.size(), 1u);
    const auto& [peer, evidence] = of(1).told[0];
    EXPECT_EQ(peer, NodeId{2});
    EXPECT_EQ(evidence.channel, Channel::probe);
    EXPECT_TRUE(evidence.alive);
    EXPECT_EQ(evidence.witness, NodeId{1});
    EXPECT_GE(evidence.round_trip, milliseconds(2));
    EXPECT_LE(evidence.round_trip, milliseconds(40));
}

TEST_F(Probes, WhoDoesNotAnswerIsAskedUntilItDoes) {
    town.cut(2, 1);
    of(1).wanted = {Probe{NodeId{2}, {}, milliseconds(500)}};
    town.run(milliseconds(490));
    EXPECT_TRUE(of(1).told.empty());
    town.run(milliseconds(270));  // it is asked four times in a second what it wants
    ASSERT_EQ(of(1).told.size(), 1u);
    EXPECT_EQ(of(1).told[0].second.channel, Channel::probe);
    EXPECT_FALSE(of(1).told[0].second.alive);
    town.run(seconds(10));
    EXPECT_GE(of(1).told.size(), 3u);
    town.heal();
    town.run(seconds(5));
    const std::size_t told = of(1).told.size();
    EXPECT_EQ(of(1).told.back().second.channel, Channel::probe);
    EXPECT_TRUE(of(1).told.back().second.alive);
    town.run(seconds(10));
    EXPECT_EQ(of(1).told.size(), told);
}

TEST_F(Probes, AHelperAnswersForWhomItReaches) {
    town.cut_both(1, 2);
    of(1).wanted = {Probe{NodeId{2}, {NodeId{3}, NodeId{4}}, milliseconds(500)}};
    town.run(seconds(1));
    ASSERT_EQ(of(1).told.size(), 2u);
    for (const auto& [peer, evidence] : of(1).told) {
        EXPECT_EQ(peer, NodeId{2});
        EXPECT_EQ(evidence.channel, Channel::indirect);
        EXPECT_TRUE(evidence.alive);
        EXPECT_TRUE(evidence.witness == NodeId{3} || evidence.witness == NodeId{4});
    }
    // The helpers learned something too.
    ASSERT_EQ(of(3).told.size(), 1u);
    EXPECT_EQ(of(3).told[0].second.channel, Channel::probe);
}

TEST_F(Probes, AHelperSaysThatItHeardNothing) {
    town.kill(2);
    of(1).wanted = {Probe{NodeId{2}, {NodeId{3}}, milliseconds(500)}};
    town.run(milliseconds(370));
    EXPECT_TRUE(of(1).told.empty());
    town.run(milliseconds(330));  // a tick, three quarters of the wait, two ways
    ASSERT_EQ(of(1).told.size(), 1u);
    EXPECT_EQ(of(1).told[0].second.channel, Channel::indirect);
    EXPECT_FALSE(of(1).told[0].second.alive);
    EXPECT_EQ(of(1).told[0].second.witness, NodeId{3});
    town.run(seconds(10));
    EXPECT_EQ(of(1).told.size(), 1u);
    EXPECT_TRUE(of(3).told.empty());  // it asked for another, and not for long
}

TEST_F(Probes, ALateAnswerStillHelps) {
    town.delay_min = milliseconds(300);
    town.delay_max = milliseconds(300);
    of(1).wanted = {Probe{NodeId{2}, {NodeId{3}}, milliseconds(500)}};
    of(4).wanted = {Probe{NodeId{2}, {}, milliseconds(500)}};
    town.run(seconds(3));
    ASSERT_EQ(of(1).told.size(), 2u);
    EXPECT_FALSE(of(1).told[0].second.alive);
    EXPECT_TRUE(of(1).told[1].second.alive);
    ASSERT_GE(of(4).told.size(), 2u);
    EXPECT_FALSE(of(4).told[0].second.alive);
    EXPECT_TRUE(of(4).told[1].second.alive);
    EXPECT_EQ(of(4).told[1].second.round_trip, milliseconds(600));
}

TEST_F(Probes, SilenceOfAnEarlierLifeIsNotHeldAgainstTheNext) {
    town.kill(2);
    of(1).wanted = {Probe{NodeId{2}, {}, seconds(20)}};
    town.run(seconds(1));
    town.move_in(2, 2);
    ASSERT_TRUE(town.until([&] { return town.at(1).members.entry(NodeId{2})->incarnation == 2; }, seconds(5)));
    town.run(seconds(30));
    EXPECT_TRUE(std::all_of(of(1).told.begin(), of(1).told.end(), [](const auto& one) { return one.second.alive; }));
}

TEST_F(Probes, AnAccusationIsHeardAndTakenBack) {
    of(2).accused = NodeId{3};
    town.run(seconds(5));
    ASSERT_FALSE(of(1).told.empty());
    EXPECT_EQ(of(1).told.back().first, NodeId{3});
    EXPECT_EQ(of(1).told.back().second.channel, Channel::word);
    EXPECT_EQ(of(1).told.back().second.witness, NodeId{2});
    EXPECT_FALSE(of(1).told.back().second.alive);
    // The suspect is looked at by the one who suspects it, and answers.
    EXPECT_TRUE(std::any_of(of(2).told.begin(), of(2).told.end(),
                            [](const auto& one) { return one.second.channel == Channel::probe && one.second.alive; }));
    of(2).accused = NodeId{};
    town.run(seconds(5));
    EXPECT_EQ(of(1).told.back().second.channel, Channel::word);
    EXPECT_TRUE(of(1).told.back().second.alive);
}

TEST_F(Probes, WhoWasAwayAccusesNobodyForAWhile) {
    of(2).accused = NodeId{3};
    town.run(seconds(1));
    EXPECT_EQ(town.at(2).members.self().accuses, std::vector<NodeId>{NodeId{3}});
    town.pause(2, seconds(10));
    town.run(seconds(14));
    EXPECT_TRUE(town.at(2).members.self().accuses.empty());
    town.run(seconds(2));
    EXPECT_EQ(town.at(2).members.self().accuses, std::vector<NodeId>{NodeId{3}});
}

TEST_F(Probes, TheDataPathIsPassedOn) {
    town.at(1).members.data_path(NodeId{2}, true, milliseconds(3), town.now());
    town.at(1).members.data_path(NodeId{2}, false, seconds(1), town.now());
    ASSERT_EQ(of(1).told.size(), 2u);
    EXPECT_EQ(of(1).told[0].second.channel, Channel::data_path);
    EXPECT_EQ(of(1).told[0].second.round_trip, milliseconds(3));
    EXPECT_FALSE(of(1).told[1].second.alive);
}

TEST(Probing, OnlyWhoWasAskedMayAnswer) {
    member::Probing probing(100);
    const Instant now{0}, until{1000};
    const auto ref = probing.begin(member::Asked{NodeId{2}, NodeId{2}, now, until, {}, {}});
    ASSERT_TRUE(ref);
    EXPECT_TRUE(probing.waits_for(NodeId{2}));
    EXPECT_FALSE(probing.end(wire::ProbeAnswer{*ref, NodeId{2}, true}, NodeId{3}));
    EXPECT_FALSE(probing.end(wire::ProbeAnswer{*ref, NodeId{3}, true}, NodeId{2}));
    EXPECT_FALSE(probing.end(wire::ProbeAnswer{wire::Ref{ref->value + 1}, NodeId{2}, true}, NodeId{2}));
    EXPECT_TRUE(probing.end(wire::ProbeAnswer{*ref, NodeId{2}, true}, NodeId{2}));
    EXPECT_FALSE(probing.end(wire::ProbeAnswer{*ref, NodeId{2}, true}, NodeId{2}));
    EXPECT_EQ(probing.earliest(), port::never);
}

TEST(Probing, AskersCannotMakeItGrow) {
    member::Probing probing(1);
    const Instant now{0}, until{1000};
    std::size_t relays = 0, own = 0;
    for (int i = 0; i < 5000; ++i) {
        if (probing.begin(member::Asked{NodeId{2}, NodeId{2}, now, until, NodeId{9}, wire::Ref{1}})) ++relays;
        if (i % 2 == 0 && probing.begin(member::Asked{NodeId{2}, NodeId{2}, now, until, {}, {}})) ++own;
    }
    EXPECT_EQ(relays, member::relays_max);
    EXPECT_EQ(own + relays, member::probes_max);
    // Once for each, and late answers are waited for.
    EXPECT_FALSE(probing.overdue(Instant{999}, seconds(1)).size());
    EXPECT_EQ(probing.overdue(until, seconds(1)).size(), member::probes_max);
    EXPECT_EQ(probing.overdue(until, seconds(1)).size(), 0u);
    EXPECT_EQ(probing.earliest(), until + seconds(1));
    EXPECT_TRUE(probing.overdue(until + seconds(1), seconds(1)).empty());
    EXPECT_EQ(probing.earliest(), port::never);
}

}  // namespace
}  // namespace ashlar::test
