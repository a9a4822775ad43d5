// Coordinator: a write crosses to another data centre once. One of those asked there gets it for all of them and hands
// it onward; each answers the coordinator itself. Whoever has not answered in time is asked directly: entries are
// joined, so a copy too many changes nothing.
#include <algorithm>

#include "request/coordinator.h"
#include "wire/codec.h"

namespace ashlar::request {
namespace {

/// Well above a trip between continents and back.
constexpr Duration relay_patience = milliseconds(500);

}  // namespace

/// Whose group its answer counts in. What a stand-in far from the owner keeps is in neither's data centre.
View Coordinator::datacentre_of(const ServedTable& table, const Target& target) const {
    View stands = table.placement->datacentre_of(target.node);
    if (target.owner() || table.placement->datacentre_of(target.absent) == stands) return stands;
    return {};
}

/// All that were chosen but this node.
void Coordinator::write_to_others(const port::Turn& turn, base::SlotId id) {
    Operation& op = *ops_.find(id);
    const NodeId self = gate_.catalogue.self();
    const std::size_t chosen = op.asks.size();
    std::vector<std::size_t> far;
    for (std::size_t i = 0; i < chosen; ++i) {
        const NodeId node = op.asks[i].target.node;
        if (node == self) continue;
        if (gate_.health.near(node, self))
            write_there(turn, id, i);
        else
            far.push_back(i);
    }
    while (!far.empty()) {
        const NodeId first = op.asks[far.front()].target.node;
        auto others = std::stable_partition(far.begin(), far.end(), [&](std::size_t place) {
            return gate_.health.near(op.asks[place].target.node, first);
        });
        const std::vector<std::size_t> places(far.begin(), others);
        far.erase(far.begin(), others);
        if (places.size() > 1 && write_by_relay(turn, id, places)) continue;
        for (std::size_t place : places) write_there(turn, id, place);
    }
}

/// False: nobody there is well enough, or can be reached; nothing was asked.
bool Coordinator::write_by_relay(const port::Turn& turn, base::SlotId id, const std::vector<std::size_t>& places) {
    Operation& op = *ops_.find(id);
    if (places.size() > wire::onward_max) return false;
    for (std::size_t place : places) {
        const Target relay = op.asks[place].target;
        if (gate_.health.state(relay.node) != PeerState::alive) continue;
        wire::RelayAsk ask;
        ask.write = wire::WriteAsk{ref_of(id), op.quorum.achieved().epoch, EntryKey{op.token, op.table, op.key},
                                   op.entry,   op.sync, relay.absent,     op.deadline - turn.now.steady};
        for (std::size_t other : places) {
            const Target& target = op.asks[other].target;
            if (other != place) ask.onward.push_back(wire::Onward{target.node, target.absent});
        }
        if (!say(turn, relay.node, ask)) continue;
        counters_.far_copies.add();
        op.applied = true;
        for (std::size_t other : places)
            if (other != place) op.asks[other].relay = relay.node;
        return true;
    }
    return false;
}

Instant Coordinator::relay_due(const Operation& op) {
    Instant due = port::never;
    for (const Ask& ask : op.asks)
        if (ask.state == Ask::State::waiting && ask.relay.value != 0) due = std::min(due, ask.sent + relay_patience);
    return due;
}

/// Asks directly whom `relay` (given: it failed) did not serve, or whoever has waited for too long.
void Coordinator::cover_relayed(const port::Turn& turn, base::SlotId id, NodeId relay) {
    Operation& op = *ops_.find(id);
    const std::size_t asked = op.asks.size();
    for (std::size_t i = 0; i < asked; ++i) {
        Ask& ask = op.asks[i];
        if (ask.state != Ask::State::waiting || ask.relay.value == 0) continue;
        const bool late = ask.sent + relay_patience <= turn.now.steady;
        if (relay.value == 0 ? !late : ask.relay != relay) continue;
        ask.relay = {};
        ask.sent = turn.now.steady;
        write_there(turn, id, i);
    }
    if (relay.value == 0) conclude_write(turn, id, {});
}

}  // namespace ashlar::request
