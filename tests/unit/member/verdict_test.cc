// When a detector's condemnation is enough, and when it is not.
#include "member/verdict.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "town.h"

namespace ashlar::test {
namespace {

/// Node 1 looks at node 2; nodes 3 and 4 are the others.
class Verdict : public ::testing::Test {
protected:
    Verdict() : roster(Town::entry(1), seconds(1)) {
        for (std::uint64_t node = 2; node <= 4; ++node)
            roster.take(Town::entry(node), member::Mouth::own, Instant{100});
        for (auto& [node, known] : roster.peers) known.proven = true;
    }
    member::Known& of(std::uint64_t node) { return *roster.find(NodeId{node}); }
    void condemn(std::uint64_t node, std::vector<Channel> against) {
        of(node).own.state = PeerState::down;
        of(node).own.against = std::move(against);
    }
    PeerState of_two(bool lenient = false, Instant fresh_from = Instant{50}) {
        member::gather_accusers(roster, fresh_from);
        return member::verdict(roster, NodeId{2}, of(2), lenient);
    }
    member::Roster roster;
};

TEST_F(Verdict, OneObserverOnlySuspectsWhileAnotherWitnessLives) {
    condemn(2, {Channel::gossip, Channel::probe, Channel::indirect, Channel::data_path});
    EXPECT_EQ(of_two(), PeerState::suspect);
    condemn(3, {Channel::gossip});
    EXPECT_EQ(of_two(), PeerState::suspect);  // node 4 would know
    condemn(4, {Channel::gossip});
    EXPECT_EQ(of_two(), PeerState::down);
}

TEST_F(Verdict, WithoutOtherWitnessesItTakesTwoChannelsOfOnesOwn) {
    condemn(3, {});
    condemn(4, {});
    condemn(2, {Channel::gossip});
    EXPECT_EQ(of_two(), PeerState::suspect);
    condemn(2, {Channel::gossip, Channel::word});
    EXPECT_EQ(of_two(), PeerState::suspect);
    condemn(2, {Channel::gossip, Channel::gossip});
    EXPECT_EQ(of_two(), PeerState::suspect);
    condemn(2, {Channel::gossip, Channel::probe});
    EXPECT_EQ(of_two(), PeerState::down);
}

TEST_F(Verdict, ASecondObserverMakesItDown) {
    condemn(2, {Channel::gossip});
    of(4).entry.accuses = {NodeId{2}};
    EXPECT_EQ(of_two(), PeerState::down);
    EXPECT_EQ(member::reasons(of(2)), "silent by gossip; accused by 0000000000000004");
}

TEST_F(Verdict, AnAccuserMustBeBelievedAndItsWordFresh) {
    condemn(2, {Channel::gossip});
    of(4).entry.accuses = {NodeId{2}};
    EXPECT_EQ(of_two(false, Instant{100}), PeerState::suspect);  // said no later than that
    of(4).own.state = PeerState::suspect;
    EXPECT_EQ(of_two(), PeerState::suspect);
    of(4).own.state = PeerState::slow;
    EXPECT_EQ(of_two(), PeerState::down);
}

TEST_F(Verdict, ANodeCannotAccuseItself) {
    of(2).entry.accuses = {NodeId{2}};
    member::gather_accusers(roster, Instant{50});
    EXPECT_TRUE(of(2).accusers.empty());
}

TEST_F(Verdict, AccusationsAloneCondemnNobodyWhoIsHeard) {
    for (std::uint64_t node : {3u, 4u}) of(node).entry.accuses = {NodeId{2}};
    EXPECT_EQ(of_two(), PeerState::alive);
    of(2).own.state = PeerState::slow;
    EXPECT_EQ(of_two(), PeerState::slow);
    of(2).own.state = PeerState::suspect;
    EXPECT_EQ(of_two(), PeerState::suspect);
    // Who was only spoken of is not trusted so far.
    of(2).own.state = PeerState::alive;
    of(2).proven = false;
    EXPECT_EQ(of_two(), PeerState::suspect);
    for (std::uint64_t node : {3u, 4u}) of(node).entry.accuses.clear();
    EXPECT_EQ(of_two(), PeerState::alive);
}

TEST_F(Verdict, WhoWasAwayCondemnsNobodyAnewAndAcquitsNobody) {
    condemn(2, {Channel::gossip});
    of(4).entry.accuses = {NodeId{2}};
    EXPECT_EQ(of_two(true), PeerState::suspect);
    of(2).state = PeerState::down;
    EXPECT_EQ(of_two(true), PeerState::down);
}

TEST_F(Verdict, DownLastsUntilThereIsLife) {
    condemn(2, {Channel::gossip});
    of(2).state = PeerState::down;
    EXPECT_EQ(of_two(), PeerState::down);  // the accuser is gone; it is no more alive for that
    of(2).own.state = PeerState::alive;
    EXPECT_EQ(of_two(), PeerState::alive);
}

TEST_F(Verdict, ItsOwnWordThatItStopsIsASource) {
    of(2).entry.stopping = true;
    EXPECT_EQ(of_two(), PeerState::suspect);
    condemn(2, {Channel::gossip});
    EXPECT_EQ(of_two(), PeerState::down);
    EXPECT_EQ(member::reasons(of(2)), "silent by gossip; it says it stops");
}

}  // namespace
}  // namespace ashlar::test
