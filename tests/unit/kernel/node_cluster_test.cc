// Three nodes and more: quorums, stand-ins, hints, repair, forwarding, scans.
#include <gtest/gtest.h>

#include "troupe.h"

namespace ashlar::test {
namespace {

TEST(NodeCluster, AWriteReachesEveryOwnerAndSaysWhatItAchieved) {
    Troupe troupe(3);
    Answer put = troupe.put(1, "key", "value");
    ASSERT_TRUE(put.ok()) << put.value();
    EXPECT_EQ(put.item.achieved.answered, 2u);
    EXPECT_EQ(put.item.achieved.owners, 2u);
    EXPECT_EQ(put.item.achieved.synced, 2u);
    EXPECT_EQ(put.item.achieved.replicas, 3u);
    troupe.run(milliseconds(100));
    for (std::uint32_t node : {1u, 2u, 3u}) EXPECT_EQ(held(troupe, node, "key"), "value") << node;
}

TEST(NodeCluster, ASecondReplicaIsAskedForAHashOnly) {
    Troupe troupe(3);
    troupe.put(1, "key", Bytes(1000, 'x'), all);
    auto before = troupe.said("read_answer");
    Answer get = troupe.get(2, "key");
    EXPECT_EQ(get.value(), Bytes(1000, 'x'));
    EXPECT_EQ(get.item.achieved.answered, 2u);
    EXPECT_EQ(troupe.said("read_answer"), before + 1);
    EXPECT_FALSE(get.item.achieved.merged);
}

TEST(NodeCluster, AReadOfEqualReplicasWritesNothing) {
    Troupe troupe(3);
    troupe.put(1, "key", "value", all);
    troupe.run(milliseconds(200));
    auto asked = troupe.said("write_ask");
    auto applied = troupe.at(2).engine->stats().applied;
    for (int i = 0; i < 3; ++i) ASSERT_EQ(troupe.get(2, "key", i == 0 ? all : Consistency{}).value(), "value");
    troupe.run(milliseconds(200));
    EXPECT_EQ(troupe.said("write_ask"), asked);
    EXPECT_EQ(troupe.at(2).engine->stats().applied, applied);
}

TEST(NodeCluster, ALoneReplicaOwesTheOwnersThatWereDown) {
    Troupe troupe(2, 2);
    troupe.lose({2});
    ASSERT_TRUE(troupe.put(1, "key", "value", one).ok());
    troupe.run(milliseconds(100));
    EXPECT_EQ(owed(troupe, 1, 2), 1u);
    troupe.bring_back(2);
    EXPECT_EQ(owed(troupe, 1, 2), 0u);
    EXPECT_EQ(held(troupe, 2, "key"), "value");
}

TEST(NodeCluster, AKeyWrittenOftenIsOwedOnce) {
    Troupe troupe(3);
    troupe.isolate(3);
    for (int i = 0; i < 20; ++i) ASSERT_TRUE(troupe.put(1, "key", Bytes(100, 'x')).ok());
    troupe.isolate(3, false);
    troupe.run(seconds(12));
    EXPECT_EQ(owed(troupe, 1, 3), 0u);
    EXPECT_LE(troupe.said("hint_give"), 3u) << "what is owed is the entry as it stands";
}

TEST(NodeCluster, WritesGoOnWithOneOwnerCutOffAndItIsOwedThem) {
    Troupe troupe(3);
    troupe.isolate(3);
    Answer put = troupe.put(1, "key", "value");
    ASSERT_TRUE(put.ok()) << put.value();
    EXPECT_EQ(put.item.achieved.answered, 2u);
    troupe.run(seconds(6));
    EXPECT_EQ(owed(troupe, 1, 3), 1u);
    EXPECT_EQ(held(troupe, 3, "key"), "(none)");
    troupe.isolate(3, false);
    troupe.run(seconds(8));
    EXPECT_EQ(owed(troupe, 1, 3), 0u);
    EXPECT_EQ(held(troupe, 3, "key"), "value");
}

TEST(NodeCluster, AStandInKeepsAHintForAnOwnerThatIsDown) {
    Troupe troupe(4);
    troupe.lose({3});
    Answer put = troupe.put(1, "key", "value", all);
    ASSERT_TRUE(put.ok()) << put.value();
    EXPECT_EQ(put.item.achieved.answered, 3u);
    EXPECT_EQ(put.item.achieved.owners, 2u);
    EXPECT_EQ(put.item.achieved.hints, 1u);
    EXPECT_EQ(owed(troupe, 4, 3), 1u);
    EXPECT_EQ(owed(troupe, 1, 3), 0u);
    // The stand-in answers for the absent owner.
    troupe.isolate(2);
    EXPECT_EQ(troupe.get(1, "key", Consistency{Level::count, 2}).value(), "value");
    troupe.isolate(2, false);
    troupe.bring_back(3);
    EXPECT_EQ(owed(troupe, 4, 3), 0u);
    EXPECT_EQ(held(troupe, 3, "key"), "value");
}

TEST(NodeCluster, AStandInWithoutRoomRefusesAndTheNextIsAsked) {
    port::Limits limits;
    limits.hint_bytes = 100;
    Troupe troupe(Cast{5, 3, "dotted_version_vector", 1, limits});
    troupe.lose({3});
    ASSERT_TRUE(troupe.put(1, "a", Bytes(20, 'x'), all).ok());
    ASSERT_EQ(owed(troupe, 4, 3), 1u);
    Answer second = troupe.put(1, "b", Bytes(20, 'x'), all);
    ASSERT_TRUE(second.ok()) << second.value();
    EXPECT_EQ(second.item.achieved.hints, 1u);
    EXPECT_EQ(owed(troupe, 4, 3), 1u);
    EXPECT_EQ(owed(troupe, 5, 3), 1u) << "the next";
    Answer third = troupe.put(1, "c", Bytes(20, 'x'), all);
    ASSERT_FALSE(third.ok()) << "nobody has room: it is not acknowledged";
    EXPECT_EQ(third.refusal->error.code, Code::overloaded) << third.value();
    // What counted is kept, and paid.
    troupe.bring_back(3);
    for (const char* key : {"a", "b"}) EXPECT_EQ(held(troupe, 3, key), Bytes(20, 'x')) << key;
    EXPECT_EQ(owed(troupe, 4, 3) + owed(troupe, 5, 3), 0u);
}

TEST(NodeCluster, WhatCountedTowardsNothingMayBeDroppedAndIsMarkedForGood) {
    port::Limits limits;
    limits.hint_bytes = 40;
    Troupe troupe(Cast{3, 3, "dotted_version_vector", 1, limits});
    troupe.lose({3});
    for (const char* key : {"a", "b", "c"}) ASSERT_TRUE(troupe.put(1, key, Bytes(30, 'x')).ok()) << "at two of three";
    troupe.run(milliseconds(100));
    auto account = troupe.at(1).node->facts().hints[NodeId{3}];
    EXPECT_EQ(account.entries, 0u);
    EXPECT_GE(account.missed_partitions, 1u);
    EXPECT_LE(account.missed_partitions, 3u);
    EXPECT_EQ(troupe.at(1).host->meter().value("hints_dropped"), 3);
    EXPECT_NE(troupe.at(1).node->facts().problem.find("misses writes"), std::string::npos);
    troupe.at(1).restart();
    troupe.run(seconds(2));
    EXPECT_EQ(troupe.at(1).node->facts().hints[NodeId{3}].missed_partitions, account.missed_partitions);
    troupe.bring_back(3);
    EXPECT_EQ(owed(troupe, 1, 3), 0u);
    EXPECT_GE(troupe.at(1).node->facts().hints[NodeId{3}].missed_partitions, 1u) << "until they are compared";
}

TEST(NodeCluster, AStrictWriteDoesNotCountAStandIn) {
    Troupe troupe(4);
    troupe.lose({3});
    port::Order order = Stage::put_order("key", "value");
    order.consistency = all;
    order.strict = true;
    Answer put = troupe.call(1, order);
    ASSERT_FALSE(put.ok());
    EXPECT_EQ(put.refusal->error.code, Code::unavailable);
    EXPECT_TRUE(put.refusal->retry_safe) << "nothing was written";
    EXPECT_NE(put.value().find("3 must answer, 2 of 3 can"), std::string::npos) << put.value();
    EXPECT_EQ(troupe.get(1, "key").value(), "(none)");
}

TEST(NodeCluster, TooFewAliveIsRefusedBeforeAnythingIsWritten) {
    Troupe troupe(3);
    troupe.lose({2, 3});
    Answer put = troupe.put(1, "key", "value");
    ASSERT_FALSE(put.ok());
    EXPECT_EQ(put.refusal->error.code, Code::unavailable);
    EXPECT_EQ(put.refusal->achieved.needed, 2u);
    EXPECT_EQ(held(troupe, 1, "key"), "(none)");
    EXPECT_EQ(troupe.get(1, "key").refusal->error.code, Code::unavailable);
}

TEST(NodeCluster, WhoeverHeldLessGetsTheDifferenceWithTheReply) {
    Troupe troupe(3);
    troupe.put(1, "key", "old", all);
    troupe.isolate(3);
    port::Order order = Stage::put_order("key", "new");
    order.item.overwrite = true;
    ASSERT_TRUE(troupe.call(1, order).ok());
    troupe.isolate(3, false);
    ASSERT_EQ(held(troupe, 3, "key"), "old");
    Answer get = troupe.get(3, "key", all);
    EXPECT_EQ(get.value(), "new");
    EXPECT_TRUE(get.item.achieved.merged);
    troupe.run(milliseconds(100));
    EXPECT_EQ(held(troupe, 3, "key"), "new");
}

TEST(NodeCluster, WritersAtTwoNodesMakeSiblingsAndAContextResolvesThem) {
    Troupe troupe(3);
    troupe.put(1, "key", "a");
    troupe.put(2, "key", "b");
    Answer both = troupe.get(3, "key", all);
    ASSERT_EQ(both.item.values.size(), 2u);
    port::Order order = Stage::order_of(port::Call::put, "key", "c", both.item.context);
    ASSERT_TRUE(troupe.call(2, order).ok());
    for (std::uint32_t node : {1u, 2u, 3u}) EXPECT_EQ(troupe.get(node, "key", all).value(), "c");
}

TEST(NodeCluster, AWriteAtANodeThatIsNoReplicaIsPassedOn) {
    Troupe troupe(4);
    Answer put = troupe.put(4, "key", "value");
    ASSERT_TRUE(put.ok()) << put.value();
    EXPECT_EQ(put.item.achieved.answered, 2u);
    EXPECT_EQ(troupe.said("order_ask"), 1u);
    EXPECT_EQ(troupe.get(4, "key").value(), "value");
    port::Order remove = Stage::order_of(port::Call::remove, "key");
    Answer removed = troupe.call(4, remove);
    ASSERT_TRUE(removed.ok());
    EXPECT_TRUE(removed.found);
    EXPECT_EQ(troupe.get(2, "key", all).value(), "(none)");
    EXPECT_EQ(held(troupe, 4, "key"), "(none)");
}

TEST(NodeCluster, ARetryAtTheSameCoordinatorIsTheSameWrite) {
    Troupe troupe(3);
    port::Order order = Stage::put_order("key", "value");
    order.request.bytes[0] = 7;
    ASSERT_TRUE(troupe.call(1, order).ok());
    ASSERT_TRUE(troupe.call(1, order).ok());
    ASSERT_TRUE(troupe.call(2, order).ok()) << "through another coordinator equal ids collapse";
    EXPECT_EQ(troupe.get(3, "key", all).value(), "value");
}

TEST(NodeCluster, AScanShowsWhatOnlyOtherOwnersHold) {
    Troupe troupe(3);
    troupe.isolate(1);
    for (char c = 'a'; c < 'k'; ++c) ASSERT_TRUE(troupe.put(2, View(&c, 1), "value").ok());
    troupe.isolate(1, false);
    port::Order order;
    order.call = port::Call::scan;
    order.limit = 3;
    std::size_t met = 0;
    Bytes page;
    for (int pages = 0; pages < 20; ++pages) {
        order.page = page;
        order.has_page = !page.empty();
        Answer answer = troupe.call(1, order);
        ASSERT_TRUE(answer.ok()) << answer.value();
        EXPECT_LE(answer.items.size(), 3u);
        met += answer.items.size();
        if (!answer.has_page) break;
        page = answer.page;
    }
    EXPECT_EQ(met, 10u);
}

TEST(NodeCluster, AReadThatWaitsIsCoveredByAnotherReplica) {
    Troupe troupe(3);
    troupe.put(1, "key", "value", all);
    // Cut without a word: the link has not noticed.
    troupe.silence(1, 2);
    Answer get = troupe.get(1, "key");
    EXPECT_EQ(get.value(), "value");
}

TEST(NodeCluster, ATableThatCouldNotBeUsedIsNotMade) {
    Cast cast;
    cast.datacentres = 2;
    Troupe troupe(cast);
    auto refused = [&troupe](const port::Table& table) {
        port::AdminOrder order;
        order.call = port::AdminOrder::Call::create_table;
        order.table = table;
        order.deadline = troupe.at(1).now.steady + seconds(5);
        port::Ticket ticket = troupe.at(1).ask(order);
        troupe.run(seconds(1));
        auto answer = troupe.at(1).take(ticket);
        if (!answer || !answer->refusal) return std::string("made");
        EXPECT_EQ(answer->refusal->error.code, Code::invalid_request);
        return answer->refusal->error.detail;
    };
    port::Table table;
    table.name = "extra";
    table.replication.replicas = 2;
    table.write = Consistency{Level::count, 5};
    EXPECT_NE(refused(table).find("5"), std::string::npos) << refused(table);
    table.write = {};
    table.replication.per_datacentre = {{"dc1", 2}, {"mars", 3}};
    EXPECT_NE(refused(table).find("mars"), std::string::npos) << refused(table);
    table.replication.per_datacentre.clear();
    EXPECT_EQ(refused(table), "made");
}

TEST(NodeCluster, ATableMadeAtOneNodeIsServedByAll) {
    Troupe troupe(3);
    port::AdminOrder order;
    order.call = port::AdminOrder::Call::create_table;
    order.table.name = "extra";
    order.deadline = troupe.at(2).now.steady + seconds(10);
    port::Ticket ticket = troupe.at(2).ask(order);
    troupe.run(seconds(3));
    auto made = troupe.at(2).take(ticket);
    ASSERT_TRUE(made && made->table);
    port::Order put = Stage::put_order("key", "value");
    put.table = "extra";
    for (std::uint32_t node : {1u, 2u, 3u}) {
        ASSERT_EQ(troupe.at(node).node->ring().epoch.value, 2u) << node;
        EXPECT_TRUE(troupe.call(node, put).ok());
    }
}

TEST(NodeCluster, AStalledReplicaTakesNoRoomFromNewOrders) {
    Cast cast;
    cast.limits.waiting_orders = 20;
    Troupe troupe(cast);
    troupe.silence(1, 3);  // it is asked, and never answers
    for (int i = 0; i < 100; ++i) {
        Answer put = troupe.put(1, "key-" + std::to_string(i), "value");
        ASSERT_TRUE(put.ok()) << i << ": " << put.value();
    }
    EXPECT_EQ(troupe.get(1, "key-0").value(), "value");
    EXPECT_EQ(troupe.at(1).node->facts().waiting_orders, 0u);
    EXPECT_GE(owed(troupe, 1, 3), 80u) << "what ended early is owed";
    troupe.run(seconds(6));
    EXPECT_EQ(owed(troupe, 1, 3), 100u);
}

TEST(NodeCluster, MembersFindEachOtherAgainWithoutTheirSeed) {
    Troupe troupe(3);
    troupe.isolate(1);  // it is everybody's only seed
    for (std::uint32_t node : {2u, 3u}) troupe.at(node).restart();
    troupe.run(seconds(10));
    Answer put = troupe.put(2, "key", "value");
    EXPECT_TRUE(put.ok()) << put.value();
    EXPECT_EQ(troupe.get(3, "key").value(), "value");
}

}  // namespace
}  // namespace ashlar::test
