// The hand-written codec beside the generated one: same requests understood, same bytes refused, same replies.
#include "host/hot_codec.h"

#include <gtest/gtest.h>

#include "calls.h"
#include "host/hot_writer.h"

namespace ashlar::host {
namespace {

using namespace test;

/// Reads the same message both ways; equal outcome, and equal content where both take it.
bool both_agree(ClientMethod method, View payload) {
    auto head = read_head(payload);
    ParsedOrder generated;
    ReadOutcome outcome = parse_order(method, WireFormat::binary, payload, generated);
    if (!head) {
        // A head that the strict reader refuses is never dispatched; nothing to compare.
        return false;
    }
    port::Order order;
    WireWishes wishes;
    bool taken = decode_hot(call_of(method), head->body, order, wishes);
    EXPECT_EQ(taken, outcome == ReadOutcome::fine);
    if (taken) {
        EXPECT_EQ(shown(order, wishes), shown(generated.order, generated.wishes));
    }
    return taken;
}

TEST(HotCodec, ReadsWhatTheGeneratedCodeReads) {
    SeededRandom random(1);
    for (int i = 0; i < 4000; ++i) {
        ClientMethod method = hot_methods[i % 4];
        Bytes payload = random_call(random, method);
        auto head = read_head(payload);
        ASSERT_TRUE(head.has_value());
        EXPECT_EQ(head->number, 7);
        EXPECT_EQ(head->type, message_call);
        EXPECT_EQ(client_method(head->method), method);
        EXPECT_TRUE(both_agree(method, payload));
    }
}

TEST(HotCodec, EveryTruncationIsRefused) {
    SeededRandom random(2);
    for (ClientMethod method : hot_methods) {
        Bytes payload = random_call(random, method);
        for (std::size_t n = 0; n < payload.size(); ++n)
            EXPECT_FALSE(both_agree(method, View(payload).substr(0, n))) << n;
        payload.push_back('\0');
        EXPECT_FALSE(both_agree(method, payload)) << "bytes behind the message";
    }
}

TEST(HotCodec, DamagedBytesAreJudgedAlike) {
    SeededRandom random(3);
    int taken = 0;
    int refused = 0;
    for (int i = 0; i < 40'000; ++i) {
        ClientMethod method = hot_methods[i % 4];
        Bytes payload = random_call(random, method);
        auto head = read_head(payload);
        std::size_t from = payload.size() - head->body.size();
        for (std::uint64_t n = 1 + random.below(3); n > 0; --n)
            payload[from + random.below(head->body.size())] =
                static_cast<char>(random.below(3) == 0 ? random.below(17) : random.next());
        (both_agree(method, payload) ? taken : refused)++;
        if (HasFailure()) FAIL() << "at " << i;
    }
    EXPECT_GT(taken, 1000);
    EXPECT_GT(refused, 1000);
}

/// A random value, as it may stand in a field that nobody knows.
void write_value(SeededRandom& random, WireType type, Bytes& out, int depth) {
    auto be = [&](std::uint64_t v, int width) {
        for (int i = width - 1; i >= 0; --i) out.push_back(static_cast<char>(v >> (8 * i)));
    };
    constexpr WireType types[] = {WireType::boolean, WireType::byte, WireType::real,   WireType::i16,
                                  WireType::i32,     WireType::i64,  WireType::string, WireType::structure,
                                  WireType::map,     WireType::set,  WireType::list};
    auto some_type = [&] { return types[random.below(depth <= 0 ? 7 : std::size(types))]; };
    switch (type) {
        case WireType::boolean:
        case WireType::byte:
            return be(random.below(2), 1);
        case WireType::i16:
            return be(random.next(), 2);
        case WireType::i32:
            return be(random.next(), 4);
        case WireType::real:
            return be(0x3ff0000000000000, 8);
        case WireType::i64:
            return be(random.next(), 8);
        case WireType::string: {
            Bytes text = random_bytes(random, 10);
            be(text.size(), 4);
            out += text;
            return;
        }
        case WireType::structure:
            for (std::uint64_t n = random.below(3); n > 0; --n) {
                WireType inner = some_type();
                be(static_cast<std::uint64_t>(inner), 1);
                be(random.below(100), 2);
                write_value(random, inner, out, depth - 1);
            }
            return be(0, 1);
        case WireType::map: {
            WireType key = some_type();
            WireType value = some_type();
            std::uint64_t n = random.below(4);
            be(static_cast<std::uint64_t>(key), 1);
            be(static_cast<std::uint64_t>(value), 1);
            be(n, 4);
            for (; n > 0; --n) {
                write_value(random, key, out, depth - 1);
                write_value(random, value, out, depth - 1);
            }
            return;
        }
        default: {
            WireType element = some_type();
            std::uint64_t n = random.below(4);
            be(static_cast<std::uint64_t>(element), 1);
            be(n, 4);
            for (; n > 0; --n) write_value(random, element, out, depth - 1);
        }
    }
}

Bytes message_of(View method, View body) {
    Bytes out;
    HotWriter writer(out);
    writer.begin(ReplyTo{WireFormat::binary, 7, method}, message_call);
    out += body;
    return out.substr(4);
}

TEST(HotCodec, UnknownFieldsArePassedOver) {
    SeededRandom random(4);
    for (int i = 0; i < 2000; ++i) {
        // request { 99: anything, 2: key, 50: anything }
        Bytes body("\x0c\x00\x01", 3);
        Bytes unknown;
        constexpr WireType kinds[] = {WireType::structure, WireType::map, WireType::set,
                                      WireType::list,      WireType::i64, WireType::string};
        WireType type = kinds[random.below(std::size(kinds))];
        write_value(random, type, unknown, 5);
        auto add_unknown = [&](char id) { body += Bytes{static_cast<char>(type), 0, id} + unknown; };
        add_unknown(99);
        body += Bytes("\x0b\x00\x02\x00\x00\x00\x03key", 10);
        add_unknown(50);
        body += Bytes(2, '\0');
        for (ClientMethod method : hot_methods)
            EXPECT_TRUE(both_agree(method, message_of(method_name(method), body))) << i;
        if (HasFailure()) return;
    }
}

TEST(HotCodec, NestingIsBounded) {
    for (int depth = 10; depth < 20; ++depth) {
        Bytes body("\x0c\x00\x01", 3);
        for (int i = 0; i < depth; ++i) body += Bytes("\x0c\x00\x63", 3);
        body += Bytes(static_cast<std::size_t>(depth) + 2, '\0');
        EXPECT_EQ(both_agree(ClientMethod::get, message_of("get", body)), depth + 2 <= nesting_max) << depth;
    }
}

TEST(HotCodec, ClaimsOfHugeSizesCostNothing) {
    for (const Bytes& claim : {Bytes("\x0b\x00\x02\x7f\xff\xff\xff", 7),          // a string of 2^31-1 bytes
                               Bytes("\x0b\x00\x02\xff\xff\xff\xff", 7),          // of -1
                               Bytes("\x0f\x00\x63\x08\x7f\xff\xff\xff", 8),      // a list of 2^31-1 numbers
                               Bytes("\x0f\x00\x63\x0c\x00\x00\x04\x01", 8),      // of 1,025 structs
                               Bytes("\x0d\x00\x63\x0b\x0b\x7f\xff\xff\xff", 9),  // a map
                               Bytes("\x0f\x00\x63\x07\x00\x00\x00\x00", 8)}) {   // of a type that is none
        Bytes body = Bytes("\x0c\x00\x01", 3) + claim + Bytes(2, '\0');
        EXPECT_FALSE(both_agree(ClientMethod::get, message_of("get", body)));
    }
}

struct RandomReply {
    std::vector<Bytes> bytes;
    std::vector<port::ReplyVersion> versions;
    port::Reply reply;
    explicit RandomReply(SeededRandom& random, port::Call call) {
        bytes.reserve(20);
        auto keep = [&](std::size_t most) { return View(bytes.emplace_back(random_bytes(random, most))); };
        reply.call = call;
        for (std::uint64_t n = random.below(4); n > 0; --n) {
            port::ReplyVersion version;
            version.value = keep(200);
            version.wall.us = static_cast<std::int64_t>(random.next());
            if (random.below(2) != 0) version.expires.us = static_cast<std::int64_t>(random.next());
            version.dot =
                Dot{Actor{NodeId{random.next()}, static_cast<std::uint32_t>(random.next()), 0}, random.next()};
            versions.push_back(version);
        }
        reply.item.values = versions;
        reply.item.context = keep(80);
        reply.found = random.below(2) != 0;
        port::Achieved& achieved = reply.item.achieved;
        achieved = {
            static_cast<std::uint32_t>(random.below(9)), 1, 2, 3, 4, 5, Epoch{random.next()}, random.below(2) != 0};
    }
};

TEST(HotCodec, WritesTheSameRepliesByteForByte) {
    SeededRandom random(5);
    for (int i = 0; i < 4000; ++i) {
        ClientMethod method = hot_methods[i % 4];
        RandomReply made(random, call_of(method));
        ReplyTo to{WireFormat::binary, static_cast<std::int32_t>(random.next()), method_name(method)};
        Bytes by_hand = "before";
        Bytes generated = "before";
        encode_hot(to, made.reply, by_hand);
        encode_reply(to, made.reply, generated);
        ASSERT_EQ(by_hand, generated) << i;
    }
}

TEST(HotCodec, WritesTheSameRefusalsByteForByte) {
    SeededRandom random(6);
    for (int i = 0; i < 500; ++i) {
        port::Refusal refusal;
        refusal.error = fail(static_cast<Code>(1 + random.below(12)), random_bytes(random, 100));
        refusal.retry_safe = random.below(2) != 0;
        if (random.below(2) != 0) refusal.retry_after = milliseconds(static_cast<std::int64_t>(1 + random.below(1000)));
        refusal.achieved.needed = 2;
        ReplyTo to{WireFormat::binary, i, "put"};
        Bytes by_hand;
        Bytes generated;
        encode_hot_refusal(to, refusal, by_hand);
        encode_refusal(to, refusal, generated);
        ASSERT_EQ(by_hand, generated) << i;
    }
}

}  // namespace
}  // namespace ashlar::host
