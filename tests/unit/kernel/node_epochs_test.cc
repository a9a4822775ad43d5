// An epoch that not all know yet: asks are fenced, nothing of two epochs is counted together, and clients do not notice.
#include <gtest/gtest.h>

#include "troupe.h"

namespace ashlar::test {
namespace {

/// Node 1 has epoch 2 decided; the others took part in the vote and have not heard the outcome.
void make_table_unheard(Troupe& troupe, const std::string& name) {
    troupe.hold_back("state_give");
    port::AdminOrder order;
    order.call = port::AdminOrder::Call::create_table;
    order.table.name = name;
    order.deadline = troupe.at(1).now.steady + seconds(10);
    port::Ticket ticket = troupe.at(1).ask(order);
    troupe.run(milliseconds(200));
    auto made = troupe.at(1).take(ticket);
    ASSERT_TRUE(made && made->table);
    ASSERT_EQ(troupe.at(1).node->ring().epoch.value, 2u);
    ASSERT_EQ(troupe.at(2).node->ring().epoch.value, 1u);
}

/// Sends an order and lets the state go only once the order has met the fence.
Answer call_across(Troupe& troupe, std::uint32_t node, const port::Order& order) {
    port::Ticket ticket = troupe.at(node).send(order);
    troupe.run(milliseconds(200));
    EXPECT_FALSE(troupe.at(node).take(ticket)) << "the others know another epoch";
    troupe.let_go();
    troupe.run(seconds(1));
    auto answer = troupe.at(node).take(ticket);
    EXPECT_TRUE(answer);
    return answer ? *answer : Answer{};
}

TEST(NodeEpochs, AWriteWaitsUntilItsReplicasHaveCaughtUp) {
    Troupe troupe(3);
    make_table_unheard(troupe, "extra");
    Answer put = call_across(troupe, 1, Stage::put_order("key", "value"));
    ASSERT_TRUE(put.ok()) << put.value();
    EXPECT_EQ(put.item.achieved.epoch.value, 2u);
    EXPECT_EQ(put.item.achieved.answered, 2u);
    EXPECT_EQ(troupe.get(3, "key", all).value(), "value");
}

TEST(NodeEpochs, AWriteOfANodeThatIsBehindWaitsUntilItHasCaughtUp) {
    Troupe troupe(3);
    make_table_unheard(troupe, "extra");
    port::Order put = Stage::put_order("key", "value");
    put.consistency = all;
    Answer answer = call_across(troupe, 2, put);
    ASSERT_TRUE(answer.ok()) << answer.value();
    EXPECT_EQ(answer.item.achieved.epoch.value, 2u);
    EXPECT_EQ(answer.item.achieved.answered, 3u);
}

TEST(NodeEpochs, AReadAndAScanWaitToo) {
    for (port::Call call : {port::Call::get, port::Call::scan}) {
        Troupe troupe(3);
        troupe.put(1, "key", "value", all);
        make_table_unheard(troupe, "extra");
        port::Order order = Stage::order_of(call, "key");
        if (call == port::Call::scan) {
            order.item.key = {};
            order.limit = 10;
        }
        Answer answer = call_across(troupe, 1, order);
        EXPECT_TRUE(answer.ok()) << answer.value();
    }
}

TEST(NodeEpochs, AnOrderThatIsPassedOnWaitsToo) {
    Troupe troupe(5);
    make_table_unheard(troupe, "extra");
    Answer put = call_across(troupe, 5, Stage::put_order("key", "value"));  // node 5 is no owner
    EXPECT_GT(troupe.said("order_ask"), 0u);
    ASSERT_TRUE(put.ok()) << put.value();
    EXPECT_EQ(put.item.achieved.epoch.value, 2u);
}

TEST(NodeEpochs, WhoNeverHearsOfTheNewEpochCostsTheDeadlineAndNoMore) {
    Troupe troupe(3);
    make_table_unheard(troupe, "extra");
    port::Order put = Stage::put_order("key", "value");
    put.deadline = troupe.at(1).now.steady + seconds(2);
    port::Ticket ticket = troupe.at(1).send(put);
    troupe.run(seconds(3));
    auto answer = troupe.at(1).take(ticket);
    ASSERT_TRUE(answer);
    EXPECT_FALSE(answer->ok());
    EXPECT_LT(troupe.said("write_ask"), 40u) << "the pauses grow";
}

}  // namespace
}  // namespace ashlar::test
