// What a client wished, in the API's own numbers, and what an Order makes of it.
//
// Shared by the hand-written and the generated decoders, so that both judge alike. Pure. Fails with
// invalid_request in a sentence that names the field, what was given and what is allowed.
#pragma once

#include <cstdint>
#include <optional>

#include "ashlar/result.h"
#include "port/order.h"

namespace ashlar::host {

/// RequestOptions and Consistency as they came.
struct WireWishes {
    std::optional<std::int32_t> level;
    std::optional<std::int32_t> replicas;
    std::optional<std::int32_t> timeout_ms;
    std::optional<std::int32_t> sync;
    std::optional<View> request_id;
    std::optional<std::int64_t> ttl_s;
    bool strict = false;
};

struct DeadlineRules {
    Duration usual = seconds(5);
    Duration longest = seconds(60);
};

Result<void> apply_wishes(const WireWishes& wishes, const DeadlineRules& rules, Instant now, port::Order& order);

Result<Consistency> consistency_of(std::int32_t level, std::int32_t replicas);

/// Of a put; also for the items of a multi_put.
Result<void> apply_ttl(std::int64_t ttl_s, port::Item& item);

/// "0123456789abcdef:1:42": node, incarnation, counter. Fills `out`, answers how much of it.
inline constexpr std::size_t dot_text_max = 16 + 1 + 10 + 1 + 20;
std::size_t write_dot(const Dot& dot, char* out);

}  // namespace ashlar::host
