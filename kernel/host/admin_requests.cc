#include <algorithm>
#include <charconv>
#include <iterator>

#include "AshlarAdmin.h"
#include "host/admin_codec.h"
#include "host/thrift_memory.h"
#include "host/wire_order.h"
#include "kit/text.h"

namespace ashlar::host {
namespace {

constexpr View admin_names[] = {"",        "status", "create_table", "describe_tables", "drop_table", "config",
                          "plugins", "scrub",  "explain_key",  "repair",          "errands",    "cancel_errand"};
static_assert(std::size(admin_names) == admin_methods);
constexpr std::int64_t ttl_max_s = 3'200'000'000;

Error bad(std::string_view what, std::int64_t given, std::string_view allowed) {
    return fail(Code::invalid_request, kit::text(what, " is ", given, "; ", allowed));
}

Result<void> take_consistency(const thrift::Consistency& from, Consistency& into) {
    auto taken = consistency_of(from.level, from.__isset.replicas ? from.replicas : 0);
    if (!taken) return taken.error();
    into = *taken;
    return {};
}

Result<void> take_replication(const thrift::CreateTableRequest& from, Replication& into) {
    constexpr std::string_view allowed = "it must be 0 (the default) to 1000";
    if (from.replicas < 0 || from.replicas > 1000) return bad("replicas", from.replicas, allowed);
    // 0 says "as the node's default", which the node fills in.
    into.replicas = static_cast<std::uint32_t>(from.replicas);
    if (!from.__isset.per_datacentre) return {};
    for (const thrift::ReplicationEntry& entry : from.per_datacentre) {
        if (entry.replicas < 0 || entry.replicas > 1000)
            return bad("replicas of a data centre", entry.replicas, allowed);
        into.per_datacentre.emplace_back(entry.datacentre, static_cast<std::uint32_t>(entry.replicas));
    }
    std::sort(into.per_datacentre.begin(), into.per_datacentre.end());
    return {};
}

Result<void> take_table(const thrift::CreateTableRequest& from, port::Table& into) {
    into.name = from.name;
    if (from.__isset.resolver) into.resolver = from.resolver;
    if (from.__isset.engine) into.engine = from.engine;
    if (from.__isset.ttl_s) {
        if (from.ttl_s < 0 || from.ttl_s > ttl_max_s)
            return bad("ttl_s", from.ttl_s, "it must be 0 (never) to 3200000000");
        into.ttl = seconds(from.ttl_s);
    }
    if (auto taken = take_replication(from, into.replication); !taken) return taken;
    into.read = into.write = Consistency{};
    if (from.__isset.read_consistency)
        if (auto taken = take_consistency(from.read_consistency, into.read); !taken) return taken;
    if (from.__isset.write_consistency)
        if (auto taken = take_consistency(from.write_consistency, into.write); !taken) return taken;
    return {};
}

Result<void> take_timeout(const thrift::ExplainKeyRequest& from, Duration& into) {
    if (!from.__isset.timeout_ms) return {};
    if (from.timeout_ms < 1 || from.timeout_ms > 60'000)
        return bad("timeout_ms", from.timeout_ms, "it must be 1 to 60000");
    into = milliseconds(from.timeout_ms);
    return {};
}

/// A token, as 16 hex digits.
Result<void> take_token(std::string_view what, const std::string& from, Token& into) {
    auto [end, error] = std::from_chars(from.data(), from.data() + from.size(), into, 16);
    if (from.size() == 16 && error == std::errc{} && end == from.data() + from.size()) return {};
    return fail(Code::invalid_request, kit::text(what, " '", from, "' is not a token of 16 hex digits"));
}

Result<void> take_repair(const thrift::RepairRequest& from, AdminRequest& into) {
    if (from.__isset.table) into.name = from.table;
    if (from.__isset.first)
        if (auto taken = take_token("first", from.first, into.order.tokens.first); !taken) return taken;
    if (from.__isset.last)
        if (auto taken = take_token("last", from.last, into.order.tokens.last); !taken) return taken;
    if (from.__isset.datacentre) into.order.datacentre = from.datacentre;
    into.order.as_first = from.__isset.as_first && from.as_first;
    into.order.dry_run = from.__isset.dry_run && from.dry_run;
    return {};
}

/// A method whose request says nothing.
template <class Args>
ReadOutcome parse_empty(WireFormat format, View payload) {
    Args args;
    return read_args(format, payload, args);
}

}  // namespace

AdminMethod admin_method(View name) {
    for (std::size_t i = 1; i < std::size(admin_names); ++i)
        if (admin_names[i] == name) return static_cast<AdminMethod>(i);
    return AdminMethod::unknown;
}

View method_name(AdminMethod method) {
    return admin_names[static_cast<std::size_t>(method)];
}

ReadOutcome parse_admin(AdminMethod method, WireFormat format, View payload, AdminRequest& out) {
    switch (method) {
        case AdminMethod::status: {
            thrift::AshlarAdmin_status_args args;
            ReadOutcome outcome = read_args(format, payload, args);
            out.counters = args.request.__isset.counters && args.request.counters;
            return outcome;
        }
        case AdminMethod::create_table: {
            thrift::AshlarAdmin_create_table_args args;
            ReadOutcome outcome = read_args(format, payload, args);
            out.verdict = take_table(args.request, out.table);
            return outcome;
        }
        case AdminMethod::describe_tables: {
            thrift::AshlarAdmin_describe_tables_args args;
            ReadOutcome outcome = read_args(format, payload, args);
            if (args.request.__isset.name) out.name = args.request.name;
            return outcome;
        }
        case AdminMethod::drop_table: {
            thrift::AshlarAdmin_drop_table_args args;
            ReadOutcome outcome = read_args(format, payload, args);
            out.name = args.request.name;
            return outcome;
        }
        case AdminMethod::config:
            return parse_empty<thrift::AshlarAdmin_config_args>(format, payload);
        case AdminMethod::plugins:
            return parse_empty<thrift::AshlarAdmin_plugins_args>(format, payload);
        case AdminMethod::scrub:
            return parse_empty<thrift::AshlarAdmin_scrub_args>(format, payload);
        case AdminMethod::explain_key: {
            thrift::AshlarAdmin_explain_key_args args;
            ReadOutcome outcome = read_args(format, payload, args);
            out.name = args.request.table;
            out.key = args.request.key;
            out.verdict = take_timeout(args.request, out.timeout);
            return outcome;
        }
        case AdminMethod::repair: {
            thrift::AshlarAdmin_repair_args args;
            ReadOutcome outcome = read_args(format, payload, args);
            out.verdict = take_repair(args.request, out);
            return outcome;
        }
        case AdminMethod::errands: {
            thrift::AshlarAdmin_errands_args args;
            ReadOutcome outcome = read_args(format, payload, args);
            if (args.request.__isset.errand) out.errand = static_cast<std::uint64_t>(args.request.errand);
            return outcome;
        }
        case AdminMethod::cancel_errand: {
            thrift::AshlarAdmin_cancel_errand_args args;
            ReadOutcome outcome = read_args(format, payload, args);
            out.order.errand = static_cast<std::uint64_t>(args.request.errand);
            return outcome;
        }
        case AdminMethod::unknown:
            break;
    }
    return ReadOutcome::malformed;
}

}  // namespace ashlar::host
