// Durability, retries, limits and deadlines of a node, one order at a time.
#include <gtest/gtest.h>

#include "kit/context.h"
#include "kit/entry.h"
#include "kit/text.h"
#include "request/client_context.h"
#include "stage.h"

namespace ashlar::test {
namespace {

RequestId id_of(std::uint8_t n) {
    RequestId id;
    id.bytes[0] = n;
    return id;
}

TEST(NodeSync, AlwaysWaitsForTheSyncThatCoversIt) {
    Stage stage;
    stage.settle();
    auto first = stage.send(Stage::put_order("a", "1"));
    EXPECT_FALSE(stage.take(first)) << "applied is not acknowledged";
    EXPECT_TRUE(stage.works.empty()) << "a sync waits for the turn's end";
    auto second = stage.send(Stage::put_order("b", "2"));
    stage.step(port::TurnEnded{});
    ASSERT_EQ(stage.works.size(), 1u);
    auto late = stage.send(Stage::put_order("c", "3"));
    stage.step(port::TurnEnded{});
    EXPECT_EQ(stage.works.size(), 1u) << "one sync at a time";
    ASSERT_TRUE(stage.run_one(port::Lane::sync));
    EXPECT_TRUE(stage.take(first));
    EXPECT_TRUE(stage.take(second)) << "one sync for all that waited";
    EXPECT_FALSE(stage.take(late)) << "applied after the sync began";
    stage.step(port::TurnEnded{});
    ASSERT_TRUE(stage.run_one(port::Lane::sync));
    EXPECT_TRUE(stage.take(late));
    EXPECT_EQ(stage.engine->syncs, 2u);
}

TEST(NodeSync, IntervalAndNeverAnswerAtOnceAndAreWrittenSoon) {
    Stage stage;
    port::Order order = Stage::put_order("a", "1");
    order.sync = Sync::never;
    auto answer = stage.take(stage.send(order));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->item.achieved.synced, 0u);
    EXPECT_EQ(answer->item.achieved.answered, 1u);
    EXPECT_LE(stage.woken_at, stage.now.steady + milliseconds(10));
    stage.pass(milliseconds(10));
    stage.step(port::Woken{});
    ASSERT_EQ(stage.engine->depths.size(), 1u);
    EXPECT_EQ(stage.engine->depths[0], SyncDepth::written);
    stage.settle();
    order.sync = Sync::interval;
    order.item.key = "b";
    ASSERT_TRUE(stage.take(stage.send(order)));
    stage.pass(milliseconds(1000));
    stage.step(port::Woken{});
    EXPECT_EQ(stage.engine->depths.back(), SyncDepth::synced);
}

TEST(NodeSync, AFailedSyncRefusesEveryWaiterAndSaysTheWriteMayLand) {
    Stage stage;
    stage.engine->fail_sync = fail(Code::io, "the disk is gone");
    Answer answer = stage.put("a", "1");
    ASSERT_FALSE(answer.ok());
    EXPECT_EQ(answer.refusal->error.code, Code::io);
    EXPECT_NE(answer.refusal->error.detail.find("may still land"), std::string::npos);
    EXPECT_FALSE(answer.refusal->retry_safe) << "a blind put without a request id would be a second write";
    port::Order named = Stage::put_order("a", "2");
    named.request = id_of(1);
    EXPECT_TRUE(stage.call(named).refusal->retry_safe);
    EXPECT_EQ(stage.get("a").item.values.size(), 2u) << "reads go on";
}

TEST(NodeWrites, EngineRefusalsReachTheClient) {
    Stage stage;
    for (Code code : {Code::overloaded, Code::no_space, Code::closed}) {
        stage.engine->refuse_writes = fail(code, "because");
        Answer answer = stage.put("a", "1");
        ASSERT_FALSE(answer.ok());
        EXPECT_EQ(answer.refusal->error.code, code);
        EXPECT_TRUE(answer.refusal->retry_safe);
        EXPECT_EQ(answer.refusal->retry_after.us > 0, code == Code::overloaded);
    }
    stage.engine->needs_disk = true;
    stage.engine->fail_reads = fail(Code::corrupt, "bad block");
    EXPECT_EQ(stage.get("a").refusal->error.code, Code::corrupt);
    EXPECT_EQ(stage.remove("a").refusal->error.code, Code::corrupt);
}

TEST(NodeWrites, AddsAreBoundedAtAdmission) {
    Stage stage;
    EXPECT_EQ(stage.put("", "v").refusal->error.code, Code::invalid_request);
    Bytes value(10 * 1024, 'v');
    Answer large = stage.put("k", value);
    ASSERT_FALSE(large.ok());
    EXPECT_NE(large.refusal->error.detail.find("10240"), std::string::npos) << large.refusal->error.detail;
    EXPECT_NE(large.refusal->error.detail.find("10241"), std::string::npos);
    value.pop_back();
    EXPECT_TRUE(stage.put("k", value).ok());
    EXPECT_TRUE(stage.put("empty", "").ok());
    EXPECT_EQ(stage.get("empty").item.values.size(), 1u) << "empty values are values";
    port::Order order = Stage::put_order("k", "v");
    order.table = "nowhere";
    EXPECT_EQ(stage.call(order).refusal->error.code, Code::not_found);
    order = Stage::put_order("k", "v");
    order.consistency = Consistency{Level::count, 2};
    EXPECT_EQ(stage.call(order).refusal->error.code, Code::invalid_request);
    order = Stage::put_order("k", "v");
    order.deadline = stage.now.steady;
    EXPECT_EQ(stage.call(order).refusal->error.code, Code::timed_out);
}

TEST(NodeWrites, ARetryWithItsIdIsTheSameWrite) {
    Stage stage;
    port::Order order = Stage::put_order("k", "v");
    order.request = id_of(1);
    Answer first = stage.call(order);
    Answer again = stage.call(order);
    EXPECT_EQ(first.item.context, again.item.context);
    EXPECT_EQ(stage.get("k").value(), "v");
    EXPECT_EQ(stage.engine->applies, 1u);
    order.request = id_of(2);
    stage.call(order);
    EXPECT_EQ(stage.get("k").item.values.size(), 2u) << "another id is another write";
}

TEST(NodeWrites, ARetryBeforeTheSyncWaitsForIt) {
    Stage stage;
    port::Order order = Stage::put_order("k", "v");
    order.request = id_of(1);
    auto first = stage.send(order);
    auto again = stage.send(order);
    EXPECT_FALSE(stage.take(again)) << "its answer would promise what is not durable";
    stage.settle();
    EXPECT_TRUE(stage.take(first)->ok());
    EXPECT_TRUE(stage.take(again)->ok());
    EXPECT_EQ(stage.engine->applies, 1u);
}

TEST(NodeWrites, ARetryIsKnownAcrossARestartFromMemoryAndFromTheDisk) {
    for (bool needs_disk : {false, true}) {
        Stage stage;
        port::Order order = Stage::put_order("k", "v");
        order.request = id_of(1);
        stage.call(order);
        stage.restart();
        stage.engine->needs_disk = needs_disk;
        ASSERT_TRUE(stage.call(order).ok());
        EXPECT_EQ(stage.engine->applies, 1u) << needs_disk;
        EXPECT_EQ(stage.get("k").value(), "v");
    }
}

TEST(NodeWrites, APutIfSentAgainIsStillStored) {
    Stage stage;
    port::Order order = Stage::order_of(port::Call::put_if, "k", "v");
    order.request = id_of(1);
    EXPECT_TRUE(stage.call(order).stored);
    EXPECT_TRUE(stage.call(order).stored);
    stage.restart();
    EXPECT_TRUE(stage.call(order).stored);
    order.request = id_of(2);
    EXPECT_FALSE(stage.call(order).stored);
}

TEST(NodeWrites, AKeyOverItsSiblingLimitTakesOnlyWritesWithAContext) {
    port::Limits limits;
    limits.siblings_warn = 2;
    limits.siblings_refuse = 3;
    Stage stage(limits);
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(stage.put("k", kit::text(i)).ok());
    Answer refused = stage.put("k", "one more");
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.refusal->error.code, Code::invalid_request);
    EXPECT_NE(refused.refusal->error.detail.find("3 siblings"), std::string::npos) << refused.refusal->error.detail;
    EXPECT_GE(stage.host->meter().value("request_siblings_warned"), 2);
    EXPECT_TRUE(stage.put("k", "merged", stage.get("k").item.context).ok());
    EXPECT_EQ(stage.get("k").value(), "merged");
    EXPECT_TRUE(stage.put("k", "again").ok());
}

