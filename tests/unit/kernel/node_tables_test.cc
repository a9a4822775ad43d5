// Batches, scans, tables and the clean stop.
#include <gtest/gtest.h>

#include <set>

#include "kit/text.h"
#include "stage.h"

namespace ashlar::test {
namespace {

port::AdminOrder table_order(port::AdminOrder::Call call, const char* name) {
    port::AdminOrder order;
    order.call = call;
    order.table.name = name;
    order.table.replication.replicas = 0;
    order.table.read = order.table.write = Consistency{};
    return order;
}
Answer create(Stage& stage, const char* name) {
    return stage.administer(table_order(port::AdminOrder::Call::create_table, name));
}
Answer drop(Stage& stage, const char* name) {
    return stage.administer(table_order(port::AdminOrder::Call::drop_table, name));
}
Answer put_in(Stage& stage, View table, View key, View value) {
    port::Order order = Stage::put_order(key, value);
    order.table = table;
    return stage.call(order);
}
Answer get_in(Stage& stage, View table, View key) {
    port::Order order = Stage::order_of(port::Call::get, key);
    order.table = table;
    return stage.call(order);
}

TEST(NodeBatch, EachItemStandsForItself) {
    Stage stage;
    std::vector<port::Item> items(3);
    items[0].key = "a";
    items[0].value = "1";
    items[1].key = "";
    items[1].value = "2";
    items[2].key = "c";
    items[2].value = "3";
    port::Order order;
    order.call = port::Call::multi_put;
    order.items = items;
    Answer put = stage.call(order);
    ASSERT_TRUE(put.ok());
    ASSERT_EQ(put.items.size(), 3u);
    EXPECT_FALSE(put.items[0].error);
    ASSERT_TRUE(put.items[1].error);
    EXPECT_EQ(put.items[1].error->code, Code::invalid_request);
    EXPECT_EQ(put.items[2].achieved.synced, 1u);
    EXPECT_EQ(stage.engine->syncs, 1u);
    items[1].key = "b";
    order.call = port::Call::multi_get;
    order.deadline = Instant{};
    Answer get = stage.call(order);
    ASSERT_EQ(get.items.size(), 3u);
    EXPECT_EQ(get.items[0].key, "a");
    EXPECT_EQ(get.items[0].values, std::vector<Bytes>{"1"});
    EXPECT_TRUE(get.items[1].values.empty());
    EXPECT_EQ(get.items[2].values, std::vector<Bytes>{"3"});
    EXPECT_FALSE(get.items[2].context.empty());
    order.items = {};
    order.deadline = Instant{};
    EXPECT_TRUE(stage.call(order).ok()) << "no items, no answers";
}

TEST(NodeBatch, OneRequestIdNamesOneWriteOfAKey) {
    Stage stage;
    std::vector<port::Item> items(3);
    items[0].key = items[2].key = "a";
    items[1].key = "b";
    items[0].value = "1";
    items[1].value = "2";
    items[2].value = "3";
    port::Order order;
    order.call = port::Call::multi_put;
    order.items = items;
    order.request.bytes[0] = 7;
    Answer put = stage.call(order);
    ASSERT_EQ(put.items.size(), 3u);
    EXPECT_FALSE(put.items[0].error);
    EXPECT_FALSE(put.items[1].error);
    ASSERT_TRUE(put.items[2].error) << "it would be taken for a retry of the first, and lost";
    EXPECT_EQ(put.items[2].error->code, Code::invalid_request);
    order.request = {};
    order.deadline = Instant{};
    for (const auto& item : stage.call(order).items) EXPECT_FALSE(item.error);
}

TEST(NodeBatch, ItsSizeAndItsAnswersAreBounded) {
    port::Limits limits;
    limits.batch_items = 4;
    limits.page_bytes = 100;
    Stage stage(limits);
    std::vector<port::Item> items(5);
    for (auto& item : items) item.key = "k";
    port::Order order;
    order.call = port::Call::multi_get;
    order.items = items;
    Answer refused = stage.call(order);
    ASSERT_FALSE(refused.ok());
    EXPECT_NE(refused.refusal->error.detail.find("limit of 4"), std::string::npos);
    stage.put("k", Bytes(300, 'v'));
    items.resize(2);
    order.items = items;
    order.deadline = Instant{};
    Answer answer = stage.call(order);
    EXPECT_EQ(answer.items[0].values.size(), 1u);
    ASSERT_TRUE(answer.items[1].error);
    EXPECT_EQ(answer.items[1].error->code, Code::overloaded);
}

TEST(NodeScan, PagesShowEveryKeyOnceInBothDirections) {
    Stage stage;
    std::set<Bytes> wanted;
    for (int i = 0; i < 50; ++i) {
        Bytes key = kit::text("key-", i);
        stage.put(key, kit::text("value ", i));
        wanted.insert(key);
    }
    stage.remove("key-7");
    wanted.erase("key-7");
    std::vector<Bytes> orders[2];
    for (bool reverse : {false, true}) {
        std::vector<Bytes>& met = orders[reverse ? 1 : 0];
        port::Order order;
        order.call = port::Call::scan;
        order.limit = 7;
        order.reverse = reverse;
        Bytes page;
        for (;;) {
            order.deadline = Instant{};
            order.page = page;
            order.has_page = !page.empty();
            Answer answer = stage.call(order);
            ASSERT_TRUE(answer.ok());
            EXPECT_LE(answer.items.size(), 7u);
            for (const Answer::One& item : answer.items) {
                met.push_back(item.key);
                EXPECT_EQ(item.values.size(), 1u);
                EXPECT_FALSE(item.context.empty());
            }
            if (!answer.has_page) break;
            page = answer.page;
        }
        EXPECT_EQ(std::set<Bytes>(met.begin(), met.end()), wanted);
        EXPECT_EQ(met.size(), wanted.size());
    }
    std::reverse(orders[1].begin(), orders[1].end());
    EXPECT_EQ(orders[0], orders[1]);
}

TEST(NodeScan, PrefixKeysOnlyAndBadPages) {
    Stage stage;
    for (const char* key : {"ab1", "ab2", "b"}) stage.put(key, "v");
    port::Order order;
    order.call = port::Call::scan;
    order.prefix = "ab";
    order.keys_only = true;
    Answer answer = stage.call(order);
    ASSERT_EQ(answer.items.size(), 2u);
    EXPECT_TRUE(answer.items[0].values.empty());
    EXPECT_FALSE(answer.has_page);
    order.page = "nonsense";
    order.has_page = true;
    order.deadline = Instant{};
    EXPECT_EQ(stage.call(order).refusal->error.code, Code::invalid_request);
}

TEST(NodeTables, AreMadeServedAndDroppedForGood) {
    Stage stage;
    Answer made = create(stage, "t");
    ASSERT_TRUE(made.table) << made.refusal->error.detail;
    EXPECT_EQ(made.table->id.value, 2u);
    EXPECT_EQ(made.table->resolver, "dotted_version_vector");
    EXPECT_EQ(create(stage, "t").refusal->error.code, Code::conflict);
    EXPECT_EQ(create(stage, "Bad Name").refusal->error.code, Code::invalid_request);
    EXPECT_TRUE(put_in(stage, "t", "k", "v").ok());
    EXPECT_EQ(stage.get("k").value(), "(none)") << "tables do not share keys";
    Answer context = get_in(stage, "t", "k");
    EXPECT_EQ(context.value(), "v");
    EXPECT_FALSE(stage.put("k", "v", context.item.context).ok()) << "a context belongs to its table";
    ASSERT_TRUE(drop(stage, "t").ok());
    EXPECT_EQ(get_in(stage, "t", "k").refusal->error.code, Code::not_found);
    EXPECT_EQ(drop(stage, "t").refusal->error.code, Code::not_found);
    EXPECT_TRUE(stage.ledger->state().dropped.empty()) << "the engine has forgotten it durably";
    ASSERT_EQ(create(stage, "t").table->id.value, 3u) << "ids are never reused";
    EXPECT_EQ(get_in(stage, "t", "k").value(), "(none)");
    ASSERT_EQ(stage.node->tables().size(), 2u);
    EXPECT_EQ(stage.node->tables()[1].name, "t");
}

TEST(NodeTables, ADropThatACrashInterruptedIsFinishedByTheNextStart) {
    Stage stage;
    create(stage, "t");
    put_in(stage, "t", "k", "v");
    port::AdminOrder order = table_order(port::AdminOrder::Call::drop_table, "t");
    stage.step(&order);
    ASSERT_TRUE(stage.run_one(port::Lane::ledger));
    EXPECT_EQ(stage.ledger->state().dropped.size(), 1u);
    stage.engine->retirements.clear();
    stage.restart();
    stage.settle();
    ASSERT_FALSE(stage.engine->retirements.empty());
    EXPECT_TRUE(stage.engine->retirements[0].whole);
    EXPECT_EQ(stage.engine->retirements[0].table.value, 2u);
    EXPECT_TRUE(stage.ledger->state().dropped.empty());
}

TEST(NodeTables, AFailedLedgerRefusesAndTheNextOrderWorks) {
    Stage stage;
    stage.disk.fail_nth_sync(1);
    EXPECT_EQ(create(stage, "t").refusal->error.code, Code::io);
    stage.disk.heal();
    EXPECT_EQ(stage.node->tables().size(), 1u);
    EXPECT_TRUE(create(stage, "t").table);
}

TEST(NodeTables, AStoreInDoubtIsTriedAgainUntilItHolds) {
    Stage stage;
    create(stage, "t");
    // The second sync of a store is that of the directory: the new file has its name, but a crash may undo it.
    stage.disk.fail_nth_sync(2);
    port::AdminOrder order = table_order(port::AdminOrder::Call::drop_table, "t");
    order.ticket = port::Ticket{1'000};
    stage.step(&order);
    ASSERT_TRUE(stage.run_one(port::Lane::ledger));
    stage.step(port::TurnEnded{});
    EXPECT_FALSE(stage.take(order.ticket)) << "neither done nor refused: a crash decides";
    EXPECT_LE(stage.woken_at, stage.now.steady + seconds(1));
    stage.pass(seconds(1));
    stage.step(port::Woken{});
    stage.settle();
    auto answer = stage.take(order.ticket);
    ASSERT_TRUE(answer);
    EXPECT_TRUE(answer->ok());
    EXPECT_EQ(stage.node->tables().size(), 1u);
}

TEST(NodeStop, MakesEverythingDurableAndNotesIt) {
    Stage stage;
    port::Order order = Stage::put_order("k", "v");
    order.sync = Sync::never;
    stage.call(order);
    auto open = stage.send(Stage::put_order("a", "1"));
    stage.step(port::StopAsked{});
    auto refused = stage.take(stage.send(Stage::put_order("b", "2")));
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->refusal->error.code, Code::closed);
    EXPECT_FALSE(stage.is_stopped);
    stage.settle();
    EXPECT_TRUE(stage.take(open)->ok());
    ASSERT_TRUE(stage.is_stopped);
    EXPECT_EQ(stage.engine->stats().synced, stage.engine->stats().applied);
    EXPECT_TRUE(stage.ledger->state().clean);
    EXPECT_EQ(stage.ledger->state().counter_used, 2u);
    stage.restart();
    EXPECT_EQ(stage.ledger->state().unclean_starts, 0u);
    EXPECT_TRUE(stage.put("c", "3").ok());
}

TEST(NodeStop, WithAFailedLogItStopsUnclean) {
    Stage stage;
    stage.engine->fail_sync = fail(Code::io, "gone");
    stage.put("k", "v");
    stage.step(port::StopAsked{});
    stage.settle();
    EXPECT_TRUE(stage.is_stopped);
    EXPECT_FALSE(stage.ledger->state().clean);
}

TEST(NodeUpkeep, TombstonesMayGoAfterTheGraceAndNotBefore) {
    Stage stage;
    stage.settle();
    ASSERT_FALSE(stage.engine->retirements.empty());
    const Retirement& retirement = stage.engine->retirements.back();
    EXPECT_FALSE(retirement.whole);
    EXPECT_EQ(retirement.table.value, 1u);
    EXPECT_EQ(retirement.forget_before, WallTime{stage.now.wall.us - seconds(600).us});
}

TEST(NodeErrands, AScrubIsFollowedByItsNumberUntilItEnds) {
    Stage stage;
    port::AdminOrder order;
    order.call = port::AdminOrder::Call::scrub;
    Answer answer = stage.administer(order);
    ASSERT_TRUE(answer.ok());
    ASSERT_NE(answer.errand, 0u);
    stage.settle();
    auto errands = stage.node->errands();
    ASSERT_EQ(errands.size(), 1u);
    EXPECT_EQ(errands[0].number, answer.errand);
    EXPECT_EQ(errands[0].state, node::Errand::State::done);
    EXPECT_GT(stage.administer(order).errand, answer.errand) << "a number is given once";
}

TEST(NodeErrands, RefuseWhatCannotBegin) {
    Stage stage;
    port::AdminOrder order;
    order.call = port::AdminOrder::Call::repair;
    order.table.name = "nosuch";
    auto why = [&] { return stage.administer(order).refusal; };
    ASSERT_TRUE(why());
    EXPECT_EQ(why()->error.code, Code::not_found);
    order.table.name = "default";
    order.tokens = TokenRange{9, 8};
    ASSERT_TRUE(why());
    EXPECT_EQ(why()->error.code, Code::invalid_request);
    order.tokens = TokenRange{};
    order.datacentre = "elsewhere";
    ASSERT_TRUE(why());
    EXPECT_EQ(why()->error.code, Code::invalid_request);
    order.call = port::AdminOrder::Call::cancel_errand;
    order.errand = 7;
    ASSERT_TRUE(why());
    EXPECT_EQ(why()->error.code, Code::not_found);
    EXPECT_TRUE(stage.node->errands().empty());
}

}  // namespace
}  // namespace ashlar::test
