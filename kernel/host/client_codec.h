// Every call of the client API, in both protocols, by the generated code.
//
// Pure; the only client-side file that knows the generated structs. Requests become Orders that borrow from
// what `ParsedOrder` holds; replies and refusals are appended as whole frames.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host/read_outcome.h"
#include "host/reply_to.h"
#include "host/wire_order.h"
#include "port/order.h"

namespace ashlar::host {

enum class ClientMethod : std::uint8_t {
    unknown,
    hello,
    get,
    put,
    remove,
    exists,
    multi_get,
    multi_put,
    scan,
    put_if,
    ring
};

ClientMethod client_method(View name);
/// The name as a reply carries it; lives for ever.
View method_name(ClientMethod method);

struct ParsedOrder {
    port::Order order;
    WireWishes wishes;
    std::vector<port::Item> items;
    Result<void> verdict;                ///< a field that cannot be taken, whatever the node thinks
    std::shared_ptr<const void> holder;  ///< what the views borrow from
};

/// All methods but hello and ring.
ReadOutcome parse_order(ClientMethod method, WireFormat format, View payload, ParsedOrder& out);

struct HelloFacts {
    std::string server_version;
    std::string cluster;
    std::string node;
    Epoch epoch;
    std::uint32_t entry_bytes_max = 0;
    std::uint32_t batch_max = 0;
    std::uint32_t page_max = 0;
    std::string partitioner;
};

struct ParsedHello {
    std::string client;
    std::int32_t api_version = 0;
};

ReadOutcome parse_hello(WireFormat format, View payload, ParsedHello& out);
/// `epoch` is the one the client knows, if it says.
ReadOutcome parse_ring(WireFormat format, View payload, std::optional<std::int64_t>& epoch);

void encode_reply(const ReplyTo& to, const port::Reply& reply, Bytes& out);
void encode_refusal(const ReplyTo& to, const port::Refusal& refusal, Bytes& out);
void encode_hello(const ReplyTo& to, const HelloFacts& facts, Bytes& out);
/// `addresses` are those of the ring's members; `whole` is false when the client has this ring already.
void encode_ring(const ReplyTo& to, const Ring& ring, const std::vector<std::string>& addresses, View partitioner,
                 bool whole, Bytes& out);
/// A TApplicationException UNKNOWN_METHOD that names the method asked for.
void encode_unknown_method(WireFormat format, std::int32_t number, View method, Bytes& out);

}  // namespace ashlar::host
