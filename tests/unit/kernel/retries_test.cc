// What a refusal says of a retry, for every kind of write that may have been made.
#include <gtest/gtest.h>

#include "troupe.h"

namespace ashlar::test {
namespace {

port::Order named(port::Order order) {
    order.request.bytes[0] = 7;
    return order;
}
port::Order overwriting(View value) {
    port::Order order = Stage::put_order("key", value);
    order.item.overwrite = true;
    return order;
}

/// Whether the refusal of an order that this node carried out, and no other has answered, calls a retry safe.
bool safe(const port::Order& order) {
    Troupe troupe(3);
    troupe.put(1, "key", "value", all);
    troupe.hold_back("write_answer");
    Answer refused = troupe.call(1, order);
    EXPECT_FALSE(refused.ok());
    EXPECT_NE(refused.value().find("may still land"), std::string::npos) << refused.value();
    return refused.refusal->retry_safe;
}

TEST(Retries, AreSafeWhereANameTellsAndNothingThatCameBetweenIsReplaced) {
    Troupe troupe(3);
    troupe.put(1, "key", "value", all);
    const Bytes context = troupe.get(1, "key").item.context;
    auto with_context = [&context](port::Call call) { return Stage::order_of(call, "key", "new", context); };
    EXPECT_FALSE(safe(Stage::put_order("key", "new")));
    EXPECT_TRUE(safe(named(Stage::put_order("key", "new"))));
    EXPECT_FALSE(safe(with_context(port::Call::put))) << "a second version beside the first";
    EXPECT_TRUE(safe(named(with_context(port::Call::put))));
    EXPECT_TRUE(safe(with_context(port::Call::remove))) << "it removes what was seen, and nothing else";
    EXPECT_TRUE(safe(named(with_context(port::Call::put_if))));
}

TEST(Retries, OfWhatReplacesAnythingItFindsAreNot) {
    for (const port::Order& order : {overwriting("new"), Stage::order_of(port::Call::remove, "key")}) {
        EXPECT_FALSE(safe(order));
        EXPECT_FALSE(safe(named(order)));
    }
}

/// The history behind it: the answer of a removal was lost with its node, and another client wrote since.
TEST(Retries, ANamedRemovalAtAnotherNodeRemovesWhatCameBetween) {
    Troupe troupe(3);
    troupe.put(1, "key", "old", all);
    const port::Order removal = named(Stage::order_of(port::Call::remove, "key"));
    ASSERT_TRUE(troupe.call(1, removal).ok());
    ASSERT_TRUE(troupe.call(2, overwriting("new")).ok());
    ASSERT_TRUE(troupe.call(1, removal).ok()) << "the same node knows the name";
    EXPECT_EQ(troupe.get(2, "key", all).value(), "new");
    troupe.lose({1});
    ASSERT_TRUE(troupe.call(2, removal).ok());
    EXPECT_EQ(troupe.get(2, "key").value(), "(none)") << "so no refusal may call it safe";
}

TEST(Retries, EachItemOfABatchSaysItForItself) {
    Troupe troupe(3);
    troupe.hold_back("write_answer");
    std::vector<port::Item> items(3);
    items[0].key = "a";
    items[1].key = "b";
    items[1].overwrite = true;
    items[2].key = "";
    port::Order order;
    order.call = port::Call::multi_put;
    order.items = items;
    Answer put = troupe.call(1, named(order));
    ASSERT_EQ(put.items.size(), 3u);
    for (const auto& item : put.items) ASSERT_TRUE(item.error);
    EXPECT_TRUE(put.items[0].retry_safe);
    EXPECT_FALSE(put.items[1].retry_safe);
    EXPECT_TRUE(put.items[2].retry_safe) << "nothing was done";
    EXPECT_EQ(put.items[0].retry_after.us, 0);
}

TEST(Retries, AnItemThatFoundNoRoomSaysWhenToComeBack) {
    Stage stage;
    stage.engine->refuse_writes = fail(Code::overloaded, "full");
    std::vector<port::Item> items(1);
    items[0].key = "a";
    port::Order order;
    order.call = port::Call::multi_put;
    order.items = items;
    Answer put = stage.call(order);
    ASSERT_EQ(put.items.size(), 1u);
    ASSERT_TRUE(put.items[0].error);
    EXPECT_TRUE(put.items[0].retry_safe);
    EXPECT_GT(put.items[0].retry_after.us, 0);
}

}  // namespace
}  // namespace ashlar::test
