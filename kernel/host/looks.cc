#include "host/looks.h"

#include <algorithm>

#include "host/plugin_module.h"
#include "kit/text.h"

namespace ashlar::host {
namespace {

StatusFacts status_of(const LookedAt& at, bool counters) {
    const ledger::State& state = at.ledger.state();
    StatusFacts out;
    out.cluster = state.cluster;
    out.name = state.name;
    out.node = state.node;
    out.incarnation = state.incarnation;
    out.uptime_s = (at.clock.now().steady - at.started).us / 1'000'000;
    out.ring = &at.node->ring();
    out.addresses = at.addresses;
    out.engine = at.node->facts().engine;
    out.state = out.engine.writable ? "serving" : "reads only: " + out.engine.why_not;
    if (counters) out.counters = at.meter.figures();
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
    out.addresses = [at]() -> const std::vector<std::string>& { return at.addresses; };
    return out;
}

AdminLooks admin_looks(const LookedAt& at) {
    AdminLooks out;
    out.status = [at](bool counters) { return status_of(at, counters); };
    out.tables = [at]() -> const std::vector<port::Table>& { return at.node->tables(); };
    out.config = [at]() -> const std::vector<Config::Entry>& { return at.setup.config.entries(); };
    out.plugins = [at] { return plugins_of(at.setup); };
    return out;
}

}  // namespace ashlar::host
