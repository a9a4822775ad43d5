// Every call of the operator API, in both protocols, by the generated code. Pure; the only file that knows the
// generated admin structs.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ashlar/failure_detector.h"
#include "ashlar/storage_engine.h"
#include "host/config.h"
#include "host/plugin_shelf.h"
#include "host/read_outcome.h"
#include "host/reply_to.h"
#include "node/errand.h"
#include "port/explanation.h"
#include "port/order.h"
#include "wire/message.h"

namespace ashlar::host {

enum class AdminMethod : std::uint8_t {
    unknown,
    status,
    create_table,
    describe_tables,
    drop_table,
    config,
    plugins,
    scrub,
    explain_key,
    repair,
    errands,
    cancel_errand
};
inline constexpr std::size_t admin_methods = 12;  ///< with unknown

AdminMethod admin_method(View name);
View method_name(AdminMethod method);

/// What a request may say; each method uses its part.
struct AdminRequest {
    bool counters = false;     ///< status
    std::string name;          ///< describe_tables, drop_table
    port::Table table;         ///< create_table
    std::string key;           ///< explain_key, whose table is `name`
    Duration timeout{0};       ///< explain_key; 0: the usual
    port::AdminOrder order;    ///< repair, whose table is `name`, and cancel_errand
    std::uint64_t errand = 0;  ///< errands; 0: all
    Result<void> verdict;      ///< a field that cannot be taken
};

ReadOutcome parse_admin(AdminMethod method, WireFormat format, View payload, AdminRequest& out);

/// One node as this one sees it.
struct StandingFacts {
    wire::RosterEntry entry;
    PeerState state = PeerState::alive;
    std::vector<Channel> against;
    std::vector<std::string> accusers;
    std::int64_t heard_ms_ago = 0;
    std::uint64_t owed = 0;
    std::uint64_t owed_bytes = 0;
    bool member = false;
};

struct ConvergenceFacts {
    std::string table;
    repair::Convergence::Table figures;
};

struct StatusFacts {
    std::string cluster;
    std::string name;
    NodeId node;
    std::uint32_t incarnation = 0;
    std::int64_t uptime_s = 0;
    std::string state;
    const Ring* ring = nullptr;
    std::vector<std::string> addresses;
    EngineStats engine;
    std::vector<std::pair<std::string, std::int64_t>> counters;
    std::vector<StandingFacts> nodes;
    std::string problem;
    Duration convergence_target{0};
    std::vector<ConvergenceFacts> convergence;     ///< sorted by name
    std::vector<std::string> tombstones_wait_for;  ///< names
};

/// What long work came to, and what the nodes it speaks of are called.
struct ErrandFacts {
    std::vector<node::Errand> errands;
    std::map<NodeId, std::string> names;
    Instant now;
};

struct PluginCardFacts {
    const ShelfItem* item = nullptr;
    bool used = false;
};

void encode_status(const ReplyTo& to, const StatusFacts& facts, Bytes& out);
void encode_tables(const ReplyTo& to, const std::vector<const port::Table*>& tables, Bytes& out);
/// Of create_table and drop_table, by to.method.
void encode_table_done(const ReplyTo& to, const port::Table& table, Bytes& out);
void encode_config(const ReplyTo& to, const std::vector<Config::Entry>& entries, Bytes& out);
void encode_plugins(const ReplyTo& to, const std::vector<PluginCardFacts>& plugins, Bytes& out);
/// Of scrub, repair and cancel_errand, by to.method.
void encode_errand_begun(const ReplyTo& to, std::uint64_t errand, Bytes& out);
void encode_errands(const ReplyTo& to, const ErrandFacts& facts, Bytes& out);
void encode_explanation(const ReplyTo& to, const port::Explanation& explanation, Bytes& out);

}  // namespace ashlar::host
