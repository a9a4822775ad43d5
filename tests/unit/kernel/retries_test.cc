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

/// Makes an order at node 1, whose disk then loses the key with a damaged block before any other node got it.
port::Order made_and_lost(Troupe& troupe, const port::Order& order) {
    for (std::uint32_t other : {2u, 3u}) troupe.silence(1, other);
    EXPECT_FALSE(troupe.call(1, order).ok());
    EXPECT_TRUE(troupe.at(1).engine->give_up(BadBlock{}));
    for (std::uint32_t other : {2u, 3u}) troupe.cut(1, other, false);
    return order;
}

TEST(Retries, OfWhatIsNotHeldAnyMoreIsNotAnsweredAsIfItWere) {
    Troupe troupe(3);
    const port::Order put = made_and_lost(troupe, named(Stage::put_order("key", "value")));
    Answer again = troupe.call(1, put);
    ASSERT_FALSE(again.ok());
    EXPECT_EQ(again.refusal->error.code, Code::unavailable);
    EXPECT_NE(again.value().find("not held here any more"), std::string::npos) << again.value();
    EXPECT_TRUE(again.refusal->retry_safe);
    EXPECT_EQ(troupe.get(1, "key", all).value(), "(none)") << "and nothing was sent to the others";
    EXPECT_TRUE(troupe.call(2, put).ok()) << "another node knows nothing of it, and makes it";
    EXPECT_EQ(troupe.get(1, "key", all).value(), "value");
}

TEST(Retries, OfALostWriteDoNotTakeWhatCameSinceForIt) {
    for (const char* resolver : {"dotted_version_vector", "vector_clock", "crdt", "last_write_wins"}) {
        Troupe troupe(Cast{3, 3, resolver});
        const port::Order put = made_and_lost(troupe, named(Stage::put_order("key", "lost")));
        ASSERT_TRUE(troupe.put(2, "key", "other", all).ok());
        const bool replaced = View(resolver) == "last_write_wins";  // by a later stamp, wherever it had been held
        EXPECT_EQ(troupe.call(1, put).ok(), replaced) << resolver;
    }
}

TEST(Retries, OfALostRemovalRemoveOnceMore) {
    Troupe troupe(3);
    troupe.put(1, "key", "value", all);
    const Bytes context = troupe.get(1, "key").item.context;
    const port::Order removal =
        made_and_lost(troupe, named(Stage::order_of(port::Call::remove, "key", {}, context)));
    EXPECT_EQ(troupe.get(2, "key").value(), "value");
    EXPECT_TRUE(troupe.call(1, removal).ok());
    EXPECT_EQ(troupe.get(2, "key", all).value(), "(none)");
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
