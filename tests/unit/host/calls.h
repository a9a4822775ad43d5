// Calls as clients send them, made at random by the generated code, and what was read of one as text.
#pragma once

#include <string>

#include "Ashlar.h"
#include "base/seeded_random.h"
#include "host/client_codec.h"
#include "host/thrift_memory.h"

namespace ashlar::host::test {

using base::SeededRandom;

inline Bytes random_bytes(SeededRandom& random, std::size_t most) {
    Bytes out(random.below(most + 1), '\0');
    for (char& c : out) c = static_cast<char>(random.next());
    return out;
}

inline thrift::RequestOptions random_options(SeededRandom& random) {
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
inline Bytes written(const Args& args, View method, WireFormat format = WireFormat::binary) {
    Bytes out;
    write_message(ReplyTo{format, 7, method}, message_call, args, out);
    return out.substr(4);
}

/// A call of each hot method in turn, as the generated client would send it.
inline Bytes random_call(SeededRandom& random, ClientMethod method, WireFormat format = WireFormat::binary) {
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

inline constexpr ClientMethod hot_methods[] = {ClientMethod::get, ClientMethod::put, ClientMethod::remove,
                                               ClientMethod::exists};

inline port::Call call_of(ClientMethod method) {
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
inline std::string shown(const port::Order& o, const WireWishes& w) {
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

}  // namespace ashlar::host::test
