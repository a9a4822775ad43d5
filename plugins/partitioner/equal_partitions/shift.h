// A ring from the one before: moves the claims that the new shares demand, and few others.
//
// A member over its quota (or gone) gives its surplus, members under theirs take it. Which claims are given, and
// to whom, is chosen so that no node repeats within the window, then for racks and data centres. Where nobody
// in need fits, a third node takes the claim and gives one of its own in return; such a relay moves two claims
// for one, so relays stay below 1 in 12 moves unless only capacities changed. What fits nowhere repeats:
// the walk skips it, and nothing but a little balance is lost. Pure.
#pragma once

#include <cstdint>
#include <span>

#include "neighbours.h"

namespace ashlar::equal_partitions {

/// `owners` holds the claims of today, `nobody` for those whose owner left. Afterwards each member owns its quota.
void shift(Owners& owners, std::span<const Member> members, std::uint32_t window);

}  // namespace ashlar::equal_partitions
