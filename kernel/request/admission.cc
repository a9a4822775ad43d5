#include "request/admission.h"

#include "ashlar/plugin.h"
#include "kit/context.h"
#include "kit/text.h"

namespace ashlar::request {
namespace {

/// 1,000 years: farther off, wall time plus it could overflow.
constexpr Duration ttl_max = seconds(1000LL * 366 * 86'400);

/// The call an item of a multi_* is.
port::Call call_of_item(port::Call call) {
    if (call == port::Call::multi_get) return port::Call::get;
    if (call == port::Call::multi_put) return port::Call::put;
    return call;
}

Result<void> admit_sizes(const port::Limits& limits, const port::Item& item) {
    if (item.key.empty()) return fail(Code::invalid_request, "the key is empty; a key has at least 1 byte");
    std::uint64_t size = std::uint64_t{item.key.size()} + item.value.size();
    if (size <= limits.entry_bytes) return {};
    return fail(Code::invalid_request,
                kit::text("key of ", item.key.size(), " bytes and value of ", item.value.size(), " bytes are ", size,
                          " bytes together, over the limit of ", limits.entry_bytes, " (limits.entry_bytes)"));
}

}  // namespace

Result<ServedTable*> admit_order(const Gate& gate, const port::Turn& turn, const port::Order& order) {
    if (order.deadline <= turn.now.steady) {
        return fail(Code::timed_out, "the deadline had passed before the order was looked at; nothing was done");
    }
    if (gate.catalogue.ring()->claims.empty()) {
        return fail(Code::unavailable, "this node is in no ring yet: the cluster forms when cluster.expect nodes have "
                                       "found each other; `ashlar status` shows who is there");
    }
    ServedTable* table = gate.catalogue.find(order.table);
    if (table == nullptr) {
        return fail(Code::not_found,
                    kit::text("there is no table '", order.table.substr(0, 64), "'; `ashlar table create` makes one"));
    }
    if (order.items.size() > gate.limits.batch_items) {
        return fail(Code::invalid_request, kit::text(order.items.size(), " items are over the limit of ",
                                                     gate.limits.batch_items, " (limits.batch_items)"));
    }
    return table;
}

Result<Given> admit_context(const Gate& gate, const port::Turn& turn, const ServedTable& table, View bytes) {
    if (bytes.size() > gate.limits.context_bytes) {
        return fail(Code::invalid_request, kit::text("the context has ", bytes.size(), " bytes, over the limit of ",
                                                     gate.limits.context_bytes, " (limits.context_bytes)"));
    }
    auto given = open_context(bytes, table.table->id, table.resolver.tag);
    if (!given) return given;
    if (auto known = admit_counters(gate, given->causal); !known) return known.error();
    if (!table.resolver.stamps_decide()) return given;
    if (auto near = gate.stamps.admit(given->stamp, turn.now.wall); !near) return near.error();
    return given;
}

Result<void> admit_counters(const Gate& gate, View causal) {
    if (causal.empty()) return {};
    kit::Reader in(causal);
    kit::CausalContext context = kit::CausalContext::decode(in);
    if (!in.done()) return fail(Code::invalid_request, "the context is damaged; give back one that a read returned");
    for (const kit::CausalContext::Seen& seen : context.seen()) {
        const NodeId node = seen.actor.node;
        const bool own = node == gate.dots.node();
        const std::uint64_t given = own ? gate.dots.last() : gate.health.counters(node);
        if (seen.highest() <= given || (!own && given == 0)) continue;
        const std::string claim = kit::text("the context claims version ", seen.highest(), " of node ",
                                            kit::hex16(node.value), ", which has made at most ", given);
        if (own) return fail(Code::invalid_request, claim + "; give back one that a read returned");
        // A node that has just begun a new life may have given more than this one has heard of.
        return fail(Code::unavailable, claim + " as far as this node has heard; try again in a second");
    }
    return {};
}

Result<void> admit_item(const Gate& gate, const port::Turn& turn, ServedTable& table, const port::Order& order,
                        const port::Item& item, Operation& op) {
    if (auto fits = admit_sizes(gate.limits, item); !fits) return fits;
    op.call = call_of_item(order.call);
    op.ticket = order.ticket;
    op.table = table.table->id;
    op.token = gate.partitioner.token(item.key);
    op.key.assign(item.key);
    op.began = turn.now.steady;
    op.deadline = order.deadline;
    op.request = order.request;
    op.overwrite = item.overwrite;
    op.strict = order.strict;
    const Consistency& asked = order.consistency;
    bool by_table = asked.level == Level::table_default;
    op.read_level = by_table || op.writes() ? table.table->read : asked;
    op.write_level = by_table ? table.table->write : asked;
    if (op.writes()) {
        auto needs = table.placement->needs(op.write_level);
        if (!needs) return needs.error();
        op.write_needs = std::move(*needs);
        op.sync = order.sync == Sync::table_default ? gate.limits.sync : order.sync;
        op.value.assign(item.value);
        op.ttl = item.has_ttl ? item.ttl : table.table->ttl;
        if (op.ttl.us < 0 || op.ttl > ttl_max) {
            return fail(Code::invalid_request, "the time to live must lie between 0 (never expires) and 1,000 years");
        }
        auto given = admit_context(gate, turn, table, item.has_context ? item.context : View{});
        if (!given) return given.error();
        op.seen.assign(given->causal);
        op.stamp = given->stamp;
        op.note_context(!given->causal.empty());
    }
    if (op.reads_first()) {
        // put_if reads at the write's level; a read before an overwrite or a remove is the table's own.
        if (op.call == port::Call::put_if) {
            op.read_level = op.write_level;
            op.read_needs = op.write_needs;
            return {};
        }
        auto needs = table.placement->needs(op.read_level);
        if (!needs) return needs.error();
        op.read_needs = std::move(*needs);
    }
    return {};
}

bool is_operation(const ServedTable& table, const Operation& op) {
    if (!op.writes() || op.call == port::Call::remove) return false;
    Change blind;
    blind.value = op.value;
    return (table.resolver.capabilities & per_key_counters) == 0 && table.resolver.resolver->needs_held(blind);
}

}  // namespace ashlar::request
