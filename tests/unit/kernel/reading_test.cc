// Reads by quorum through a coordinator: what is repaired, what a late answer does, whose levels count.
#include <gtest/gtest.h>

#include "troupe.h"

namespace ashlar::test {
namespace {

/// What a node alone holds.
Answer alone(Troupe& troupe, std::uint32_t node, View key) {
    port::Order order = Stage::order_of(port::Call::get, key);
    order.consistency = one;
    order.strict = true;
    return troupe.call(node, order);
}

TEST(Reading, AnOwnerThatMissedARemovalGetsTheTombstone) {
    Troupe troupe(3);
    troupe.put(1, "key", "value", all);
    troupe.isolate(3);
    ASSERT_TRUE(troupe.call(1, Stage::order_of(port::Call::remove, "key")).ok());
    troupe.isolate(3, false);
    ASSERT_EQ(alone(troupe, 3, "key").value(), "value");
    EXPECT_EQ(troupe.get(1, "key", all).value(), "(none)");
    troupe.run(milliseconds(100));
    Answer repaired = alone(troupe, 3, "key");
    EXPECT_EQ(repaired.value(), "(none)");
    EXPECT_FALSE(repaired.item.context.empty()) << "a removal was seen, not nothing";
}

TEST(Reading, AnAnswerThatComesBehindTheReplyChangesNothing) {
    Troupe troupe(3);
    troupe.put(1, "key", "value", all);
    troupe.hold_back("read_answer");
    port::Ticket ticket = troupe.at(1).send(Stage::order_of(port::Call::get, "key"));
    troupe.run(milliseconds(200));  // the slow one is covered by now: two answers are on the way
    EXPECT_FALSE(troupe.at(1).take(ticket));
    EXPECT_EQ(troupe.said("read_ask"), 2u);
    troupe.let_go();
    troupe.run(milliseconds(100));
    auto answer = troupe.at(1).take(ticket);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->value(), "value");
    EXPECT_EQ(answer->item.achieved.answered, 2u) << "the one that came later is not counted";
    EXPECT_FALSE(troupe.at(1).take(ticket)) << "answered once";
    EXPECT_EQ(troupe.at(1).node->facts().waiting_orders, 0u);
}

TEST(Reading, ATableHasItsOwnLevels) {
    Troupe troupe(3);
    port::AdminOrder create;
    create.call = port::AdminOrder::Call::create_table;
    create.table.name = "fast";
    create.table.replication.replicas = 3;
    create.table.read = Consistency{Level::one, 0};
    create.table.write = Consistency{Level::all, 0};
    create.deadline = troupe.at(1).now.steady + seconds(10);
    port::Ticket ticket = troupe.at(1).ask(create);
    troupe.run(seconds(3));
    ASSERT_TRUE(troupe.at(1).take(ticket)->table);
    port::Order put = Stage::put_order("key", "value");
    put.table = "fast";
    Answer written = troupe.call(1, put);
    ASSERT_TRUE(written.ok()) << written.value();
    EXPECT_EQ(written.item.achieved.needed, 3u);
    EXPECT_EQ(written.item.achieved.answered, 3u);
    const auto asked = troupe.said("read_ask");
    port::Order get = Stage::order_of(port::Call::get, "key");
    get.table = "fast";
    Answer read = troupe.call(2, get);
    EXPECT_EQ(read.value(), "value");
    EXPECT_EQ(read.item.achieved.needed, 1u);
    EXPECT_EQ(troupe.said("read_ask"), asked) << "its own copy is enough";
    // With one owner gone a write of the table fails at its level, and is done at another that is asked for.
    troupe.isolate(3);
    put.strict = true;
    EXPECT_FALSE(troupe.call(1, put).ok());
    put.consistency = one;
    EXPECT_TRUE(troupe.call(1, put).ok());
}

}  // namespace
}  // namespace ashlar::test
