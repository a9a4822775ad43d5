#include "host/wire_order.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "kit/text.h"

namespace ashlar::host {
namespace {

constexpr std::int32_t level_last = static_cast<std::int32_t>(Level::any);
constexpr std::int64_t ttl_max_s = 3'200'000'000;  // a hundred years: far from any overflow in microseconds

Error bad(std::string_view field, std::int64_t given, std::string_view allowed) {
    return fail(Code::invalid_request, kit::text(field, " is ", given, "; ", allowed));
}

}  // namespace

Result<Consistency> consistency_of(std::int32_t level, std::int32_t replicas) {
    if (level < 0 || level > level_last) return bad("consistency.level", level, "LEVEL_* constants go from 0 to 10");
    Consistency out{static_cast<Level>(level), 0};
    if (out.level == Level::count) {
        if (replicas < 1) return bad("consistency.replicas", replicas, "with LEVEL_COUNT it must be 1 or more");
        out.count = static_cast<std::uint32_t>(replicas);
    }
    return out;
}

Result<void> apply_wishes(const WireWishes& wishes, const DeadlineRules& rules, Instant now, port::Order& order) {
    auto consistency = consistency_of(wishes.level.value_or(0), wishes.replicas.value_or(0));
    if (!consistency) return consistency.error();
    order.consistency = *consistency;
    order.strict = wishes.strict;
    std::int32_t sync = wishes.sync.value_or(0);
    if (sync < 0 || sync > 3) return bad("options.sync", sync, "SYNC_* constants go from 0 to 3");
    order.sync = static_cast<Sync>(sync);
    if (wishes.request_id) {
        if (wishes.request_id->size() != order.request.bytes.size())
            return bad("size of options.request_id", static_cast<std::int64_t>(wishes.request_id->size()),
                       "it must be 16 bytes");
        std::memcpy(order.request.bytes.data(), wishes.request_id->data(), order.request.bytes.size());
    }
    Duration time = wishes.timeout_ms ? milliseconds(*wishes.timeout_ms) : rules.usual;
    if (time.us < 0) return bad("options.timeout_ms", *wishes.timeout_ms, "it must not be negative");
    order.deadline = now + std::min(time, rules.longest);
    if (wishes.ttl_s) return apply_ttl(*wishes.ttl_s, order.item);
    return {};
}

Result<void> apply_ttl(std::int64_t ttl_s, port::Item& item) {
    if (ttl_s < 0 || ttl_s > ttl_max_s) return bad("ttl_s", ttl_s, "it must be 0 (never expires) to 3200000000");
    item.has_ttl = true;
    item.ttl = seconds(ttl_s);
    return {};
}

std::size_t write_dot(const Dot& dot, char* out) {
    char* at = out;
    for (int shift = 60; shift >= 0; shift -= 4) *at++ = "0123456789abcdef"[(dot.actor.node.value >> shift) & 15];
    *at++ = ':';
    at = std::to_chars(at, out + dot_text_max, dot.actor.incarnation).ptr;
    *at++ = ':';
    at = std::to_chars(at, out + dot_text_max, dot.counter).ptr;
    return static_cast<std::size_t>(at - out);
}

}  // namespace ashlar::host
