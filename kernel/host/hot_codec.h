// get, put, remove and exists in the binary protocol, by hand: the same bytes as the generated code, without
// its copies. Requests become views into the frame; replies are written straight into the connection's buffer.
//
// Pure. A request is refused where the generated code would throw (short, negative or oversized lengths,
// containers above 1,024, nesting above 16, unknown types); unknown fields are skipped. Refusals can be
// written for every method.
#pragma once

#include "host/reply_to.h"
#include "host/wire_order.h"
#include "port/order.h"

namespace ashlar::host {

inline constexpr std::int32_t container_max = 1024;
inline constexpr int nesting_max = 16;

bool is_hot(port::Call call);

/// Fills call, table, item and the wishes. False: the bytes are no such request.
bool decode_hot(port::Call call, View body, port::Order& order, WireWishes& wishes);

/// Appends a whole frame.
void encode_hot(const ReplyTo& to, const port::Reply& reply, Bytes& out);
void encode_hot_refusal(const ReplyTo& to, const port::Refusal& refusal, Bytes& out);

}  // namespace ashlar::host