TEST(NodeWrites, AContextBeyondTheLeaseIsRefused) {
    Stage stage;
    kit::CausalContext context;
    context.raise(Actor{stage.ledger->state().node, 1, 0}, std::uint64_t{1} << 40);
    Bytes causal, wrapped;
    kit::Writer writer(causal);
    context.encode(writer);
    request::wrap_context(TableId{1}, kit::resolver_tag("dotted_version_vector"), request::Given{causal}, wrapped);
    Answer answer = stage.put("k", "v", wrapped);
    ASSERT_FALSE(answer.ok());
    EXPECT_EQ(answer.refusal->error.code, Code::invalid_request);
    EXPECT_TRUE(stage.put("k", "v").ok());
}

TEST(NodeWrites, AWriterThatNeverReadsAgainKeepsAShortContext) {
    Stage stage;
    Bytes context;
    for (int i = 0; i < 500; ++i) {
        stage.put(kit::text("other ", i), "x");
        Answer answer = stage.put("k", kit::text(i), context);
        ASSERT_TRUE(answer.ok());
        context = answer.item.context;
    }
    EXPECT_EQ(stage.get("k").value(), "499");
    EXPECT_LT(context.size(), 60u);
}

TEST(NodeWrites, OneReadModifyWritePerKeyAtATime) {
    Stage stage;
    stage.put("k", "0");
    stage.engine->needs_disk = true;
    std::vector<port::Ticket> tickets;
    for (int i = 1; i <= 5; ++i) {
        port::Order order = Stage::put_order("k", "");
        Bytes value = kit::text(i);
        order.item.value = value;
        order.item.overwrite = true;
        tickets.push_back(stage.send(order));
    }
    EXPECT_EQ(stage.works.size(), 1u) << "the others wait in line";
    stage.settle();
    for (port::Ticket ticket : tickets) EXPECT_TRUE(stage.take(ticket)->ok());
    stage.engine->needs_disk = false;
    EXPECT_EQ(stage.get("k").value(), "5") << "each built on the one before";
}

