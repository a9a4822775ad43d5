#include "host/looks.h"

#include <algorithm>

#include "host/plugin_module.h"
#include "kit/text.h"

namespace ashlar::host {
namespace {

std::string name_of(const std::vector<member::Standing>& standings, NodeId node) {
    for (const member::Standing& standing : standings)
        if (standing.entry->node == node) return standing.entry->name;
    return kit::hex16(node.value);
}

/// Every node that is known, by name.
std::vector<StandingFacts> nodes_of(const node::Facts& facts, const Ring& ring, NodeId self, Instant now) {
    std::vector<StandingFacts> out;
    for (const member::Standing& standing : facts.standings) {
        StandingFacts& node = out.emplace_back();
        node.entry = *standing.entry;
        node.state = standing.state;
        node.against = standing.own.against;
        for (NodeId accuser : standing.accusers) node.accusers.push_back(name_of(facts.standings, accuser));
        if (node.entry.node != self) node.heard_ms_ago = (now - standing.heard).us / 1000;
        auto owed = facts.hints.find(node.entry.node);
        if (owed != facts.hints.end()) {
            node.owed = owed->second.entries;
            node.owed_bytes = owed->second.bytes;
        }
        node.member = ring.member(node.entry.node) != nullptr;
    }
    std::sort(out.begin(), out.end(),
              [](const StandingFacts& a, const StandingFacts& b) { return a.entry.name < b.entry.name; });
    return out;
}

/// Where clients find the ring's members, in their order; empty for one nobody has heard of.
std::vector<std::string> addresses_of(const node::Node& node) {
    std::vector<std::string> out;
    for (const Member& member : node.ring().members) out.emplace_back(node.clients_at(member.node));
    return out;
}

std::string state_of(const node::Facts& facts) {
    if (facts.epoch.value == 0) return "forming";
    return facts.engine.writable ? "serving" : "reads only: " + facts.engine.why_not;
}

/// Why there is no ring yet, where nothing is wrong but the wait.
std::string waiting_for(const LookedAt& at, const node::Facts& facts) {
    if (facts.epoch.value != 0) return {};
    std::string here;
    std::size_t count = 0;
    for (const member::Standing& standing : facts.standings) {
        if (standing.state == PeerState::down || standing.entry->epoch.value != 0) continue;
        here += (here.empty() ? "" : ", ") + standing.entry->name;
        ++count;
    }
    const auto expected = static_cast<std::size_t>(at.setup.config.section("cluster").integer("expect"));
    std::string out = kit::text(count, " of ", expected, " nodes of cluster.expect are here (", here, "): ",
                                count < expected ? "the first ring waits for the others"
                                                 : "the first ring comes once all live and see each other");
    if (facts.standings.size() == 1 && !at.setup.seeds.empty())
        out += kit::text("; none of cluster.seeds (", at.setup.config.section("cluster").text("seeds"),
                         ") has been heard: see whether they run, and under the same cluster.name");
    for (const std::string& refusal : {facts.refusal, at.roads.newest_refusal()})
        if (!refusal.empty()) out += kit::text("; turned away: ", refusal);
    return out;
}

/// How far the replicas of what this node owns are proven equal.
void tell_convergence(const LookedAt& at, const node::Facts& facts, StatusFacts& out) {
    out.convergence_target = at.setup.config.section("repair").duration("convergence_target");
    for (const repair::Convergence::Table& figures : facts.convergence.tables)
        for (const port::Table& table : at.node->tables())
            if (table.id == figures.table) out.convergence.push_back(ConvergenceFacts{table.name, figures});
    std::sort(out.convergence.begin(), out.convergence.end(),
              [](const ConvergenceFacts& a, const ConvergenceFacts& b) { return a.table < b.table; });
    for (NodeId node : facts.convergence.waiting_for)
        out.tombstones_wait_for.push_back(name_of(facts.standings, node));
}

/// Beside what is counted as it happens: figures that stand as they stand now.
void add_repair_figures(const repair::Convergence& from, StatusFacts& out) {
    auto add = [&](std::string name, auto figure) {
        out.counters.emplace_back(std::move(name), static_cast<std::int64_t>(figure));
    };
    std::uint64_t partitions = 0;
    std::uint64_t never_proven = 0;
    for (const repair::Convergence::Table& table : from.tables) {
        partitions += table.partitions;
        never_proven += table.never_proven;
    }
    add("repair_convergence_age_ms", from.oldest.us / 1000);
    add("repair_convergence_target_ms", out.convergence_target.us / 1000);
    add("repair_partitions", partitions);
    add("repair_partitions_never_proven", never_proven);
    add("repair_rounds_equal", from.rounds_equal);
    add("repair_tombstones_waiting", from.waiting_tombstones);
    std::sort(out.counters.begin(), out.counters.end());
}

StatusFacts status_of(const LookedAt& at, bool counters) {
    const ledger::State& state = at.ledger.state();
    node::Facts facts = at.node->facts();
    StatusFacts out;
    out.cluster = state.cluster;
    out.name = state.name;
    out.node = state.node;
    out.incarnation = state.incarnation;
    out.uptime_s = (at.clock.now().steady - at.started).us / 1'000'000;
    out.ring = &at.node->ring();
    out.addresses = addresses_of(*at.node);
    out.state = state_of(facts);
    out.nodes = nodes_of(facts, at.node->ring(), state.node, at.clock.now().steady);
    out.problem = facts.problem.empty() ? waiting_for(at, facts) : facts.problem;
    out.engine = std::move(facts.engine);
    tell_convergence(at, facts, out);
    if (counters) {
        out.counters = at.meter.figures();
        add_repair_figures(facts.convergence, out);
    }
    return out;
}

ErrandFacts errands_of(const LookedAt& at) {
    ErrandFacts out;
    out.errands = at.node->errands();
    out.now = at.clock.now().steady;
    for (const member::Standing& standing : at.node->facts().standings)
        out.names[standing.entry->node] = standing.entry->name;
    return out;
}

std::vector<PluginCardFacts> plugins_of(const Setup& setup) {
    std::vector<PluginCardFacts> out;
    for (const ShelfItem& item : setup.shelf.items()) {
        bool used = setup.config.section(kind_name(item.kind)).text("use") == item.name;
        if (item.kind == PluginKind::conflict_resolver)
            used = std::find(setup.resolvers.begin(), setup.resolvers.end(), item.name) != setup.resolvers.end();
        out.push_back(PluginCardFacts{&item, used});
    }
    return out;
}

}  // namespace

ClientLooks client_looks(const LookedAt& at) {
    ClientLooks out;
    out.hello = [at, limits = node_limits(at.setup.config)] {
        HelloFacts facts;
        facts.server_version = ASHLAR_VERSION;
        facts.cluster = at.ledger.state().cluster;
        facts.node = kit::hex16(at.ledger.state().node.value);
        facts.epoch = at.node->ring().epoch;
        facts.entry_bytes_max = limits.entry_bytes;
        facts.batch_max = limits.batch_items;
        facts.page_max = limits.page_entries;
        facts.partitioner = at.setup.config.section("partitioner").text("use");
        return facts;
    };
    out.ring = [at]() -> const Ring& { return at.node->ring(); };
    out.addresses = [at] { return addresses_of(*at.node); };
    return out;
}

AdminLooks admin_looks(const LookedAt& at) {
    AdminLooks out;
    out.status = [at](bool counters) { return status_of(at, counters); };
    out.tables = [at]() -> const std::vector<port::Table>& { return at.node->tables(); };
    out.config = [at]() -> const std::vector<Config::Entry>& { return at.setup.config.entries(); };
    out.plugins = [at] { return plugins_of(at.setup); };
    out.errands = [at] { return errands_of(at); };
    return out;
}

}  // namespace ashlar::host
