#include "datacentre_aware.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "kit/text.h"
#include "order.h"

namespace ashlar::datacentre_aware {

namespace {

/// Owners a data centre should have; 0 where the table names others.
std::uint32_t wanted(const Replication& replication, View datacentre) {
    if (replication.per_datacentre.empty()) return replication.replicas;
    for (const auto& [name, count] : replication.per_datacentre)
        if (name == datacentre) return count;
    return 0;
}

/// What the data centres owe: one group for each that should hold the table, with the owners it really has.
std::vector<Need> groups_of(const Ring& ring, const Replication& replication) {
    std::map<View, std::uint32_t> able;
    for (const auto& [name, count] : replication.per_datacentre) able[name] = 0;
    for (const Member& m : ring.members)
        if (m.capacity > 0 && wanted(replication, m.datacentre) > 0) ++able[m.datacentre];
    std::vector<Need> groups;
    for (const auto& [name, nodes] : able)
        groups.push_back(Need{std::string(name), 0, std::min(nodes, wanted(replication, name)), false});
    return groups;
}

/// "3 in east and 2 in west"
std::string told(const std::vector<Need>& groups) {
    std::string out;
    for (std::size_t i = 0; i < groups.size(); ++i)
        out += kit::text(i == 0                  ? ""
                         : i + 1 < groups.size() ? ", "
                                                 : " and ",
                         groups[i].of, " in ", groups[i].datacentre);
    return out;
}

std::uint32_t majority(std::uint32_t of) {
    return of / 2 + 1;
}

Result<std::vector<Need>> anywhere(const std::vector<Need>& groups, std::uint32_t count, bool hints_count) {
    std::uint32_t of = 0;
    for (const Need& group : groups) of += group.of;
    if (count == 0)
        return fail(Code::invalid_request, "a consistency of 0 replicas promises nothing: ask for 1 or more");
    if (count > of)
        return fail(Code::invalid_request, kit::text(count, " replicas were asked for, the key has ", of, " (",
                                                     told(groups), "): ask for 1 to ", of));
    return std::vector<Need>{Need{"", count, of, hints_count}};
}

Result<std::vector<Need>> local(const std::vector<Need>& groups, View datacentre, bool quorum) {
    for (const Need& group : groups) {
        if (group.datacentre != datacentre || group.of == 0) continue;
        return std::vector<Need>{Need{group.datacentre, quorum ? majority(group.of) : 1, group.of, false}};
    }
    return fail(
        Code::invalid_request,
        kit::text(quorum ? "local_quorum" : "local_one", " asks owners in the data centre of the node called, '",
                  datacentre, "', which has none for this table (", told(groups), "): call a node of ",
                  groups.size() > 1 ? "those" : "that", ", or ask for one, two, three, quorum or all"));
}

Result<std::vector<Need>> each(std::vector<Need> groups) {
    if (groups.size() < 2)
        return fail(Code::invalid_request, kit::text("each_quorum is for two data centres or more, and this table has "
                                                     "its owners in one (",
                                                     told(groups), "): ask for quorum"));
    for (Need& group : groups) {
        if (group.of == 0)
            return fail(Code::invalid_request,
                        kit::text("each_quorum needs a majority in '", group.datacentre,
                                  "' too, where this table should have owners but no node of the ring stands (",
                                  told(groups), "): ask for quorum or local_quorum"));
        group.count = majority(group.of);
    }
    return groups;
}

}  // namespace

void DatacentreAware::walk(const Ring& ring, Token token, const Replication& replication, Walk& walk) const noexcept {
    walk.nodes.clear();
    std::vector<Centre> centres = centres_from(ring, token);
    auto unwanted = std::stable_partition(centres.begin(), centres.end(),
                                          [&](const Centre& c) { return wanted(replication, c.name) > 0; });
    /// One node of each data centre in turn, those numbered from `first` to before `last` there.
    auto take_turns = [&](auto from, auto to, auto first, auto last) {
        bool more = true;
        for (std::size_t turn = 0; more; ++turn) {
            more = false;
            for (auto c = from; c != to; ++c) {
                const std::size_t k = first(*c) + turn;
                if (k >= last(*c)) continue;
                walk.nodes.push_back(c->nodes[k]);
                more = true;
            }
        }
    };
    auto none = [](const Centre&) { return std::size_t{0}; };
    auto owners = [&](const Centre& c) { return std::min<std::size_t>(wanted(replication, c.name), c.nodes.size()); };
    auto all = [](const Centre& c) { return c.nodes.size(); };
    take_turns(centres.begin(), unwanted, none, owners);
    walk.owners = static_cast<std::uint32_t>(walk.nodes.size());
    take_turns(centres.begin(), unwanted, owners, all);
    take_turns(unwanted, centres.end(), none, all);
}

Result<std::vector<Need>> DatacentreAware::needs(const Consistency& consistency, const Ring& ring,
                                                 const Replication& replication, View datacentre) const noexcept {
    const std::vector<Need> groups = groups_of(ring, replication);
    std::uint32_t of = 0;
    for (const Need& group : groups) of += group.of;
    if (of == 0)
        return fail(Code::unavailable, kit::text("no node of the ring can hold this table",
                                                 replication.per_datacentre.empty()
                                                     ? ": none has capacity"
                                                     : ": none with capacity is in a data centre it names"));
    switch (consistency.level) {
        case Level::count:
            return anywhere(groups, consistency.count, false);
        case Level::any:
            return anywhere(groups, 1, true);
        case Level::one:
            return anywhere(groups, 1, false);
        case Level::two:
            return anywhere(groups, 2, false);
        case Level::three:
            return anywhere(groups, 3, false);
        case Level::quorum:
            return anywhere(groups, majority(of), false);
        case Level::all:
            return anywhere(groups, of, false);
        case Level::local_one:
            return local(groups, datacentre, false);
        case Level::local_quorum:
            return local(groups, datacentre, true);
        case Level::each_quorum:
            return each(groups);
        default:
            return fail(Code::invalid_request, kit::text("the replicator datacentre_aware does not know consistency "
                                                         "level ",
                                                         static_cast<unsigned>(consistency.level)));
    }
}

Result<void> DatacentreAware::check(const Replication& replication) const noexcept {
    auto count_ok = [](std::uint32_t count) { return count >= 1 && count <= replicas_max; };
    if (replication.per_datacentre.empty()) {
        if (count_ok(replication.replicas)) return {};
        return fail(Code::invalid_request, kit::text("replicas must be from 1 to ", replicas_max,
                                                     " in each data centre, not ", replication.replicas));
    }
    if (replication.per_datacentre.size() > datacentres_max)
        return fail(Code::invalid_request, kit::text("a table can name up to ", datacentres_max, " data centres, not ",
                                                     replication.per_datacentre.size()));
    const std::string* before = nullptr;
    for (const auto& [name, count] : replication.per_datacentre) {
        if (name.empty()) return fail(Code::invalid_request, "a data centre without a name cannot hold replicas");
        if (before != nullptr && name <= *before)
            return fail(Code::invalid_request, kit::text("data centres must be named once each and in order; '", name,
                                                         "' follows '", *before, "'"));
        if (!count_ok(count))
            return fail(Code::invalid_request,
                        kit::text("replicas in ", name, " must be from 1 to ", replicas_max, ", not ", count,
                                  "; leave a data centre out that should hold none"));
        before = &name;
    }
    return {};
}

}  // namespace ashlar::datacentre_aware
