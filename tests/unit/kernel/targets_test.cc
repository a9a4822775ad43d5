// Whom a request asks, given who is there.
#include "request/targets.h"

#include <gtest/gtest.h>

#include <map>

namespace ashlar::request {
namespace {

class Known final : public Health {
public:
    PeerState state(NodeId node) const override {
        auto at = states.find(node.value);
        return at == states.end() ? PeerState::alive : at->second;
    }
    View datacentre(NodeId node) const override {
        auto at = places.find(node.value);
        return at == places.end() ? View{} : View(at->second);
    }
    std::map<std::uint64_t, PeerState> states;
    std::map<std::uint64_t, std::string> places;
};

Walk walk_of(std::vector<std::uint64_t> nodes, std::uint32_t owners) {
    Walk walk;
    for (std::uint64_t node : nodes) walk.nodes.push_back(NodeId{node});
    walk.owners = owners;
    return walk;
}
Target owner(std::uint64_t node) {
    return Target{NodeId{node}, {}};
}
Target stand_in(std::uint64_t node, std::uint64_t absent) {
    return Target{NodeId{node}, NodeId{absent}};
}

TEST(Targets, AWriteAsksEveryOwnerAndItselfFirst) {
    Known health;
    std::vector<Target> out;
    choose_writers(walk_of({1, 2, 3, 4, 5}, 3), NodeId{2}, health, out);
    EXPECT_EQ(out, (std::vector<Target>{owner(2), owner(1), owner(3)}));
}

TEST(Targets, AStandInKeepsAHintForEachOwnerThatIsDown) {
    Known health;
    health.states[1] = PeerState::down;
    health.states[3] = PeerState::down;
    health.states[4] = PeerState::down;
    std::vector<Target> out;
    choose_writers(walk_of({1, 2, 3, 4, 5, 6}, 3), NodeId{2}, health, out);
    EXPECT_EQ(out, (std::vector<Target>{owner(2), stand_in(5, 1), stand_in(6, 3)}));
}

TEST(Targets, WhoeverStandsNearIsAskedFirst) {
    Known health;
    for (std::uint64_t node : {1, 3, 5, 7}) health.places[node] = "east";
    for (std::uint64_t node : {2, 4, 6, 8}) health.places[node] = "west";
    std::vector<Target> out;
    choose_readers(walk_of({1, 2, 3, 4, 5, 6, 7, 8}, 4), NodeId{4}, health, true, out);
    EXPECT_EQ(out, (std::vector<Target>{owner(4), owner(2), owner(1), owner(3)}));
    health.states[2] = PeerState::slow;
    choose_readers(walk_of({1, 2, 3, 4, 5, 6, 7, 8}, 4), NodeId{4}, health, true, out);
    EXPECT_EQ(out, (std::vector<Target>{owner(4), owner(1), owner(3), owner(2)}));
    // The stand-in of an owner in the west stands in the west, while one there is well.
    health.states[2] = PeerState::down;
    choose_writers(walk_of({1, 2, 3, 4, 5, 6, 7, 8}, 4), NodeId{4}, health, out);
    EXPECT_EQ(out.back(), stand_in(6, 2));
    health.states[6] = PeerState::suspect;
    health.states[8] = PeerState::down;
    choose_writers(walk_of({1, 2, 3, 4, 5, 6, 7, 8}, 4), NodeId{4}, health, out);
    EXPECT_EQ(out.back(), stand_in(5, 2));
}

TEST(Targets, ASuspectOwnerIsStillWrittenTo) {
    Known health;
    health.states[1] = PeerState::suspect;
    std::vector<Target> out;
    choose_writers(walk_of({1, 2, 3, 4}, 3), NodeId{2}, health, out);
    EXPECT_EQ(out, (std::vector<Target>{owner(2), owner(1), owner(3)}));
}

TEST(Targets, AReadPrefersItselfThenTheHealthy) {
    Known health;
    health.states[1] = PeerState::slow;
    std::vector<Target> out;
    choose_readers(walk_of({1, 2, 3, 4}, 3), NodeId{3}, health, true, out);
    EXPECT_EQ(out, (std::vector<Target>{owner(3), owner(2), owner(1)}));
}

TEST(Targets, AStrictReadAsksNoStandIn) {
    Known health;
    health.states[1] = PeerState::down;
    std::vector<Target> out;
    choose_readers(walk_of({1, 2, 3, 4}, 3), NodeId{3}, health, false, out);
    EXPECT_EQ(out, (std::vector<Target>{owner(3), owner(2)}));
    choose_readers(walk_of({1, 2, 3, 4}, 3), NodeId{3}, health, true, out);
    EXPECT_EQ(out, (std::vector<Target>{owner(3), owner(2), stand_in(4, 1)}));
}

TEST(Targets, TheNextStandInIsNobodyAsked) {
    Known health;
    Walk walk = walk_of({1, 2, 3, 4, 5}, 3);
    EXPECT_EQ(next_stand_in(walk, NodeId{1}, health, {NodeId{1}, NodeId{2}, NodeId{3}, NodeId{4}}), stand_in(5, 1));
    EXPECT_EQ(next_stand_in(walk, NodeId{1}, health, {NodeId{4}, NodeId{5}}), Target{});
    health.states[4] = PeerState::slow;
    EXPECT_EQ(next_stand_in(walk, NodeId{1}, health, {}), stand_in(5, 1)) << "a healthy one before a slow one";
}

}  // namespace
}  // namespace ashlar::request
