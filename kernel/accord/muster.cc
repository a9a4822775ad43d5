#include "accord/muster.h"

#include <algorithm>

#include "accord/acceptor.h"

namespace ashlar::accord {
namespace {

std::string called(const wire::RosterEntry& entry) {
    return kit::text(entry.name, " (", kit::hex16(entry.node.value), ")");
}

/// The first few of them: a sentence stays one.
std::string listed(const std::vector<std::string>& all) {
    constexpr std::size_t most = 8;
    std::string out;
    for (std::size_t i = 0; i < std::min(all.size(), most); ++i) out += (i == 0 ? "" : ", ") + all[i];
    return all.size() <= most ? out : kit::text(out, " and ", all.size() - most, " more");
}

bool counts(const Sighting& seen) {
    return seen.state != PeerState::down && seen.entry->epoch.value == 0;
}

/// Who says that it expects another number.
std::vector<std::string> at_odds(const std::vector<Sighting>& sightings, std::uint32_t expect) {
    std::vector<std::string> out;
    for (const Sighting& seen : sightings) {
        const std::uint32_t said = seen.entry->expect;
        if (counts(seen) && said != 0 && said != expect)
            out.push_back(kit::text(called(*seen.entry), " expects ", said, out.empty() ? " nodes" : ""));
    }
    return out;
}

}  // namespace

Muster muster(const std::vector<Sighting>& sightings, std::uint32_t expect) {
    Muster out;
    std::vector<NodeId> ids;
    std::vector<std::string> names, apart;
    bool all_live = true;
    for (const Sighting& seen : sightings) {
        if (seen.state == PeerState::down) continue;
        const wire::RosterEntry& entry = *seen.entry;
        if (entry.epoch.value != 0) {
            if (out.formed.value == 0) out.formed = entry.node;
            continue;
        }
        ids.push_back(entry.node);
        names.push_back(called(entry));
        out.founders.push_back(Member{entry.node, entry.datacentre, entry.rack, entry.capacity});
        all_live = all_live && seen.state == PeerState::alive && !entry.stopping;
    }
    out.mark = voters_mark(0, ids);
    // One alone has its ring from its birth (kernel/node); whoever has none then is not to make another.
    out.complete = expect > 1 && ids.size() == expect && out.formed.value == 0;
    for (const Sighting& seen : sightings)
        if (counts(seen) && seen.entry->known != out.mark) apart.push_back(called(*seen.entry));
    out.apart = listed(apart);
    const std::vector<std::string> odd = at_odds(sightings, expect);
    out.ready = out.complete && all_live && apart.empty() && odd.empty();
    if (!odd.empty() && out.formed.value == 0) {
        out.problem = kit::text("no first ring is made: ", listed(odd), ", this node ", expect,
                                ": make cluster.expect equal on all, and start those anew that change it");
        return out;
    }
    if (expect > 1 && ids.size() > expect && out.formed.value == 0) {
        out.problem = kit::text("no first ring is made: cluster.expect is ", expect, ", but ", ids.size(),
                                " nodes without a ring are here: ", listed(names),
                                "; stop those that do not belong, or set cluster.expect to their number on all");
    }
    return out;
}

}  // namespace ashlar::accord