TEST(NodeWrites, AnOrderInLineIsLetGoAtItsDeadlineAndTheLineGoesOn) {
    Stage stage;
    stage.put("k", "0");
    stage.engine->needs_disk = true;
    port::Order order = Stage::put_order("k", "1");
    order.item.overwrite = true;
    auto holder = stage.send(order);
    order.deadline = stage.now.steady + milliseconds(5);
    order.item.value = "2";
    auto hasty = stage.send(order);
    order.deadline = Instant{};
    order.item.value = "3";
    auto last = stage.send(order);
    stage.pass(milliseconds(5));
    stage.step(port::Woken{});
    auto refused = stage.take(hasty);
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->refusal->error.code, Code::timed_out);
    EXPECT_TRUE(refused->refusal->retry_safe) << "nothing of it was done";
    stage.settle();
    EXPECT_TRUE(stage.take(holder)->ok());
    EXPECT_TRUE(stage.take(last)->ok());
    stage.engine->needs_disk = false;
    EXPECT_EQ(stage.get("k").value(), "3");
}

TEST(NodeWrites, ADeadlineDuringTheSyncSaysTheWriteMayLand) {
    Stage stage;
    port::Order order = Stage::put_order("k", "v");
    order.deadline = stage.now.steady + milliseconds(5);
    auto ticket = stage.send(order);
    stage.step(port::TurnEnded{});
    EXPECT_LE(stage.woken_at, order.deadline);
    stage.pass(milliseconds(5));
    stage.step(port::Woken{});
    auto answer = stage.take(ticket);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->refusal->error.code, Code::timed_out);
    EXPECT_NE(answer->refusal->error.detail.find("may still land"), std::string::npos);
    EXPECT_FALSE(answer->refusal->retry_safe);
    stage.settle();
    EXPECT_EQ(stage.get("k").value(), "v");
}

TEST(NodeWrites, MoreWaitingOrdersThanTheLimitAreRefused) {
    port::Limits limits;
    limits.waiting_orders = 3;
    Stage stage(limits);
    std::vector<port::Ticket> tickets;
    for (int i = 0; i < 3; ++i) tickets.push_back(stage.send(Stage::put_order(i == 0 ? "a" : "b", "v")));
    auto refused = stage.take(stage.send(Stage::put_order("c", "v")));
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->refusal->error.code, Code::overloaded);
    EXPECT_GT(refused->refusal->retry_after.us, 0);
    stage.settle();
    EXPECT_TRUE(stage.put("c", "v").ok());
}

TEST(NodeWrites, ManyBlindPutsOfAColdKeyMeetTheLimitToo) {
    port::Limits limits;
    limits.siblings_warn = 5;
    limits.siblings_refuse = 10;
    Stage stage(limits);
    stage.put("k", "first");
    stage.engine->needs_disk = true;  // memory alone cannot tell what the key holds
    int admitted = 0;
    for (int i = 0; i < 100; ++i) admitted += stage.put("k", std::to_string(i)).ok() ? 1 : 0;
    EXPECT_GE(admitted, 9);
    EXPECT_LE(admitted, 9 + 16);
}

TEST(NodeWrites, TimeToLive) {
    Stage stage;
    port::Order order = Stage::put_order("k", "v");
    order.item.has_ttl = true;
    order.item.ttl = seconds(10);
    ASSERT_TRUE(stage.call(order).ok());
    Answer before = stage.get("k");
    EXPECT_EQ(before.value(), "v");
    EXPECT_EQ(before.item.versions[0].expires, stage.now.wall + seconds(10));
    stage.pass(seconds(11));
    EXPECT_EQ(stage.get("k").value(), "(none)");
    order.item.ttl = seconds(-1);
    order.deadline = Instant{};
    EXPECT_EQ(stage.call(order).refusal->error.code, Code::invalid_request);
}

}  // namespace
}  // namespace ashlar::test
