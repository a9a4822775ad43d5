// How a node first shows itself: what it says of itself, whom it asks first, and which resolvers it has. Pure.
#pragma once

#include <map>
#include <string>

#include "node/node.h"
#include "request/catalogue.h"

namespace ashlar::node {

std::map<std::string, request::LoadedResolver> loaded_resolvers(const Parts& parts);
member::Rules cluster_of(const Parts& parts);
/// What this node says of itself, with what the ledger knows better than the config.
wire::RosterEntry self_of(const Parts& parts);

}  // namespace ashlar::node
