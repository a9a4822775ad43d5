#include "accord/muster.h"

#include "accord/acceptor.h"

namespace ashlar::accord {
namespace {

std::string names(const std::vector<std::string>& all) {
    std::string out;
    for (const std::string& name : all) out += (out.empty() ? "" : ", ") + name;
    return out;
}

}  // namespace

Muster muster(const std::vector<Sighting>& sightings, std::uint32_t expect) {
    Muster out;
    std::vector<NodeId> ids;
    std::vector<std::string> called;
    bool all_live = true;
    for (const Sighting& seen : sightings) {
        if (seen.state == PeerState::down) continue;
        const wire::RosterEntry& entry = *seen.entry;
        if (entry.epoch.value != 0) {
            if (out.formed.value == 0) out.formed = entry.node;
            continue;
        }
        ids.push_back(entry.node);
        called.push_back(kit::text(entry.name, " (", kit::hex16(entry.node.value), ")"));
        out.founders.push_back(Member{entry.node, entry.datacentre, entry.rack, entry.capacity});
        all_live = all_live && seen.state == PeerState::alive && !entry.stopping;
    }
    out.mark = voters_mark(0, ids);
    // One alone has its ring from its birth (kernel/node); whoever has none then is not to make another.
    out.complete = expect > 1 && ids.size() == expect && out.formed.value == 0;
    out.ready = out.complete && all_live;
    for (const Sighting& seen : sightings) {
        if (seen.state == PeerState::down || seen.entry->epoch.value != 0) continue;
        if (seen.entry->known != out.mark) out.ready = false;
    }
    if (expect > 1 && ids.size() > expect && out.formed.value == 0) {
        out.problem = kit::text("no first ring is made: cluster.expect is ", expect, ", but ", ids.size(),
                                " nodes without a ring are here: ", names(called),
                                "; stop those that do not belong, or set cluster.expect to their number on all");
    }
    return out;
}

}  // namespace ashlar::accord
