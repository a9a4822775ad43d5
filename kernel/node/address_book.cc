#include "node/address_book.h"

#include <algorithm>

namespace ashlar::node {

std::vector<std::string> AddressBook::seeds(std::vector<std::string> configured, const ledger::State& state) {
    for (const ledger::Address& address : state.addresses)
        if (std::find(configured.begin(), configured.end(), address.background_at) == configured.end())
            configured.push_back(address.background_at);
    return configured;
}

/// As they are now; of a member not heard of yet what the book says.
std::vector<ledger::Address> AddressBook::known(const Ring& ring) const {
    std::vector<ledger::Address> out;
    const std::vector<ledger::Address>& held = changes_.state().addresses;
    for (const Member& member : ring.members) {
        if (member.node == changes_.state().node) continue;
        const wire::RosterEntry* entry = members_.entry(member.node);
        if (entry != nullptr && !entry->background_at.empty()) {
            out.push_back({member.node, entry->background_at, entry->name});
            continue;
        }
        auto old = std::find_if(held.begin(), held.end(), [&](const auto& a) { return a.node == member.node; });
        if (old != held.end()) out.push_back(*old);
    }
    return out;
}

void AddressBook::pump(const port::Turn& turn, const Ring& ring) {
    if (asked_ || (members_.changes() == looked_at_ && ring.epoch == looked_in_)) return;
    looked_at_ = members_.changes();
    looked_in_ = ring.epoch;
    std::vector<ledger::Address> now = known(ring);
    if (now == changes_.state().addresses) return;
    asked_ = true;
    changes_.ask(
        turn,
        [now = std::move(now)](ledger::State& state) {
            state.addresses = now;
            return Result<void>{};
        },
        [this](const port::Turn&, const Result<void>&) {
            asked_ = false;  // what did not become durable is found again with the next change
        });
}

}  // namespace ashlar::node
