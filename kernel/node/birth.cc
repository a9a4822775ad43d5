#include "node/birth.h"

#include <algorithm>

#include "kit/text.h"

namespace ashlar::node {
namespace {

/// A life (ledger::State::life) has 16 bits for each of them.
constexpr std::uint32_t unclean_starts_max = 0xffff;

Error another(View what, View made, View wanted, View cure) {
    return fail(Code::unsupported,
                kit::text("this data was made with ", what, " '", made, "', the config says '", wanted, "': ", cure));
}

Result<void> check_same(const ledger::State& state, const Identity& wanted) {
    constexpr View place = "point node.data_directory at this node's own data, or set it back";
    constexpr View choice = "set it back, or start on an empty data directory and import";
    if (state.cluster != wanted.cluster) return another("cluster.name", state.cluster, wanted.cluster, place);
    if (state.name != wanted.name) return another("node.name", state.name, wanted.name, place);
    if (state.engine != wanted.engine) return another("storage engine", state.engine, wanted.engine, choice);
    if (state.partitioner != wanted.partitioner) {
        return another("partitioner", state.partitioner, wanted.partitioner, choice);
    }
    // Owners would move, and no data with them.
    const bool others = state.agreed.ring.members.size() > 1;
    if (others && !state.replicator.empty() && state.replicator != wanted.replicator)
        return another("replicator", state.replicator, wanted.replicator, choice);
    for (const port::Table& table : state.agreed.tables) {
        if (std::find(wanted.resolvers.begin(), wanted.resolvers.end(), table.resolver) == wanted.resolvers.end()) {
            return fail(Code::unsupported, kit::text("table '", table.name, "' was made with conflict resolver '",
                                                     table.resolver, "', which is not loaded: add it to the plugins"));
        }
    }
    return {};
}

/// The default table's resolver is chosen on an empty data directory.
Result<void> check_default_resolver(const ledger::State& state, const Identity& wanted) {
    for (const port::Table& table : state.agreed.tables) {
        if (table.id.value != 1 || table.resolver == wanted.default_resolver) continue;
        return another("conflict resolver (table 'default')", table.resolver, wanted.default_resolver,
                       "set it back, or make a new table with the other resolver");
    }
    return {};
}

ledger::State first_state(const Identity& wanted, Random& random) {
    ledger::State state;
    state.cluster = wanted.cluster;
    state.name = wanted.name;
    state.partitioner = wanted.partitioner;
    state.engine = wanted.engine;
    state.clean = true;
    while (state.node.value == 0) state.node.value = random.next();
    return state;
}

/// Where one node is the cluster there is nobody to agree with.
Result<void> found_alone(ledger::State& state, const Identity& wanted, Random& random, const Partitioner& partitioner) {
    if (state.agreed.epoch().value != 0 || wanted.expect > 1) return {};
    if (state.vote.epoch.value != 0) {
        return fail(Code::unsupported,
                    "this node has given its vote for a first ring of several nodes, the config says cluster.expect 1: "
                    "set it back, or start on an empty data directory");
    }
    std::vector<Member> members{Member{state.node, wanted.datacentre, wanted.rack, wanted.capacity}};
    auto first = first_agreed(wanted, members, random, partitioner);
    if (!first) return first.error();
    state.agreed = std::move(*first);
    return {};
}

}  // namespace

Result<ledger::Agreed> first_agreed(const Identity& wanted, std::span<const Member> members, Random& random,
                                    const Partitioner& partitioner) {
    ledger::Agreed agreed;
    port::Table table;
    table.id = TableId{1};
    table.name = "default";
    table.replication = wanted.replication;
    table.resolver = wanted.default_resolver;
    table.engine = wanted.engine;
    table.read = wanted.read;
    table.write = wanted.write;
    agreed.tables.push_back(table);
    agreed.last_table = 1;
    agreed.origin = agreed.stamp = random.next();

    PlanRequest request;
    request.members = members;
    if (wanted.replication.per_datacentre.empty()) request.replicas = wanted.replication.replicas;
    auto ring = partitioner.plan(request);
    if (!ring) return ring.error();
    if (ring->claims.empty()) return fail(Code::unsupported, "the partitioner planned a first ring without claims");
    agreed.ring = std::move(*ring);
    return agreed;
}

Result<void> prepare(ledger::Ledger& ledger, const Identity& wanted, Random& random, const Partitioner& partitioner) {
    ledger::State state;
    if (ledger.has_state()) {
        state = ledger.state();
        if (auto same = check_same(state, wanted); !same) return same;
        if (auto same = check_default_resolver(state, wanted); !same) return same;
    } else {
        state = first_state(wanted, random);
    }
    state.replicator = wanted.replicator;
    if (auto founded = found_alone(state, wanted, random, partitioner); !founded) return founded;
    if (ledger.has_state() && state == ledger.state()) return {};
    return ledger.store_now(state);
}

Result<void> begin_life(ledger::Ledger& ledger, EngineKeeps keeps, std::uint64_t block) {
    ledger::State state = ledger.state();
    if (!state.clean) {
        // Any counter of the last lease may be in a dot somewhere.
        state.counter_used = state.counter_lease;
        // Where others may hold writes that this node forgot with its unsynced log, "all of this actor's versions
        // are held here" (Change::complete_through) would be a lie: a new actor starts with nothing to forget.
        const bool others = state.agreed.ring.members.size() > 1;
        const bool used_up = state.unclean_starts >= unclean_starts_max;
        state.unclean_starts = used_up ? 0 : state.unclean_starts + 1;
        if (others || used_up) ++state.incarnation;
    }
    if (keeps == EngineKeeps::nothing && state.agreed.ring.members.size() > 1) {
        // What it named is elsewhere only, and its counters must not say otherwise, as above.
        if (state.clean) ++state.incarnation;
        ledger::open_gap(state, TokenRange{});
    }
    if (state.incarnation > ledger::incarnation_max) {
        return fail(Code::unsupported,
                    kit::text("this node has begun all ", ledger::incarnation_max,
                              " lives that one identity has, each after a "
                              "stop that was not clean: find out why it does not stop cleanly, and start it on an "
                              "empty data directory, where it is another node"));
    }
    state.counter_lease = state.counter_used + block;
    state.clean = false;
    return ledger.store_now(state);
}

}  // namespace ashlar::node
