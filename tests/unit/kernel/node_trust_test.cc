// What a node makes of words it cannot take as they are: contexts that claim too much, orders that lay in a socket while
// it slept, an empty roster after its start, hints for a member that is no more, partitions it gained later.
#include <gtest/gtest.h>

#include "kit/context.h"
#include "kit/entry.h"
#include "ledger/agreed.h"
#include "request/catalogue.h"
#include "request/client_context.h"
#include "troupe.h"

namespace ashlar::test {
namespace {

Bytes claiming(NodeId node, std::uint64_t counter) {
    kit::CausalContext context;
    context.add(Dot{Actor{node, 1, 0}, counter});
    const Bytes causal = context.encoded();
    Bytes wrapped;
    request::wrap_context(TableId{1}, kit::resolver_tag("dotted_version_vector"), request::Given{causal}, wrapped);
    return wrapped;
}

Answer put_with(Troupe& troupe, std::uint32_t node, View value, View context) {
    return troupe.call(node, Stage::order_of(port::Call::put, "key", value, context));
}

TEST(NodeTrust, AContextThatClaimsWhatNobodyGaveBuriesNothing) {
    Troupe troupe(3);
    Answer own = put_with(troupe, 1, "bad", claiming(NodeId{1}, 1'000));
    ASSERT_FALSE(own.ok()) << "leased, and not given yet";
    EXPECT_EQ(own.refusal->error.code, Code::invalid_request);
    Answer other = put_with(troupe, 1, "bad", claiming(NodeId{2}, std::uint64_t{1} << 40));
    ASSERT_FALSE(other.ok());
    EXPECT_EQ(other.refusal->error.code, Code::unavailable);
    EXPECT_TRUE(other.refusal->retry_safe);
    // Versions of both are seen by all, and may be built on anywhere.
    ASSERT_TRUE(troupe.put(1, "key", "a", all).ok());
    ASSERT_TRUE(troupe.put(2, "key", "b", all).ok());
    Answer read = troupe.get(3, "key", all);
    ASSERT_EQ(read.item.values.size(), 2u);
    ASSERT_TRUE(put_with(troupe, 3, "c", read.item.context).ok());
    EXPECT_EQ(troupe.get(1, "key", all).value(), "c");
}

TEST(NodeTrust, ANodeThatSleptTakesNoOrderThatWasPassedOnMeanwhile) {
    Troupe troupe(4);
    ASSERT_TRUE(troupe.put(4, "key", "before").ok());
    ASSERT_EQ(troupe.said("order_ask"), 1u);
    troupe.at(1).pass(seconds(15));
    ASSERT_TRUE(troupe.put(4, "key", "value").ok()) << "another owner coordinates it";
    EXPECT_EQ(troupe.said("order_ask"), 3u);
    troupe.run(seconds(1));
    ASSERT_TRUE(troupe.put(4, "key", "after").ok());
    EXPECT_EQ(troupe.said("order_ask"), 4u) << "now it is awake";
}

TEST(NodeTrust, InTheFirstMomentOfALifeOrdersWaitForTheOthersToBeHeardOf) {
    Troupe troupe(3);
    ASSERT_TRUE(troupe.put(2, "key", "value", all).ok());
    troupe.at(1).restart();
    Answer get = troupe.get(1, "key");
    EXPECT_EQ(get.value(), "value");
    troupe.at(2).restart();
    EXPECT_TRUE(troupe.put(2, "other", "value").ok());
    troupe.at(3).restart();
    port::Order scan;
    scan.call = port::Call::scan;
    EXPECT_TRUE(troupe.call(3, scan).ok());
}

TEST(NodeTrust, WhoeverIsNeverHeardOfIsWaitedForOnceOnly) {
    Troupe troupe(3);
    troupe.isolate(1);
    troupe.at(1).restart();
    Answer get = troupe.get(1, "key");
    ASSERT_FALSE(get.ok());
    EXPECT_EQ(get.refusal->error.code, Code::unavailable);
    const Instant before = troupe.at(1).now.steady;
    EXPECT_FALSE(troupe.get(1, "key").ok());
    EXPECT_LT(troupe.at(1).now.steady - before, milliseconds(100));
}

TEST(NodeTrust, WhatIsOwedToAMemberThatIsNoMoreGoesToTheOwnersThereAre) {
    Troupe troupe(4);
    troupe.lose({3});
    ASSERT_TRUE(troupe.put(1, "key", "value", all).ok());
    ASSERT_EQ(troupe.at(4).node->facts().hints.count(NodeId{3}), 1u);
    // Epoch 2 knows three members; the key's owners are they.
    ledger::Agreed agreed = troupe.at(1).ledger->state().agreed;
    std::vector<Member> members{agreed.ring.members[0], agreed.ring.members[1], agreed.ring.members[3]};
    PlanRequest request;
    request.members = members;
    request.current = &agreed.ring;
    agreed.ring = *EightClaims().plan(request);
    const Bytes state = ledger::encode_agreed(agreed);
    const wire::Message give = wire::StateGive{agreed.ring.epoch, state};
    for (std::uint32_t node : {1u, 2u, 4u}) {
        const std::uint32_t from = node == 1 ? 2 : 1;
        troupe.at(node).step(port::Heard{wire::Sender{NodeId{from}, troupe.at(from).ledger->state().life()},
                                         port::Road::background, &give});
    }
    troupe.run(seconds(4));
    ASSERT_EQ(troupe.at(4).node->ring().epoch.value, 2u);
    EXPECT_EQ(troupe.at(4).host->meter().value("hints_rerouted"), 1);
    EXPECT_TRUE(troupe.at(4).node->facts().hints.empty()) << "and was paid there";
}

TEST(NodeTrust, OfPartitionsGainedLaterANodeClaimsNothing) {
    FirstMembers replicator;
    port::Table table;
    table.id = TableId{1};
    table.name = "default";
    table.replication.replicas = 2;
    auto ring_of = [](std::vector<std::uint64_t> nodes) {
        std::vector<Member> members;
        for (std::uint64_t node : nodes) members.push_back(Member{NodeId{node}, "dc1", "rack1", 1});
        PlanRequest request;
        request.members = members;
        return std::make_shared<const Ring>(*EightClaims().plan(request));
    };
    request::Catalogue catalogue(replicator, {}, ring::Seat{NodeId{3}, "dc1"});
    catalogue.replace({table}, std::make_shared<const Ring>());
    catalogue.replace({table}, ring_of({1, 2, 3}));
    EXPECT_FALSE(catalogue.owned_from_the_start(*catalogue.find("default"), 5));
    catalogue.replace({table}, ring_of({2, 3}));
    EXPECT_FALSE(catalogue.owned_from_the_start(*catalogue.find("default"), 5)) << "it coordinated for others before";
    request::Catalogue owner(replicator, {}, ring::Seat{NodeId{3}, "dc1"});
    owner.replace({table}, ring_of({2, 3}));
    EXPECT_TRUE(owner.owned_from_the_start(*owner.find("default"), 5));
    owner.replace({table}, ring_of({3, 4}));
    EXPECT_TRUE(owner.owned_from_the_start(*owner.find("default"), 5));
}

}  // namespace
}  // namespace ashlar::test
