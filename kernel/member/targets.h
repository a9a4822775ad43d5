// Whom a round of gossip tells: random peers that live, sometimes one that is down, so that halves of a healed
// network meet again, sometimes a seed, so that islands that formed apart meet, and one of those who accuse this
// node, so that it hears better. Draws from the given chance only. Loop only.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "member/roster.h"
#include "port/turn.h"

namespace ashlar::member {

/// Addresses borrow from roster and seeds.
std::vector<port::Peer> choose_targets(const Roster& roster, const std::vector<std::string>& seeds,
                                       std::uint32_t gossip_peers, Random& random);

/// So many of them, at random, each once.
std::vector<NodeId> choose(std::vector<NodeId> from, std::size_t count, Random& random);

}  // namespace ashlar::member
