// One client call as a value, the same whether it came by Thrift or from the simulator.
//
// All views borrow from whoever made the order and stay valid only while Node::step runs; what must last
// longer the node copies. The front has checked frame and container bounds; the node checks everything else.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "ashlar/result.h"
#include "ashlar/ring.h"
#include "ashlar/types.h"

namespace ashlar::port {

/// Names a waiting client call; made by the host, unique while the call is open.
struct Ticket {
    std::uint64_t value = 0;
    auto operator<=>(const Ticket&) const = default;
};

enum class Call : std::uint8_t { get, put, remove, exists, multi_get, multi_put, scan, put_if, ring };

/// One key of an order: the whole of a get or put, one item of a multi_get or multi_put.
struct Item {
    View key;
    View value;
    View context;            ///< as given by the client; see has_context
    bool has_context = false;
    bool overwrite = false;  ///< without context: take that of a read made first
    bool has_ttl = false;
    Duration ttl{0};         ///< with has_ttl: 0 never expires
};

struct Order {
    Call call = Call::get;
    Ticket ticket;
    View table;
    Item item;                          ///< single-key calls; put_if: context is `expected`
    std::span<const Item> items;        ///< multi_*
    Consistency consistency;
    bool strict = false;                ///< only owners count
    Sync sync = Sync::table_default;
    RequestId request;
    Instant deadline;                   ///< the host fills in the default and enforces the ceiling
    // scan
    View page;                          ///< with has_page: where to resume
    bool has_page = false;
    View prefix;
    std::uint32_t limit = 0;            ///< 0: the node's default
    bool reverse = false;
    bool keys_only = false;
};

/// What became of a request. In every answer and every failure.
struct Achieved {
    std::uint32_t answered = 0;
    std::uint32_t owners = 0;
    std::uint32_t synced = 0;
    std::uint32_t hints = 0;
    std::uint32_t needed = 0;
    std::uint32_t replicas = 0;
    Epoch epoch;
    bool merged = false;
};

/// A version as the client gets it.
struct ReplyVersion {
    View value;
    WallTime wall;
    WallTime expires{0};
    Dot dot;
};

/// A failed call, or item of a multi_*. The wording is ready for the client.
struct Refusal {
    Error error;
    bool retry_safe = true;
    Duration retry_after{0};              ///< overloaded only
    Achieved achieved;
};

/// One key's answer: the whole of a get, one item of a multi_*, one entry of a scan.
struct ReplyItem {
    View key;                             ///< multi_* and scan
    std::span<const ReplyVersion> values;
    View context;                         ///< as the client shall give it back
    Achieved achieved;
    const Refusal* refusal = nullptr;     ///< multi_*: this item failed
};

struct Reply {
    Call call = Call::get;
    ReplyItem item;
    bool found = false;                   ///< exists, remove
    bool stored = false;                  ///< put_if
    std::span<const ReplyItem> items;     ///< multi_*, scan
    View page;                            ///< scan
    bool has_page = false;
    const Ring* ring = nullptr;           ///< ring
};

/// A table as everyone knows it; part of the agreed state.
struct Table {
    TableId id;
    std::string name;
    Replication replication;
    std::string resolver;
    std::string engine;
    Duration ttl{0};                      ///< 0: never
    Consistency read{Level::quorum, 0};
    Consistency write{Level::quorum, 0};
    bool operator==(const Table&) const = default;
};

/// An operator's call that changes agreed state, waits for others, or begins long work. Calls that only look here ask
/// Node directly.
struct AdminOrder {
    enum class Call : std::uint8_t { create_table, drop_table, explain_key, scrub, repair, cancel_errand };
    Call call = Call::create_table;
    Ticket ticket;
    Table table;   ///< create: id 0, empty resolver or engine mean the default; all others: only the name
    View key;      ///< explain_key
    Instant deadline;
    // repair
    TokenRange tokens;
    std::string datacentre;    ///< empty: all
    bool as_first = false;     ///< only partitions that this node is the first to compare
    bool dry_run = false;
    std::uint64_t errand = 0;  ///< cancel_errand
};

}  // namespace ashlar::port
