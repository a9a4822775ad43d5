// Orders that come to a node which is no replica of their key: to whom they go, and again to whom when that one dies.
#include <gtest/gtest.h>

#include "troupe.h"

namespace ashlar::test {
namespace {

/// Sends to node 5, which owns nothing, and breaks its link to node 1, which coordinates, with `message` on its way.
Answer lose_first(Troupe& troupe, const port::Order& order, const char* message) {
    troupe.hold_back(message);
    port::Ticket ticket = troupe.at(5).send(order);
    troupe.run(milliseconds(20));
    troupe.cut(5, 1);
    troupe.run(milliseconds(20));
    troupe.let_go();
    troupe.run(milliseconds(200));
    troupe.cut(5, 1, false);
    auto answer = troupe.at(5).take(ticket);
    EXPECT_TRUE(answer);
    return answer ? *answer : Answer{};
}

TEST(Forwarding, AWriteWithoutAnIdGoesOnToAnotherWhenItsCoordinatorIsLost) {
    for (const char* message : {"order_ask", "order_answer"}) {
        Troupe troupe(5);
        Answer put = lose_first(troupe, Stage::put_order("key", "value"), message);
        ASSERT_TRUE(put.ok()) << message << ": " << put.value();
        EXPECT_EQ(troupe.get(3, "key", all).value(), "value") << message << ": both made the same write";
        EXPECT_EQ(troupe.said("order_ask"), 2u);
    }
}

TEST(Forwarding, WhatWasWrittenAlreadyIsFoundWhereItIsPassedOnTheSecondTime) {
    Troupe troupe(5);
    ASSERT_TRUE(lose_first(troupe, Stage::put_order("key", "value"), "order_answer").ok());
    EXPECT_EQ(troupe.get(3, "key", all).item.versions.size(), 1u);
    EXPECT_EQ(troupe.at(2).host->meter().value("request_retries_recognised"), 1);
}

TEST(Forwarding, AnOverwriteThatLooksFirstIsNotDoneTwice) {
    Troupe troupe(5);
    troupe.put(1, "key", "old", all);
    port::Order order = Stage::put_order("key", "value");
    order.item.overwrite = true;
    Answer put = lose_first(troupe, order, "order_answer");
    ASSERT_FALSE(put.ok()) << "behind a write that came between it would bring a replaced value back";
    EXPECT_NE(put.value().find("may still land"), std::string::npos) << put.value();
    EXPECT_EQ(troupe.said("order_ask"), 1u);
}

TEST(Forwarding, ARemovalWithAContextMayBeDoneTwice) {
    Troupe troupe(5);
    troupe.put(1, "key", "value", all);
    Bytes context = troupe.get(5, "key").item.context;
    Answer removed = lose_first(troupe, Stage::order_of(port::Call::remove, "key", {}, context), "order_answer");
    ASSERT_TRUE(removed.ok()) << removed.value();
    EXPECT_EQ(troupe.get(3, "key", all).value(), "(none)");
}

TEST(Forwarding, AnOperationThatWouldCountTwiceIsNot) {
    // docs/crdt.md: an increment by 1.
    const Bytes increment("\xcd"
                          "crdt\x01\x01\x00\x01\x02",
                          10);
    for (bool named : {false, true}) {
        Troupe troupe(Cast{5, 3, "crdt"});
        port::Order order = Stage::put_order("key", increment);
        if (named) order.request.bytes[0] = 7;
        Answer put = lose_first(troupe, order, "write_ask");  // the second coordinator has not heard of it
        ASSERT_FALSE(put.ok());
        EXPECT_FALSE(put.refusal->retry_safe);
        troupe.run(seconds(1));
        EXPECT_EQ(troupe.get(3, "key", all).value(), "1") << named;
    }
}

TEST(Forwarding, TheClientIsNotToldOfANameItDidNotGive) {
    Troupe troupe(5);
    troupe.hold_back("write_ask");
    port::Order order = Stage::put_order("key", "value");
    order.deadline = troupe.at(5).now.steady + seconds(1);
    port::Ticket ticket = troupe.at(5).send(order);
    troupe.run(milliseconds(1200));
    auto put = troupe.at(5).take(ticket);
    ASSERT_TRUE(put);
    ASSERT_FALSE(put->ok());
    EXPECT_FALSE(put->refusal->retry_safe) << "its own second try would be another write";
}

}  // namespace
}  // namespace ashlar::test
