// What the generated code reads: compact as binary, containers within their bounds, wishes as orders.
#include "host/client_codec.h"

#include <gtest/gtest.h>

#include "calls.h"

namespace ashlar::host {
namespace {

using namespace test;

TEST(ClientCodec, CompactCarriesTheSameRequests) {
    SeededRandom random(7);
    for (int i = 0; i < 400; ++i) {
        ClientMethod method = hot_methods[i % 4];
        SeededRandom same = random;
        Bytes binary = random_call(random, method);
        Bytes compact = random_call(same, method, WireFormat::compact);
        auto head = read_head(compact);
        ASSERT_TRUE(head.has_value());
        EXPECT_EQ(head->format, WireFormat::compact);
        EXPECT_EQ(head->number, 7);
        EXPECT_EQ(client_method(head->method), method);
        ParsedOrder a;
        ParsedOrder b;
        ASSERT_EQ(parse_order(method, WireFormat::binary, binary, a), ReadOutcome::fine);
        ASSERT_EQ(parse_order(method, WireFormat::compact, compact, b), ReadOutcome::fine);
        EXPECT_EQ(shown(a.order, a.wishes), shown(b.order, b.wishes));
        for (std::size_t n = 0; n < compact.size(); n += 3) {
            ParsedOrder cut;
            EXPECT_NE(parse_order(method, WireFormat::compact, View(compact).substr(0, n), cut), ReadOutcome::fine);
        }
    }
}

TEST(ClientCodec, ContainersAreBoundedAndSaySo) {
    thrift::Ashlar_multi_get_args args;
    args.request.keys.assign(1024, "k");
    ParsedOrder fine;
    EXPECT_EQ(parse_order(ClientMethod::multi_get, WireFormat::binary, written(args, "multi_get"), fine),
              ReadOutcome::fine);
    EXPECT_EQ(fine.order.items.size(), 1024u);
    args.request.keys.emplace_back("one more");
    for (WireFormat format : {WireFormat::binary, WireFormat::compact}) {
        ParsedOrder many;
        EXPECT_EQ(parse_order(ClientMethod::multi_get, format, written(args, "multi_get", format), many),
                  ReadOutcome::too_many);
    }
}

TEST(ClientCodec, AFailedItemOfABatchSaysWhetherAndWhenToTryAgain) {
    port::Refusal refusal;
    refusal.error = fail(Code::overloaded, "full");
    refusal.retry_safe = false;
    refusal.retry_after = milliseconds(100);
    std::vector<port::ReplyItem> items(2);
    items[1].refusal = &refusal;
    port::Reply reply;
    reply.call = port::Call::multi_put;
    reply.items = items;
    Bytes frame;
    encode_reply(ReplyTo{WireFormat::binary, 7, "multi_put"}, reply, frame);
    thrift::Ashlar_multi_put_result result;
    ASSERT_EQ(read_args(WireFormat::binary, View(frame).substr(4), result), ReadOutcome::fine);
    ASSERT_EQ(result.success.items.size(), 2u);
    EXPECT_FALSE(result.success.items[0].__isset.retry_safe);
    const thrift::MultiPutItem& failed = result.success.items[1];
    EXPECT_EQ(failed.detail, "full");
    EXPECT_TRUE(failed.__isset.retry_safe);
    EXPECT_FALSE(failed.retry_safe);
    EXPECT_EQ(failed.retry_after_ms, 100);
}

TEST(WireOrder, WishesBecomeAnOrderOrAReason) {
    DeadlineRules rules{seconds(5), seconds(60)};
    Instant now{1'000'000};
    port::Order order;
    ASSERT_TRUE(apply_wishes({}, rules, now, order).has_value());
    EXPECT_EQ(order.deadline, now + seconds(5));
    EXPECT_EQ(order.consistency.level, Level::table_default);
    WireWishes wishes;
    wishes.timeout_ms = 3'600'000;
    wishes.level = 1;
    wishes.replicas = 2;
    wishes.sync = 3;
    wishes.ttl_s = 0;
    wishes.request_id = "0123456789abcdef";
    ASSERT_TRUE(apply_wishes(wishes, rules, now, order).has_value());
    EXPECT_EQ(order.deadline, now + seconds(60)) << "the ceiling holds";
    EXPECT_EQ(order.consistency, (Consistency{Level::count, 2}));
    EXPECT_EQ(order.sync, Sync::never);
    EXPECT_TRUE(order.item.has_ttl);
    EXPECT_EQ(order.request.bytes[15], 'f');
    auto refused = [&](auto change) {
        WireWishes bad;
        change(bad);
        auto outcome = apply_wishes(bad, rules, now, order);
        EXPECT_FALSE(outcome.has_value());
        return outcome.error().detail;
    };
    EXPECT_EQ(refused([](WireWishes& w) { w.level = 11; }),
              "consistency.level is 11; LEVEL_* constants go from 0 to 10");
    EXPECT_EQ(refused([](WireWishes& w) { w.level = 1; }),
              "consistency.replicas is 0; with LEVEL_COUNT it must be 1 or more");
    EXPECT_EQ(refused([](WireWishes& w) { w.sync = -1; }), "options.sync is -1; SYNC_* constants go from 0 to 3");
    EXPECT_EQ(refused([](WireWishes& w) { w.request_id = "short"; }),
              "size of options.request_id is 5; it must be 16 bytes");
    EXPECT_EQ(refused([](WireWishes& w) { w.timeout_ms = -5; }), "options.timeout_ms is -5; it must not be negative");
    EXPECT_EQ(refused([](WireWishes& w) { w.ttl_s = -1; }), "ttl_s is -1; it must be 0 (never expires) to 3200000000");
}

}  // namespace
}  // namespace ashlar::host
