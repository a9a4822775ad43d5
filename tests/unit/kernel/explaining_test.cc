// One key explained: who holds what, who owes it, who said nothing.
#include <gtest/gtest.h>

#include "troupe.h"

namespace ashlar::test {
namespace {

using Said = port::ExplainedReplica::Said;

const port::ExplainedReplica& of(const port::Explanation& explanation, std::uint32_t node) {
    for (const port::ExplainedReplica& replica : explanation.replicas)
        if (replica.node == NodeId{node}) return replica;
    static const port::ExplainedReplica nobody;
    ADD_FAILURE() << "node " << node << " is not named";
    return nobody;
}

TEST(Explaining, EqualReplicasAreShownEqual) {
    Troupe troupe(4);
    ASSERT_TRUE(troupe.put(1, "key", "value", all).ok());
    for (std::uint32_t asked : {1u, 4u}) {
        port::Explanation told = troupe.explain(asked, "key");
        EXPECT_EQ(told.owners, 3u);
        ASSERT_EQ(told.replicas.size(), 4u);
        EXPECT_EQ(told.epoch, troupe.at(1).node->ring().epoch);
        EXPECT_TRUE(told.partition.holds(told.token));
        ASSERT_EQ(told.joined.versions.size(), 1u);
        EXPECT_EQ(told.joined.versions[0].bytes, 5u);
        EXPECT_EQ(told.joined.versions[0].kind, VersionKind::value);
        EXPECT_FALSE(told.joined.versions[0].writer.empty());
        for (std::size_t i = 0; i < told.replicas.size(); ++i) {
            const port::ExplainedReplica& replica = told.replicas[i];
            EXPECT_EQ(replica.rank, i + 1);
            EXPECT_EQ(replica.owner, i < 3);
            EXPECT_EQ(replica.said, replica.owner ? Said::entry : Said::nothing);
            EXPECT_EQ(replica.entry.hash, replica.owner ? told.joined.hash : 0);
            EXPECT_FALSE(replica.repaired);
            EXPECT_TRUE(replica.owes.empty());
        }
    }
}

TEST(Explaining, AKeyThatIsNowhereIsHeldByNobody) {
    Troupe troupe(3);
    port::Explanation told = troupe.explain(2, "nothing");
    EXPECT_EQ(told.joined.bytes, 0u);
    for (const port::ExplainedReplica& replica : told.replicas) EXPECT_EQ(replica.said, Said::nothing);
}

TEST(Explaining, AnOwnerThatIsDownIsUnreachableAndItsHintIsSeenWhereItIsKept) {
    Troupe troupe(4);
    port::Explanation before = troupe.explain(1, "key");
    const auto absent = static_cast<std::uint32_t>(before.replicas[1].node.value);
    const auto writer = static_cast<std::uint32_t>(before.replicas[0].node.value);
    const auto stand_in = static_cast<std::uint32_t>(before.replicas[3].node.value);
    troupe.isolate(absent);
    troupe.tell(absent, PeerState::down);
    troupe.run(seconds(4));
    ASSERT_TRUE(troupe.put(writer, "key", "value", all).ok());
    port::Explanation told = troupe.explain(writer, "key", milliseconds(200));
    EXPECT_TRUE(of(told, absent).said == Said::unreachable || of(told, absent).said == Said::silent);
    EXPECT_EQ(of(told, absent).state, PeerState::down);
    EXPECT_EQ(of(told, stand_in).stands_in_for, NodeId{absent});
    EXPECT_EQ(of(told, stand_in).said, Said::entry);
    EXPECT_EQ(of(told, stand_in).owes, std::vector<NodeId>{NodeId{absent}});
    EXPECT_EQ(told.joined.versions.size(), 1u);
    for (const port::ExplainedReplica& replica : told.replicas)
        EXPECT_EQ(replica.owes.size(), replica.node == NodeId{stand_in} ? 1u : 0u);

    troupe.tell(absent, PeerState::alive);
    troupe.isolate(absent, false);
    troupe.run(seconds(8));
    told = troupe.explain(writer, "key");
    EXPECT_EQ(of(told, absent).entry.hash, told.joined.hash);
    EXPECT_TRUE(of(told, stand_in).owes.empty()) << "paid";
}

TEST(Explaining, WhoSaysNothingIsNamedSilentByTheDeadline) {
    Troupe troupe(3);
    ASSERT_TRUE(troupe.put(1, "key", "value", all).ok());
    troupe.silence(1, 3);
    port::Explanation told = troupe.explain(1, "key", milliseconds(300));
    EXPECT_EQ(of(told, 3).said, Said::silent);
    EXPECT_EQ(of(told, 2).said, Said::entry);
}

TEST(Explaining, WhatAReplicaLacksIsCountedAndAReadOfAllMendsIt) {
    Troupe troupe(3);
    ASSERT_TRUE(troupe.put(1, "key", "old", all).ok());
    // Two sides that do not see each other write beside what both know.
    troupe.isolate(3);
    ASSERT_TRUE(troupe.put(1, "key", "new", one).ok());
    ASSERT_TRUE(troupe.put(3, "key", "other", one).ok());
    troupe.isolate(3, false);
    // Before a hint is paid: the detectors have not noticed that anybody was away.
    port::Explanation told = troupe.explain(1, "key");
    EXPECT_EQ(told.joined.versions.size(), 3u) << "old, new and other: blind puts stand beside each other";
    EXPECT_EQ(of(told, 1).lacks, 1u);
    EXPECT_EQ(of(told, 3).lacks, 1u);
    EXPECT_TRUE(of(told, 1).repaired);
    EXPECT_EQ(of(told, 1).outdated, 0u);
    ASSERT_TRUE(troupe.get(2, "key", all).ok());
    troupe.run(milliseconds(100));
    told = troupe.explain(2, "key");
    for (const port::ExplainedReplica& replica : told.replicas) {
        EXPECT_EQ(replica.entry.hash, told.joined.hash);
        EXPECT_EQ(replica.lacks, 0u);
        EXPECT_FALSE(replica.repaired);
    }
}

TEST(Explaining, WhatWasReplacedElsewhereIsCountedAsOutdated) {
    Troupe troupe(3);
    ASSERT_TRUE(troupe.put(1, "key", "old", all).ok());
    troupe.isolate(3);
    Answer read = troupe.get(1, "key", one);
    port::Order put = Stage::put_order("key", "new");
    put.item.context = read.item.context;
    put.item.has_context = true;
    put.consistency = one;
    ASSERT_TRUE(troupe.call(1, put).ok());
    troupe.isolate(3, false);
    port::Explanation told = troupe.explain(3, "key");
    EXPECT_EQ(told.joined.versions.size(), 1u);
    EXPECT_EQ(of(told, 3).lacks, 1u);
    EXPECT_EQ(of(told, 3).outdated, 1u);
    EXPECT_TRUE(of(told, 3).repaired);
    EXPECT_FALSE(of(told, 1).repaired);
}

TEST(Explaining, ATombstoneIsShownAsOne) {
    Troupe troupe(3);
    ASSERT_TRUE(troupe.put(1, "key", "value", all).ok());
    port::Order remove = Stage::order_of(port::Call::remove, "key");
    remove.consistency = all;
    ASSERT_TRUE(troupe.call(1, remove).ok());
    port::Explanation told = troupe.explain(2, "key");
    ASSERT_EQ(told.joined.versions.size(), 1u);
    EXPECT_EQ(told.joined.versions[0].kind, VersionKind::removed);
    EXPECT_EQ(told.joined.versions[0].bytes, 0u);
}

TEST(Explaining, AMissingTableAnEmptyKeyAndAStoppingNodeAreRefused) {
    Stage stage;
    port::AdminOrder order;
    order.call = port::AdminOrder::Call::explain_key;
    order.table.name = "nosuch";
    order.key = "key";
    Answer answer = stage.administer(order);
    ASSERT_FALSE(answer.ok());
    EXPECT_EQ(answer.refusal->error.code, Code::not_found);
    order.table.name = "default";
    order.key = "";
    answer = stage.administer(order);
    ASSERT_FALSE(answer.ok());
    EXPECT_EQ(answer.refusal->error.code, Code::invalid_request);
    order.key = "key";
    order.deadline = stage.now.steady + seconds(1);
    port::Ticket open = stage.ask(order);
    stage.step(port::StopAsked{});
    auto refused = stage.take(open);
    ASSERT_TRUE(refused && !refused->ok());
    EXPECT_EQ(refused->refusal->error.code, Code::closed);
    stage.settle();
    EXPECT_TRUE(stage.is_stopped);
}

TEST(Explaining, AnAnswerNobodyAskedForChangesNothing) {
    Stage stage;
    ASSERT_TRUE(stage.put("key", "value").ok());
    wire::Message answer = wire::ExplainAnswer{wire::Ref{1}, {}, Epoch{1}, "bytes that are no entry", {NodeId{9}}};
    stage.step(port::Heard{wire::Sender{NodeId{9}, 1}, port::Road::link, &answer});
    EXPECT_EQ(stage.get("key").value(), "value");
}

}  // namespace
}  // namespace ashlar::test
