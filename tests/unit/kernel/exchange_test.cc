// Anti-entropy between nodes that hear each other: what differs is found and shipped, and nothing else is.
#include <gtest/gtest.h>

#include "troupe.h"

namespace ashlar::test {
namespace {

constexpr TableId table{1};

/// Rounds come every second.
Cast quick(std::uint32_t nodes = 3) {
    Cast cast{nodes};
    cast.limits.convergence_target = seconds(3);
    return cast;
}

Token token_of(View key) {
    return kit::hash64(key);
}

/// A value as the counter-th write of a node.
Bytes entry_of(Stage& stage, View value, std::uint32_t by, std::uint64_t counter, View context = {}) {
    Change change;
    change.value = value;
    change.context = context;
    change.dot = Dot{Actor{NodeId{by}, 9, 0}, counter};
    change.wall = stage.now.wall;
    return *stage.resolver->update({}, change);
}

Bytes key_of(int i) {
    return "key " + std::to_string(i);
}

/// A write that reached this node only.
void plant(Troupe& troupe, std::uint32_t node, View key, View entry) {
    Stage& stage = troupe.at(node);
    const std::uint32_t other = node == 1 ? 2 : 1;
    const wire::Message hint = wire::HintGive{wire::Ref{1}, EntryKey{token_of(key), table, key}, entry};
    stage.step(port::Heard{wire::Sender{NodeId{other}, 1}, port::Road::background, &hint});
}

/// The same for many keys; answers their bytes.
std::uint64_t plant_many(Troupe& troupe, std::uint32_t node, int keys, View value) {
    std::uint64_t bytes = 0;
    for (int i = 0; i < keys;) {
        std::vector<std::pair<Bytes, Bytes>> owned;
        for (; i < keys && owned.size() < 500; ++i)
            owned.emplace_back(key_of(i), entry_of(troupe.at(1), value, 1, 100 + static_cast<std::uint64_t>(i)));
        wire::EntriesGive give;
        give.epoch = troupe.at(node).node->ring().epoch;
        give.table = table;
        for (const auto& [key, entry] : owned) {
            give.lines.push_back(wire::ScanLine{token_of(key), key, entry});
            bytes += key.size() + entry.size();
        }
        const wire::Message message = give;
        troupe.at(node).step(port::Heard{wire::Sender{NodeId{node == 1 ? 2u : 1u}, 1}, port::Road::background, &message});
        troupe.at(node).settle();
    }
    return bytes;
}

/// All that a node holds, read from its engine.
std::map<Bytes, Bytes> held(Troupe& troupe, std::uint32_t node) {
    std::map<Bytes, Bytes> out;
    ScanRange range;
    range.table = table;
    auto snapshot = troupe.at(node).engine->snapshot();
    auto scanned = snapshot->scan(range);
    Cursor* cursor = scanned->get();
    while (*cursor->next()) out[Bytes(cursor->key().key)] = Bytes(cursor->entry());
    return out;
}

void expect_equal(Troupe& troupe, std::size_t keys, std::uint32_t nodes = 3) {
    const auto first = held(troupe, 1);
    EXPECT_EQ(first.size(), keys);
    for (std::uint32_t node = 2; node <= nodes; ++node) EXPECT_TRUE(held(troupe, node) == first) << "node " << node;
}

/// What a node says of the partition it was proven equal in longest ago.
Duration age(Troupe& troupe, std::uint32_t node) {
    for (const member::Standing& standing : troupe.at(node).node->facts().standings)
        if (standing.entry->node == NodeId{node}) return standing.entry->convergence_age;
    return Duration{-1};
}

TEST(Exchange, WhatOnlyOneReplicaHoldsReachesAllOfThem) {
    Troupe troupe(quick());
    for (int i = 0; i < 30; ++i) {
        const auto node = static_cast<std::uint32_t>(i % 3 + 1);
        plant(troupe, node, key_of(i), entry_of(troupe.at(node), "value", node, 100 + static_cast<std::uint64_t>(i)));
    }
    troupe.run(seconds(4));
    expect_equal(troupe, 30);
}

TEST(Exchange, VersionsOfOneKeyAreJoinedOnAllReplicas) {
    Troupe troupe(quick());
    for (std::uint32_t node : {1u, 2u, 3u}) plant(troupe, node, "key", entry_of(troupe.at(node), "of each", node, 100));
    troupe.run(seconds(4));
    expect_equal(troupe, 1);
    EXPECT_EQ(troupe.get(1, "key", one).value(), "(3 siblings)");
}

TEST(Exchange, ConvergenceAgeStaysBelowTheTarget) {
    Troupe troupe(quick());
    for (int i = 0; i < 20; ++i) troupe.put(1, key_of(i), "value");
    troupe.run(seconds(20));
    for (std::uint32_t node : {1u, 2u, 3u}) {
        EXPECT_LT(age(troupe, node), seconds(4)) << node;
        EXPECT_GT(age(troupe, node), seconds(0)) << node;
    }
}

TEST(Exchange, EqualReplicasExchangeSumsAndWriteNothing) {
    Troupe troupe(quick());
    for (int i = 0; i < 200; ++i) troupe.put(1, key_of(i), Bytes(500, 'x'));
    troupe.run(seconds(5));
    const auto fetched = troupe.said("fetch_ask"), given = troupe.said("entries_give"), bytes = troupe.repair_bytes();
    const auto asked = troupe.said("sum_ask");
    std::vector<Sequence> applied;
    for (std::uint32_t node : {1u, 2u, 3u}) applied.push_back(troupe.at(node).engine->stats().applied);
    troupe.run(seconds(30));
    EXPECT_EQ(troupe.said("fetch_ask"), fetched);
    EXPECT_EQ(troupe.said("entries_give"), given);
    EXPECT_GT(troupe.said("sum_ask"), asked);
    // A question, an answer and an end for each of eight partitions and two others, thirty times.
    EXPECT_LT(troupe.repair_bytes() - bytes, 30u * 8 * 2 * 300);
    for (std::uint32_t node : {1u, 2u, 3u}) EXPECT_EQ(troupe.at(node).engine->stats().applied, applied[node - 1]);
}

TEST(Exchange, BytesFollowTheDifferenceAndNotTheData) {
    Troupe troupe(quick());
    constexpr int keys = 40'000;
    const Bytes value(200, 'x');
    for (std::uint32_t node : {1u, 2u, 3u}) plant_many(troupe, node, keys, value);
    troupe.run(seconds(6));
    const auto before = troupe.repair_bytes();
    troupe.run(seconds(5));
    const auto idle = troupe.repair_bytes() - before;
    plant(troupe, 3, "one more", entry_of(troupe.at(3), value, 3, 1));
    troupe.run(seconds(5));
    expect_equal(troupe, keys + 1);
    const auto differing = troupe.repair_bytes() - before - idle;
    // The list of the tokens of one bucket twice, and the entry twice: not the 10 MB of the data.
    EXPECT_LT(differing, idle + 2 * (24u * 2000 + 1000));
}

TEST(Exchange, AnEmptyReplicaFetchesItsShareOnce) {
    Troupe troupe(quick());
    constexpr int keys = 10'000;
    const Bytes value(200, 'x');
    const std::uint64_t share = plant_many(troupe, 1, keys, value);
    plant_many(troupe, 2, keys, value);
    const auto before = troupe.repair_bytes();
    troupe.run(seconds(10));
    expect_equal(troupe, keys);
    EXPECT_LT(troupe.repair_bytes() - before, share * 12 / 10);
}

TEST(Exchange, WritesGoOnWhileReplicasAreCompared) {
    Troupe troupe(quick());
    for (int i = 0; i < 300; ++i) {
        const auto node = static_cast<std::uint32_t>(i % 3 + 1);
        plant(troupe, node, key_of(i % 100), entry_of(troupe.at(node), "planted", node, 100 + static_cast<std::uint64_t>(i)));
        ASSERT_TRUE(troupe.put(node, "other " + std::to_string(i), "value").ok());
        troupe.run(milliseconds(20));
    }
    troupe.run(seconds(5));
    expect_equal(troupe, 400);
    EXPECT_LT(age(troupe, 1), seconds(4));
}

TEST(Exchange, AnOwnerThatIsDownKeepsTheAgeRisingAndIsHealedOnItsReturn) {
    Cast cast = quick();
    cast.limits.hint_bytes = 0;  // all hints are dropped
    Troupe troupe(cast);
    troupe.lose({3});
    for (int i = 0; i < 20; ++i) ASSERT_TRUE(troupe.put(1, key_of(i), "value").ok());
    plant(troupe, 2, "planted", entry_of(troupe.at(2), "value", 2, 100));
    troupe.run(seconds(10));
    EXPECT_TRUE(held(troupe, 1) == held(troupe, 2));
    EXPECT_GT(age(troupe, 1), seconds(10));
    EXPECT_NE(troupe.at(1).node->facts().problem, "");
    EXPECT_NE(troupe.at(1).node->facts().hints.size(), 0u);
    troupe.bring_back(3);
    expect_equal(troupe, 21);
    EXPECT_LT(age(troupe, 1), seconds(4));
    // The marks of what was dropped are gone.
    EXPECT_EQ(troupe.at(1).node->facts().problem, "");
    EXPECT_EQ(troupe.at(1).node->facts().hints.size(), 0u);
}

TEST(Exchange, AMarkOfWhatOthersOwnGoesWhenTheyHaveHadTimeToCompareIt) {
    Cast cast = quick(4);
    cast.limits.hint_bytes = 100;  // one is kept
    Troupe troupe(cast);
    std::vector<std::uint32_t> owners;
    const auto explained = troupe.explain(1, "key");
    for (std::uint32_t i = 0; i < explained.owners; ++i)
        owners.push_back(static_cast<std::uint32_t>(explained.replicas[i].node.value));
    ASSERT_EQ(owners.size(), 3u);
    const std::uint32_t stranger = 10 - owners[0] - owners[1] - owners[2];
    troupe.lose({owners[0], owners[1], owners[2]});
    const Answer put = troupe.put(stranger, "key", Bytes(20, 'x'), one);
    ASSERT_TRUE(put.ok()) << put.value();
    troupe.run(seconds(1));
    EXPECT_NE(troupe.at(stranger).node->facts().problem.find("misses writes"), std::string::npos);
    for (std::uint32_t owner : owners) troupe.bring_back(owner);
    troupe.run(seconds(5));
    EXPECT_EQ(troupe.at(stranger).node->facts().hints.size(), 0u);
    EXPECT_EQ(troupe.at(stranger).node->facts().problem, "");
    for (std::uint32_t owner : owners) EXPECT_TRUE(held(troupe, owner).contains("key")) << owner;
}

TEST(Exchange, ARoundThatIsCutOffGoesOnWhereItWas) {
    Troupe troupe(quick());
    for (int i = 0; i < 500; ++i)
        plant(troupe, 3, key_of(i), entry_of(troupe.at(3), Bytes(100, 'x'), 3, 100 + static_cast<std::uint64_t>(i)));
    troupe.hold_back("entries_taken");
    troupe.run(seconds(2));
    troupe.lose({2});
    troupe.let_go();
    troupe.run(seconds(3));
    EXPECT_EQ(held(troupe, 1).size(), 500u);
    const auto fetched = troupe.said("fetch_ask");
    troupe.bring_back(2);
    expect_equal(troupe, 500);
    EXPECT_EQ(troupe.said("fetch_ask"), fetched);  // what was fetched before is not fetched again
}

/// The third holds it all by then, so its visit brings nothing, and the second was visited before.
TEST(Exchange, WhatComesOnAnotherRoadDuringARoundReachesAllReplicasInThatRound) {
    Troupe troupe(quick());
    ASSERT_TRUE(troupe.put(1, "key", "of all", all).ok());
    troupe.run(seconds(3));
    std::vector<std::uint32_t> owners;
    for (const port::ExplainedReplica& replica : troupe.explain(1, "key").replicas)
        owners.push_back(static_cast<std::uint32_t>(replica.node.value));
    ASSERT_EQ(owners.size(), 3u);
    std::vector<Bytes> of;
    for (std::uint32_t owner : owners) of.push_back(entry_of(troupe.at(owner), "of one", owner, 100));
    for (const Bytes& entry : of) plant(troupe, owners[2], "key", entry);
    plant(troupe, owners[1], "key", of[1]);
    plant(troupe, owners[0], "key", of[0]);
    const std::uint64_t before = troupe.said("entries_give");
    troupe.hold_back("entries_taken");
    for (int i = 0; i < 200 && troupe.said("entries_give") == before; ++i) troupe.run(milliseconds(10));
    plant(troupe, owners[0], "key", of[2]);
    troupe.let_go();
    troupe.run(milliseconds(300));
    expect_equal(troupe, 1);
}

TEST(Exchange, LostMessagesAreAskedForAgain) {
    Troupe troupe(quick());
    plant(troupe, 3, "key", entry_of(troupe.at(3), "value", 3, 100));
    troupe.silence(1, 3);
    troupe.run(seconds(5));
    EXPECT_EQ(held(troupe, 1).size(), 0u);
    troupe.isolate(3, false);
    troupe.run(seconds(20));
    expect_equal(troupe, 1);
}

TEST(Exchange, LargeEntriesTravelByTheLinkAndTooLargeOnesAreNamed) {
    Troupe troupe(quick());
    plant(troupe, 3, "large", entry_of(troupe.at(3), Bytes(2 << 20, 'x'), 3, 100));
    troupe.run(seconds(4));
    expect_equal(troupe, 1);
    EXPECT_LT(age(troupe, 1), seconds(4));
    plant(troupe, 3, "too large", entry_of(troupe.at(3), Bytes(9 << 20, 'x'), 3, 101));
    plant(troupe, 3, "small", entry_of(troupe.at(3), "value", 3, 102));
    troupe.run(seconds(10));
    EXPECT_EQ(held(troupe, 1).size(), 2u);
    EXPECT_EQ(held(troupe, 2).size(), 2u);
    EXPECT_GT(age(troupe, 1), seconds(9));
}

TEST(Exchange, AnotherEpochAndAnUnknownTableAreRefused) {
    Troupe troupe(3);
    Stage& stage = troupe.at(1);
    const auto answer_to = [&](Epoch epoch, TableId id) {
        wire::SumAsk ask;
        ask.ref = wire::Ref{7};
        ask.epoch = epoch;
        ask.table = id;
        ask.pieces = {TokenRange{}};
        const wire::Message message = ask;
        stage.said.clear();
        stage.step(port::Heard{wire::Sender{NodeId{2}, 1}, port::Road::background, &message});
        stage.settle();
        for (const Stage::Said& said : stage.said) {
            wire::Message back;
            EXPECT_TRUE(wire::decode(said.message, back));
            if (const auto* sums = std::get_if<wire::SumAnswer>(&back)) return static_cast<int>(sums->fault.code);
        }
        return -1;
    };
    EXPECT_EQ(answer_to(Epoch{0}, table), static_cast<int>(Code::conflict));
    EXPECT_EQ(answer_to(Epoch{99}, table), static_cast<int>(Code::conflict));
    EXPECT_EQ(answer_to(stage.node->ring().epoch, TableId{77}), static_cast<int>(Code::not_found));
    EXPECT_EQ(answer_to(stage.node->ring().epoch, table), 0);
}

TEST(Exchange, WhatIsNoEntryIsNotJoined) {
    Troupe troupe(3);
    Stage& stage = troupe.at(1);
    const Bytes good = entry_of(stage, "value", 2, 100);
    wire::EntriesGive give;
    give.epoch = stage.node->ring().epoch;
    give.table = table;
    give.lines = {wire::ScanLine{token_of("a"), "a", good}, wire::ScanLine{token_of("b"), "b", "no entry"}};
    const wire::Message message = give;
    stage.step(port::Heard{wire::Sender{NodeId{2}, 1}, port::Road::background, &message});
    troupe.run(milliseconds(100));
    EXPECT_EQ(held(troupe, 1).size(), 0u);
}

}  // namespace
}  // namespace ashlar::test
