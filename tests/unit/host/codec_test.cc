// The hand-written codec beside the generated one: same requests understood, same bytes refused, same replies.
#include <gtest/gtest.h>

#include "Ashlar.h"
#include "base/seeded_random.h"
#include "host/client_codec.h"
#include "host/hot_codec.h"
#include "host/hot_writer.h"
#include "host/thrift_memory.h"

namespace ashlar::host {
namespace {

using base::SeededRandom;

Bytes random_bytes(SeededRandom& random, std::size_t most) {
    Bytes out(random.below(most + 1), '\0');
    for (char& c : out) c = static_cast<char>(random.next());
    return out;
}

thrift::RequestOptions random_options(SeededRandom& random) {
    thrift::RequestOptions out;
    if (random.below(2) != 0) {
        thrift::Consistency consistency;
        consistency.level = static_cast<std::int32_t>(random.below(11));
        if (random.below(2) != 0) consistency.__set_replicas(static_cast<std::int32_t>(1 + random.below(5)));
        if (random.below(2) != 0) consistency.__set_strict(random.below(2) != 0);
        out.__set_consistency(consistency);
    }
    if (random.below(2) != 0) out.__set_timeout_ms(static_cast<std::int32_t>(random.below(100'000)));
    if (random.below(2) != 0) out.__set_sync(static_cast<std::int32_t>(random.below(4)));
    if (random.below(2) != 0) out.__set_request_id(random_bytes(random, 16));
    if (random.below(4) == 0) out.__set_traceparent("00-trace");
    return out;
}

template <class Request>
void fill_common(SeededRandom& random, Request& request) {
    request.table = random_bytes(random, 20);
    request.key = random_bytes(random, 40);
    if (random.below(2) != 0) request.__set_options(random_options(random));
}

template <class Args>
Bytes written(const Args& args, View method, WireFormat format = WireFormat::binary) {
    Bytes out;
    write_message(ReplyTo{format, 7, method}, message_call, args, out);
    return out.substr(4);
}

/// A call of each hot method in turn, as the generated client would send it.
Bytes random_call(SeededRandom& random, ClientMethod method, WireFormat format = WireFormat::binary) {
    if (method == ClientMethod::get) {
        thrift::Ashlar_get_args args;
        fill_common(random, args.request);
        return written(args, "get", format);
    }
    if (method == ClientMethod::exists) {
        thrift::Ashlar_exists_args args;
        fill_common(random, args.request);
        return written(args, "exists", format);
    }
    if (method == ClientMethod::remove) {
        thrift::Ashlar_remove_args args;
        fill_common(random, args.request);
        if (random.below(2) != 0) args.request.__set_context(random_bytes(random, 60));
        return written(args, "remove", format);
    }
    thrift::Ashlar_put_args args;
    fill_common(random, args.request);
    args.request.value = random_bytes(random, 300);
    if (random.below(2) != 0) args.request.__set_context(random_bytes(random, 60));
    if (random.below(2) != 0) args.request.__set_overwrite(random.below(2) != 0);
    if (random.below(2) != 0) args.request.__set_ttl_s(static_cast<std::int64_t>(random.below(1000)));
    return written(args, "put", format);
}

constexpr ClientMethod hot_methods[] = {ClientMethod::get, ClientMethod::put, ClientMethod::remove,
                                        ClientMethod::exists};

port::Call call_of(ClientMethod method) {
    switch (method) {
        case ClientMethod::put:
            return port::Call::put;
        case ClientMethod::remove:
            return port::Call::remove;
        case ClientMethod::exists:
            return port::Call::exists;
        default:
            return port::Call::get;
    }
}

/// Everything an order and the wishes hold, as text, to compare and to print.
std::string shown(const port::Order& o, const WireWishes& w) {
    std::string out;
    auto add = [&](View piece) { (out += piece) += '|'; };
    auto maybe = [&](const auto& value) { add(value ? std::to_string(*value) : "-"); };
    add(std::to_string(static_cast<int>(o.call)));
    add(o.table);
    add(o.item.key);
    add(o.item.value);
    add(o.item.context);
    add(o.item.has_context ? "c" : "-");
    add(o.item.overwrite ? "o" : "-");
    add(std::to_string(w.level.value_or(0)));  // absent and 0 mean the same
    maybe(w.replicas);
    maybe(w.timeout_ms);
    maybe(w.sync);
    maybe(w.ttl_s);
    add(w.strict ? "s" : "-");
    add(w.request_id.value_or("none"));
    return out;
}

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

TEST(MessageHead, RefusesWhatIsNoCall) {
    EXPECT_FALSE(read_head("").has_value());
    EXPECT_FALSE(read_head("GET / HTTP/1.1\r\n").has_value());
    EXPECT_FALSE(read_head(Bytes("\x80\x01\x00", 3)).has_value());
    EXPECT_FALSE(read_head(Bytes("\x80\x02\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00", 12)).has_value())
        << "another version";
    EXPECT_FALSE(read_head(Bytes("\x80\x01\x00\x01\xff\xff\xff\xff\x00\x00\x00\x00", 12)).has_value())
        << "a name of -1 bytes";
    EXPECT_FALSE(read_head(Bytes("\x00\x00\x00\x03get\x01\x00\x00\x00\x00", 12)).has_value()) << "non-strict";
    EXPECT_FALSE(read_head(Bytes("\x82\x21\xff\xff\xff\xff\xff\xff", 8)).has_value()) << "an endless number";
    EXPECT_FALSE(read_head(Bytes("\x82\x22\x00\x03get", 7)).has_value()) << "another version";
}

TEST(MessageHead, FramesAreCutWithinTheirBound) {
    EXPECT_EQ(cut_frame(Bytes("\x00\x00\x00", 3), 100).state, FrameCut::State::partial);
    EXPECT_EQ(cut_frame(Bytes("\x00\x00\x00\x00", 4), 100).state, FrameCut::State::refused);
    EXPECT_EQ(cut_frame(Bytes("\x00\x00\x00\x65", 4), 100).state, FrameCut::State::refused);
    EXPECT_EQ(cut_frame("GET / HTTP/1.1", 16 << 20).state, FrameCut::State::refused);
    FrameCut partial = cut_frame(Bytes("\x00\x00\x00\x02y", 5), 100);
    EXPECT_EQ(partial.state, FrameCut::State::partial);
    EXPECT_EQ(partial.frame_bytes, 6u);
    Bytes received("\x00\x00\x00\x02yes", 7);  // the payload is a view into it
    FrameCut whole = cut_frame(received, 100);
    EXPECT_EQ(whole.state, FrameCut::State::whole);
    EXPECT_EQ(whole.payload, "ye");
    EXPECT_EQ(whole.frame_bytes, 6u);
}

}  // namespace
}  // namespace ashlar::host
