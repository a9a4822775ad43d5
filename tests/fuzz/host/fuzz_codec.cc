// A message of any bytes, read as every call of both services in both protocols; the hand-written codec must judge
// like the generated one and see the same request.
#include <cstdint>
#include <cstdlib>

#include "host/admin_codec.h"
#include "host/client_codec.h"
#include "host/hot_codec.h"

using namespace ashlar;
using namespace ashlar::host;

namespace {

void must(bool holds) {
    if (!holds) std::abort();
}

bool same(const port::Order& a, const WireWishes& v, const port::Order& b, const WireWishes& w) {
    return a.call == b.call && a.table == b.table && a.item.key == b.item.key && a.item.value == b.item.value &&
           a.item.context == b.item.context && a.item.has_context == b.item.has_context &&
           a.item.overwrite == b.item.overwrite && v.level.value_or(0) == w.level.value_or(0) &&
           v.replicas == w.replicas && v.timeout_ms == w.timeout_ms && v.sync == w.sync &&
           v.request_id == w.request_id && v.ttl_s == w.ttl_s && v.strict == w.strict;
}

void compare(ClientMethod method, port::Call call, View payload, View body) {
    ParsedOrder generated;
    ReadOutcome outcome = parse_order(method, WireFormat::binary, payload, generated);
    port::Order order;
    WireWishes wishes;
    bool taken = decode_hot(call, body, order, wishes);
    must(taken == (outcome == ReadOutcome::fine));
    if (taken) must(same(order, wishes, generated.order, generated.wishes));
    Result<void> judged = apply_wishes(wishes, {}, Instant{0}, order);
    if (judged) must(order.deadline.us <= DeadlineRules{}.longest.us);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    View payload(reinterpret_cast<const char*>(data), size);
    auto head = read_head(payload);
    if (!head) return 0;
    if (head->format == WireFormat::binary) {
        compare(ClientMethod::get, port::Call::get, payload, head->body);
        compare(ClientMethod::put, port::Call::put, payload, head->body);
        compare(ClientMethod::remove, port::Call::remove, payload, head->body);
        compare(ClientMethod::exists, port::Call::exists, payload, head->body);
    }
    for (int i = 0; i <= static_cast<int>(ClientMethod::ring); ++i) {
        ParsedOrder parsed;
        (void)parse_order(static_cast<ClientMethod>(i), head->format, payload, parsed);
        must(parsed.items.size() <= static_cast<std::size_t>(container_max));
    }
    ParsedHello hello;
    (void)parse_hello(head->format, payload, hello);
    std::optional<std::int64_t> epoch;
    (void)parse_ring(head->format, payload, epoch);
    for (std::size_t i = 0; i < admin_methods; ++i) {
        AdminRequest request;
        (void)parse_admin(static_cast<AdminMethod>(i), head->format, payload, request);
    }
    Bytes reply;
    encode_unknown_method(head->format, head->number, head->method, reply);
    must(reply.size() < 300);
    return 0;
}
