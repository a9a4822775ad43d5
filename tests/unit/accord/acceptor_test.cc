#include "accord/acceptor.h"

#include <gtest/gtest.h>

#include "parliament.h"

namespace ashlar::accord {
namespace {

constexpr std::uint64_t origin = 99;

ledger::State member(std::uint64_t node, std::uint64_t members = 3) {
    ledger::State state;
    state.node = NodeId{node};
    std::vector<Member> list;
    for (std::uint64_t i = 1; i <= members; ++i) list.push_back(Member{NodeId{i}, "dc1", "r", 1});
    state.agreed = *test::ring_over(list, origin);
    return state;
}

using Founders = std::vector<NodeId>;

ledger::State founder(std::uint64_t node) {
    ledger::State state;
    state.node = NodeId{node};
    return state;
}

std::uint64_t mark(std::initializer_list<std::uint64_t> nodes, std::uint64_t of = origin) {
    std::vector<NodeId> list;
    for (std::uint64_t node : nodes) list.push_back(NodeId{node});
    return voters_mark(of, list);
}

Bytes value_behind(const ledger::Agreed& before, std::uint64_t stamp = 1) {
    ledger::Agreed next = before;
    ++next.ring.epoch.value;
    next.stamp = stamp;
    return ledger::encode_agreed(next);
}

wire::Prepare prepare(std::uint64_t round, std::uint64_t node, std::uint64_t voters, std::uint64_t epoch = 2) {
    return wire::Prepare{Epoch{epoch}, {round, NodeId{node}}, voters};
}

TEST(Acceptor, PromisesTheHighestBallotAndTellsWhatItVotedFor) {
    ledger::State state = member(1);
    std::uint64_t all = mark({1, 2, 3});
    auto first = promise(state, prepare(5, 2, all), {});
    ASSERT_TRUE(first);
    EXPECT_TRUE(first->granted);
    EXPECT_EQ(first->accepted.round, 0u);
    ledger::State before = state;
    auto lower = promise(state, prepare(5, 1, all), {});
    ASSERT_TRUE(lower);
    EXPECT_FALSE(lower->granted);
    EXPECT_EQ(lower->promised, (wire::Ballot{5, NodeId{2}}));
    EXPECT_EQ(state, before) << "what is not granted changes nothing";

    Bytes value = value_behind(state.agreed);
    auto late = accept(state, wire::Accept{Epoch{2}, {4, NodeId{3}}, all, value});
    ASSERT_TRUE(late);
    EXPECT_FALSE(late->granted);
    EXPECT_EQ(state, before);
    ASSERT_TRUE(accept(state, wire::Accept{Epoch{2}, {5, NodeId{2}}, all, value})->granted);
    auto later = promise(state, prepare(6, 3, all), {});
    EXPECT_EQ(later->accepted, (wire::Ballot{5, NodeId{2}}));
    EXPECT_EQ(later->value, value);
    EXPECT_EQ(state.vote.value, value) << "a promise forgets no vote";
    EXPECT_TRUE(accept(state, wire::Accept{Epoch{2}, {7, NodeId{1}}, all, value_behind(state.agreed, 2)})->granted)
        << "a higher ballot needs no promise of this voter";
}

TEST(Acceptor, AnotherEpochListOrValueIsNoQuestionForIt) {
    ledger::State state = member(1);
    std::uint64_t all = mark({1, 2, 3});
    ledger::State before = state;
    EXPECT_FALSE(promise(state, prepare(1, 2, all, 1), {}));
    EXPECT_FALSE(promise(state, prepare(1, 2, all, 3), {}));
    EXPECT_FALSE(promise(state, prepare(1, 2, mark({1, 2}), 2), {}));
    EXPECT_FALSE(promise(state, prepare(1, 2, mark({1, 2, 3}, 98), 2), {})) << "a cluster of the same name";
    auto vote = [&](const Bytes& value) { return accept(state, wire::Accept{Epoch{2}, {1, NodeId{2}}, all, value}); };
    EXPECT_FALSE(vote("nonsense"));
    EXPECT_FALSE(vote(value_behind(before.agreed) + "x"));
    ledger::Agreed skipped = before.agreed;
    skipped.ring.epoch.value = 3;
    EXPECT_FALSE(vote(ledger::encode_agreed(skipped)));
    ledger::Agreed strange = before.agreed;
    strange.ring.epoch.value = 2;
    strange.origin = 98;
    EXPECT_FALSE(vote(ledger::encode_agreed(strange)));
    EXPECT_EQ(state, before);
    ASSERT_TRUE(vote(value_behind(before.agreed))->granted);
    auto twice = vote(value_behind(before.agreed, 2));
    ASSERT_FALSE(twice);
    EXPECT_EQ(twice.error().code, Code::corrupt) << "one ballot, two values";
}

TEST(Acceptor, WhoHasNoVoteIsNotAnswered) {
    ledger::State state = member(1);
    ledger::State before = state;
    std::uint64_t all = mark({1, 2, 3});
    auto promised = promise(state, prepare(1, 9, all), {});
    ASSERT_FALSE(promised);
    EXPECT_EQ(promised.error().code, Code::not_authorized);
    auto voted = accept(state, wire::Accept{Epoch{2}, {1, NodeId{9}}, all, value_behind(state.agreed)});
    ASSERT_FALSE(voted);
    EXPECT_EQ(voted.error().code, Code::not_authorized);
    EXPECT_EQ(state, before);

    ledger::State empty = founder(1);
    const Founders three{NodeId{1}, NodeId{2}, NodeId{3}};
    std::uint64_t list = mark({1, 2, 3}, 0);
    EXPECT_FALSE(promise(empty, prepare(1, 9, list, 1), three)) << "who asks is not on its own list";
    ASSERT_TRUE(promise(empty, prepare(1, 2, list, 1), three)->granted);
    Bytes first = ledger::encode_agreed(member(1).agreed);
    EXPECT_FALSE(accept(empty, wire::Accept{Epoch{1}, {2, NodeId{9}}, list, first}));
    ASSERT_TRUE(accept(empty, wire::Accept{Epoch{1}, {2, NodeId{3}}, list, first})->granted);
    EXPECT_FALSE(promise(empty, prepare(3, 9, list, 1), {})) << "the value it voted for tells who is on the list";
    EXPECT_TRUE(promise(empty, prepare(3, 2, list, 1), {})->granted);
}

TEST(Acceptor, NoBallotLeapsOutOfTheReachOfOthers) {
    ledger::State state = member(1);
    ledger::State before = state;
    std::uint64_t all = mark({1, 2, 3});
    Bytes value = value_behind(state.agreed);
    for (std::uint64_t round : {std::uint64_t{0}, round_leap_max + 1, UINT64_MAX / 2, UINT64_MAX}) {
        auto promised = promise(state, prepare(round, 2, all), {});
        ASSERT_FALSE(promised) << round;
        EXPECT_EQ(promised.error().code, Code::corrupt);
        EXPECT_FALSE(accept(state, wire::Accept{Epoch{2}, {round, NodeId{2}}, all, value})) << round;
    }
    EXPECT_EQ(state, before);
    ASSERT_TRUE(promise(state, prepare(round_leap_max, 2, all), {})->granted);
    ASSERT_TRUE(promise(state, prepare(2 * round_leap_max, 3, all), {})->granted);
    EXPECT_FALSE(promise(state, prepare(3 * round_leap_max + 1, 2, all), {}));
    EXPECT_FALSE(promise(state, prepare(1, 2, all), {})->granted) << "an old ballot is an honest question";
}

TEST(Acceptor, AWipedNodeHasNoVote) {
    ledger::State wiped = member(7);
    EXPECT_EQ(mark_of(wiped, 0), 0u);
    EXPECT_FALSE(promise(wiped, prepare(1, 2, mark({1, 2, 3})), {}));
    ledger::State empty = founder(7);
    EXPECT_FALSE(promise(empty, prepare(1, 1, mark({1, 2, 3}, 0), 1), {})) << "it sees no founders";
    EXPECT_FALSE(promise(empty, prepare(1, 1, mark({1, 2, 3}, 0), 1), Founders{NodeId{2}, NodeId{3}, NodeId{7}}));
}

TEST(Acceptor, AFounderIsBoundToOneListForGood) {
    ledger::State state = founder(1);
    std::uint64_t list = mark({1, 2, 3}, 0);
    std::uint64_t other = mark({1, 2, 4}, 0);
    const Founders three{NodeId{1}, NodeId{2}, NodeId{3}}, others{NodeId{1}, NodeId{2}, NodeId{4}};
    Bytes first = ledger::encode_agreed(member(1).agreed);
    EXPECT_FALSE(accept(state, wire::Accept{Epoch{1}, {1, NodeId{1}}, list, first})) << "not bound yet";
    ASSERT_TRUE(promise(state, prepare(1, 1, list, 1), three)->granted);
    EXPECT_FALSE(promise(state, prepare(2, 1, other, 1), others)) << "whatever it sees now";
    ASSERT_TRUE(promise(state, prepare(2, 2, list, 1), others)->granted);
    EXPECT_FALSE(accept(state, wire::Accept{Epoch{1}, {9, NodeId{4}}, other, first}));
    auto strange = test::ring_over({Member{NodeId{1}, "dc1", "r", 1}, Member{NodeId{2}, "dc1", "r", 1}}, 5);
    EXPECT_FALSE(accept(state, wire::Accept{Epoch{1}, {2, NodeId{2}}, list, ledger::encode_agreed(*strange)}))
        << "a ring over others than the list";
    EXPECT_TRUE(accept(state, wire::Accept{Epoch{1}, {2, NodeId{2}}, list, first})->granted);
}

}  // namespace
}  // namespace ashlar::accord
