#include "node/beginning.h"

#include <utility>

#include "kit/entry.h"
#include "node/address_book.h"

namespace ashlar::node {

std::map<std::string, request::LoadedResolver> loaded_resolvers(const Parts& parts) {
    std::map<std::string, request::LoadedResolver> out;
    for (const auto& [name, resolver] : parts.resolvers) {
        auto capabilities = parts.resolver_capabilities.find(name);
        out[name] = request::LoadedResolver{
            resolver, capabilities == parts.resolver_capabilities.end() ? 0 : capabilities->second,
            kit::resolver_tag(name)};
    }
    return out;
}

member::Rules cluster_of(const Parts& parts) {
    member::Rules rules = parts.cluster;
    rules.seeds = AddressBook::seeds(std::move(rules.seeds), parts.ledger->state());
    return rules;
}

wire::RosterEntry self_of(const Parts& parts) {
    const ledger::State& state = parts.ledger->state();
    wire::RosterEntry self = parts.self;
    self.node = state.node;
    self.incarnation = state.life();
    self.epoch = state.agreed.ring.epoch;
    if (const Member* member = state.agreed.ring.member(state.node)) self.datacentre = member->datacentre;
    return self;
}

}  // namespace ashlar::node
