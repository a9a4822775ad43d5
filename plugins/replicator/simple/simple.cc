#include "simple.h"

#include <algorithm>

#include "kit/text.h"

namespace ashlar::simple {

namespace {

/// Nodes that can hold data: those with capacity.
std::uint32_t holders(const Ring& ring) {
    return static_cast<std::uint32_t>(
        std::count_if(ring.members.begin(), ring.members.end(), [](const Member& m) { return m.capacity > 0; }));
}

/// Whether every node that can hold data is in this data centre.
bool all_in(const Ring& ring, View datacentre) {
    return std::all_of(ring.members.begin(), ring.members.end(),
                       [&](const Member& m) { return m.capacity == 0 || m.datacentre == datacentre; });
}

void add_once(std::vector<NodeId>& nodes, NodeId node) {
    if (std::find(nodes.begin(), nodes.end(), node) == nodes.end()) nodes.push_back(node);
}

std::uint32_t owners_of(const Ring& ring, const Replication& replication) {
    return std::min(replication.replicas, holders(ring));
}

}  // namespace

void Simple::walk(const Ring& ring, Token token, const Replication& replication, Walk& walk) const noexcept {
    walk.nodes.clear();
    const std::size_t all = holders(ring);
    if (!ring.claims.empty()) {
        const std::size_t start = ring.partition_of(token);
        for (std::size_t i = 0; i < ring.claims.size() && walk.nodes.size() < all; ++i)
            add_once(walk.nodes, ring.claims[(start + i) % ring.claims.size()].owner);
    }
    // More nodes than partitions: those without a claim still stand in, and still count towards N.
    for (const Member& m : ring.members)
        if (m.capacity > 0) add_once(walk.nodes, m.node);
    walk.owners = std::min(replication.replicas, static_cast<std::uint32_t>(walk.nodes.size()));
}

Result<std::vector<Need>> Simple::needs(const Consistency& consistency, const Ring& ring,
                                        const Replication& replication, View datacentre) const noexcept {
    const std::uint32_t of = owners_of(ring, replication);
    if (of == 0) return fail(Code::unavailable, "no node of the ring has capacity");
    const bool local = consistency.level == Level::local_one || consistency.level == Level::local_quorum;
    if (local && !all_in(ring, datacentre))
        return fail(Code::invalid_request,
                    kit::text("local levels ask owners in the data centre of the node called, '", datacentre,
                              "'; the replicator simple places owners without regard to data centres, and this ring "
                              "has nodes in others: ask for one, two, three, quorum or all, or use datacentre_aware"));
    Need need{"", 0, of, false};
    switch (consistency.level) {
        case Level::count:
            need.count = consistency.count;
            break;
        case Level::any:
            need.hints_count = true;
            [[fallthrough]];
        case Level::one:
        case Level::local_one:
            need.count = 1;
            break;
        case Level::two:
            need.count = 2;
            break;
        case Level::three:
            need.count = 3;
            break;
        case Level::quorum:
        case Level::local_quorum:
            need.count = of / 2 + 1;
            break;
        case Level::all:
            need.count = of;
            break;
        case Level::each_quorum:
            return fail(Code::invalid_request,
                        "each_quorum is for two data centres or more and needs the replicator datacentre_aware; this "
                        "cluster uses simple: ask for quorum or all");
        default:
            return fail(Code::invalid_request, kit::text("the replicator simple does not know consistency level ",
                                                         static_cast<unsigned>(consistency.level)));
    }
    if (need.count == 0)
        return fail(Code::invalid_request, "a consistency of 0 replicas promises nothing: ask for 1 or more");
    if (need.count > of)
        return fail(Code::invalid_request,
                    kit::text(need.count, " replicas were asked for, the key has ", of, ": ask for 1 to ", of));
    return std::vector<Need>{need};
}

Result<void> Simple::check(const Replication& replication) const noexcept {
    if (!replication.per_datacentre.empty())
        return fail(Code::invalid_request,
                    "the replicator simple takes one number of replicas; counts per data centre need datacentre_aware");
    if (replication.replicas == 0 || replication.replicas > replicas_max)
        return fail(Code::invalid_request,
                    kit::text("replicas must be from 1 to ", replicas_max, ", not ", replication.replicas));
    return {};
}

}  // namespace ashlar::simple
