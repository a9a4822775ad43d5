#include "accord/homecoming.h"

#include <algorithm>

#include "kit/text.h"

namespace ashlar::accord {

namespace {

/// What this member shall be from now on; none where it stands elsewhere than the other did.
std::optional<Homecoming> place_of(const Member& member, const wire::RosterEntry& empty) {
    if (member.datacentre != empty.datacentre || member.rack != empty.rack) return std::nullopt;
    return Homecoming{member.node, Member{empty.node, empty.datacentre, empty.rack, member.capacity}};
}

bool is_sighted(const std::vector<Sighting>& sightings, NodeId node) {
    return std::any_of(sightings.begin(), sightings.end(),
                       [node](const Sighting& seen) { return seen.entry->node == node; });
}

}  // namespace

std::optional<Homecoming> homecoming(const ledger::Agreed& held, const std::vector<Sighting>& sightings,
                                     const std::vector<ledger::Address>& noted) {
    for (const Sighting& seen : sightings) {
        const wire::RosterEntry& empty = *seen.entry;
        if (seen.state != PeerState::alive || empty.epoch.value != 0 || held.ring.member(empty.node) != nullptr)
            continue;
        std::optional<Homecoming> found;
        std::size_t bearers = 0;
        for (const ledger::Address& address : noted) {
            const Member* member = held.ring.member(address.node);
            if (address.name != empty.name || member == nullptr || is_sighted(sightings, address.node)) continue;
            ++bearers;
            found = place_of(*member, empty);
        }
        for (const Sighting& other : sightings) {
            if (other.entry->node == empty.node || other.entry->name != empty.name) continue;
            const Member* member = held.ring.member(other.entry->node);
            // Earlier ids of the same machine linger in the roster; they are down and nobody's.
            if (member == nullptr && other.state == PeerState::down) continue;
            ++bearers;
            if (member == nullptr || other.state != PeerState::down) continue;
            found = place_of(*member, empty);
        }
        if (bearers == 1 && found) return found;
    }
    return std::nullopt;
}

bool comes_empty(const ledger::State& at, const ledger::Agreed& now) {
    const bool takes_part = now.ring.members.size() > 1 && now.ring.member(at.node) != nullptr;
    if (!takes_part || now.epoch().value == 1 || at.agreed.ring.member(at.node) != nullptr) return false;
    // A promise to its own ballot alone proves nothing: that a wiped node may make, too, before it knows of the ring.
    const bool founder = at.agreed.epoch().value == 0 && at.vote.epoch.value == 1 &&
                         (at.vote.accepted.round != 0 || at.vote.promised.node != at.node);
    return !founder;
}

Result<void> take_home(ledger::Agreed& state, const Homecoming& who) {
    auto& members = state.ring.members;
    auto old = std::find_if(members.begin(), members.end(), [&](const Member& m) { return m.node == who.was; });
    if (old == members.end() || state.ring.member(who.now.node) != nullptr) {
        return fail(Code::conflict, kit::text("node ", kit::hex16(who.was.value), " is replaced already"));
    }
    *old = who.now;
    std::sort(members.begin(), members.end(), [](const Member& a, const Member& b) { return a.node < b.node; });
    for (Claim& claim : state.ring.claims) {
        if (claim.owner == who.was) claim.owner = who.now.node;
    }
    return {};
}

}  // namespace ashlar::accord
