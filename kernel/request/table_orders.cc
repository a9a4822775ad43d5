#include "request/table_orders.h"

#include <algorithm>

#include "kit/text.h"
#include "ring/table_rules.h"

namespace ashlar::request {
namespace {

auto position_of(std::vector<port::Table>& tables, const std::string& name) {
    return std::lower_bound(tables.begin(), tables.end(), name,
                            [](const port::Table& table, const std::string& wanted) { return table.name < wanted; });
}

Result<void> add_table(ledger::Agreed& state, port::Table& table) {
    auto at = position_of(state.tables, table.name);
    if (at != state.tables.end() && at->name == table.name) {
        return fail(Code::conflict, kit::text("there is a table '", table.name, "' already"));
    }
    if (state.tables.size() >= ring::tables_max) {
        return fail(Code::invalid_request,
                    kit::text("there are ", state.tables.size(), " tables, the limit is ", ring::tables_max));
    }
    table.id = TableId{++state.last_table};
    state.tables.insert(at, table);
    return {};
}

Result<void> take_table(ledger::Agreed& state, port::Table& table) {
    auto at = position_of(state.tables, table.name);
    if (at == state.tables.end() || at->name != table.name) {
        return fail(Code::not_found, kit::text("there is no table '", table.name, "'"));
    }
    table = *at;
    state.tables.erase(at);
    return {};
}

void refuse(const port::Turn& turn, port::Ticket ticket, const Error& error) {
    port::Refusal refusal;
    refusal.error = error;
    refusal.retry_safe = error.code != Code::timed_out;  // it may have been made
    turn.effects.refuse(ticket, refusal);
}

}  // namespace

Result<port::Table> TableOrders::complete(const port::Table& asked) const {
    port::Table table = asked;
    const port::Table* model = nullptr;
    for (const port::Table& known : catalogue_.tables()) {
        if (known.name == "default") model = &known;
    }
    if (table.resolver.empty()) table.resolver = defaults_.resolver;
    if (table.engine.empty()) table.engine = defaults_.engine;
    if (table.replication.per_datacentre.empty() && table.replication.replicas == 0 && model != nullptr) {
        table.replication = model->replication;
    }
    if (table.read.level == Level::table_default)
        table.read = model != nullptr ? model->read : Consistency{Level::quorum, 0};
    if (table.write.level == Level::table_default)
        table.write = model != nullptr ? model->write : Consistency{Level::quorum, 0};
    std::sort(table.replication.per_datacentre.begin(), table.replication.per_datacentre.end());
    if (auto good = ring::check_table(table); !good) return good.error();
    if (catalogue_.resolver(table.resolver) == nullptr) {
        return fail(Code::invalid_request,
                    kit::text("conflict resolver '", table.resolver, "' is not loaded; add it to the plugins"));
    }
    if (table.engine != defaults_.engine) {
        return fail(Code::invalid_request, kit::text("storage engine '", table.engine,
                                                     "' is not what this node runs ('", defaults_.engine, "')"));
    }
    if (auto good = catalogue_.replicator().check(table.replication); !good) return good.error();
    if (auto good = check_against_ring(table); !good) return good.error();
    return table;
}

/// What every request of the table would be refused for is refused once, here.
Result<void> TableOrders::check_against_ring(const port::Table& table) const {
    const auto& members = catalogue_.ring()->members;
    if (members.empty()) return {};
    for (const auto& [datacentre, replicas] : table.replication.per_datacentre) {
        if (replicas == 0 || std::any_of(members.begin(), members.end(),
                                         [&](const Member& member) { return member.datacentre == datacentre; }))
            continue;
        return fail(Code::invalid_request, kit::text("no node of the ring is in data centre '", datacentre,
                                                     "'; `ashlar status` shows where they are"));
    }
    ring::Placement placement(catalogue_.ring(), catalogue_.replicator(), table.replication, catalogue_.seat());
    for (const Consistency& level : {table.read, table.write})
        if (auto needs = placement.needs(level); !needs) return needs.error();
    return {};
}

void TableOrders::create(const port::Turn& turn, const port::AdminOrder& order) {
    auto completed = complete(order.table);
    if (!completed) return refuse(turn, order.ticket, completed.error());
    auto table = std::make_shared<port::Table>(std::move(*completed));
    propose_(
        turn, [table](ledger::Agreed& state) { return add_table(state, *table); }, order.deadline,
        [this, table, ticket = order.ticket](const port::Turn& later, const Result<void>& outcome) {
            if (!outcome) return refuse(later, ticket, outcome.error());
            log_.write(LogLevel::info, kit::text("table '", table->name, "' made, id ", table->id.value));
            later.effects.table_done(ticket, *table);
        });
}

void TableOrders::drop(const port::Turn& turn, const port::AdminOrder& order) {
    auto table = std::make_shared<port::Table>(order.table);
    propose_(
        turn, [table](ledger::Agreed& state) { return take_table(state, *table); }, order.deadline,
        [this, table, ticket = order.ticket](const port::Turn& later, const Result<void>& outcome) {
            if (!outcome) return refuse(later, ticket, outcome.error());
            log_.write(LogLevel::info, kit::text("table '", table->name, "' dropped, id ", table->id.value));
            later.effects.table_done(ticket, *table);
        });
}

void TableOrders::decided(const port::Turn& turn, const ledger::Agreed& before, const ledger::Agreed& now) {
    catalogue_.replace(now.tables, std::make_shared<const Ring>(now.ring));
    for (const port::Table& table : ledger::gone(before, now)) retire(turn, table.id);
}

void TableOrders::resume(const port::Turn& turn) {
    for (const port::Table& table : changes_.state().dropped) retire(turn, table.id);
}

void TableOrders::retire(const port::Turn& turn, TableId table) {
    Retirement all;
    all.table = table;
    all.whole = true;
    if (auto retired = engine_.retire(all); !retired) {
        // It stays in the ledger's list, so the next start tries again.
        log_.write(LogLevel::warn,
                   kit::text("dropped table ", table.value, " is not cleared yet: ", retired.error().detail));
        return;
    }
    syncs_.after_all([this, table](const port::Turn& later) {
        changes_.ask(
            later,
            [table](ledger::State& state) {
                auto gone = [table](const port::Table& dropped) { return dropped.id == table; };
                state.dropped.erase(std::remove_if(state.dropped.begin(), state.dropped.end(), gone),
                                    state.dropped.end());
                return Result<void>{};
            },
            [](const port::Turn&, const Result<void>&) {});
    });
}

}  // namespace ashlar::request
