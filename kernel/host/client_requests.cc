#include "Ashlar.h"
#include "host/client_codec.h"
#include "host/thrift_memory.h"

namespace ashlar::host {
namespace {

constexpr View client_names[] = {"",          "hello",     "get",  "put",    "remove", "exists",
                          "multi_get", "multi_put", "scan", "put_if", "ring"};

void take_options(const thrift::RequestOptions& options, WireWishes& wishes) {
    if (options.__isset.consistency) {
        wishes.level = options.consistency.level;
        if (options.consistency.__isset.replicas) wishes.replicas = options.consistency.replicas;
        wishes.strict = options.consistency.__isset.strict && options.consistency.strict;
    }
    if (options.__isset.timeout_ms) wishes.timeout_ms = options.timeout_ms;
    if (options.__isset.sync) wishes.sync = options.sync;
    if (options.__isset.request_id) wishes.request_id = options.request_id;
}

/// What put, and an item of a multi_put, have in common.
template <class From>
void take_put(const From& from, port::Item& item) {
    item.key = from.key;
    item.value = from.value;
    item.has_context = from.__isset.context;
    if (item.has_context) item.context = from.context;
    item.overwrite = from.__isset.overwrite && from.overwrite;
}

void fill(const thrift::GetRequest& from, ParsedOrder& out) {
    out.order.item.key = from.key;
}
void fill(const thrift::ExistsRequest& from, ParsedOrder& out) {
    out.order.item.key = from.key;
}

void fill(const thrift::PutRequest& from, ParsedOrder& out) {
    take_put(from, out.order.item);
    if (from.__isset.ttl_s) out.wishes.ttl_s = from.ttl_s;
}

void fill(const thrift::RemoveRequest& from, ParsedOrder& out) {
    out.order.item.key = from.key;
    out.order.item.has_context = from.__isset.context;
    if (from.__isset.context) out.order.item.context = from.context;
}

void fill(const thrift::PutIfRequest& from, ParsedOrder& out) {
    out.order.item.key = from.key;
    out.order.item.value = from.value;
    out.order.item.context = from.expected;
    out.order.item.has_context = true;
    if (from.__isset.ttl_s) out.wishes.ttl_s = from.ttl_s;
}

void fill(const thrift::MultiGetRequest& from, ParsedOrder& out) {
    for (const std::string& key : from.keys) {
        port::Item item;
        item.key = key;
        out.items.push_back(item);
    }
    out.order.items = out.items;
}

void fill(const thrift::MultiPutRequest& from, ParsedOrder& out) {
    for (const thrift::PutItem& one : from.items) {
        port::Item item;
        take_put(one, item);
        if (one.__isset.ttl_s && out.verdict) out.verdict = apply_ttl(one.ttl_s, item);
        out.items.push_back(item);
    }
    out.order.items = out.items;
}

void fill(const thrift::ScanRequest& from, ParsedOrder& out) {
    port::Order& order = out.order;
    order.has_page = from.__isset.page;
    if (order.has_page) order.page = from.page;
    if (from.__isset.prefix) order.prefix = from.prefix;
    order.reverse = from.__isset.reverse && from.reverse;
    order.keys_only = from.__isset.keys_only && from.keys_only;
    if (from.limit < 0) out.verdict = fail(Code::invalid_request, "limit is negative");
    order.limit = static_cast<std::uint32_t>(from.limit);
}

template <class Args>
ReadOutcome parse(port::Call call, WireFormat format, View payload, ParsedOrder& out) {
    auto args = std::make_shared<Args>();
    ReadOutcome outcome = read_args(format, payload, *args);
    out.order.call = call;
    if (outcome != ReadOutcome::fine) return outcome;
    out.order.table = args->request.table;
    if (args->request.__isset.options) take_options(args->request.options, out.wishes);
    fill(args->request, out);
    out.holder = std::move(args);
    return outcome;
}

}  // namespace

ClientMethod client_method(View name) {
    for (std::size_t i = 1; i < std::size(client_names); ++i)
        if (client_names[i] == name) return static_cast<ClientMethod>(i);
    return ClientMethod::unknown;
}

View method_name(ClientMethod method) {
    return client_names[static_cast<std::size_t>(method)];
}

ReadOutcome parse_order(ClientMethod method, WireFormat format, View payload, ParsedOrder& out) {
    using port::Call;
    switch (method) {
        case ClientMethod::get:
            return parse<thrift::Ashlar_get_args>(Call::get, format, payload, out);
        case ClientMethod::put:
            return parse<thrift::Ashlar_put_args>(Call::put, format, payload, out);
        case ClientMethod::remove:
            return parse<thrift::Ashlar_remove_args>(Call::remove, format, payload, out);
        case ClientMethod::exists:
            return parse<thrift::Ashlar_exists_args>(Call::exists, format, payload, out);
        case ClientMethod::multi_get:
            return parse<thrift::Ashlar_multi_get_args>(Call::multi_get, format, payload, out);
        case ClientMethod::multi_put:
            return parse<thrift::Ashlar_multi_put_args>(Call::multi_put, format, payload, out);
        case ClientMethod::scan:
            return parse<thrift::Ashlar_scan_args>(Call::scan, format, payload, out);
        case ClientMethod::put_if:
            return parse<thrift::Ashlar_put_if_args>(Call::put_if, format, payload, out);
        case ClientMethod::unknown:
        case ClientMethod::hello:
        case ClientMethod::ring:
            break;
    }
    return ReadOutcome::malformed;
}

ReadOutcome parse_hello(WireFormat format, View payload, ParsedHello& out) {
    thrift::Ashlar_hello_args args;
    ReadOutcome outcome = read_args(format, payload, args);
    if (args.request.__isset.client) out.client = args.request.client;
    if (args.request.__isset.api_version) out.api_version = args.request.api_version;
    return outcome;
}

ReadOutcome parse_ring(WireFormat format, View payload, std::optional<std::int64_t>& epoch) {
    thrift::Ashlar_ring_args args;
    ReadOutcome outcome = read_args(format, payload, args);
    if (args.request.__isset.epoch) epoch = args.request.epoch;
    return outcome;
}

}  // namespace ashlar::host
