// Who owns which claim, when claims weigh differently: shares follow capacity, few claims change hands, and neighbours
// are different nodes, then racks, then data centres, as far as that goes.
//
// Claims without an owner go to whom they fit; then claims pass from who has too much to who has too little while that
// brings both nearer to their share. A claim that would stand beside another of the same node is passed only when none
// else is left: the walk skips repeats, at the price of a little balance. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "ashlar/ring.h"

namespace ashlar::ordered {

inline constexpr std::uint32_t nobody = ~std::uint32_t{0};

/// `owners`: index of a member per claim, or nobody. Some member must have capacity; afterwards each claim has an
/// owner.
void deal(std::vector<std::uint32_t>& owners, std::span<const std::uint64_t> weights, std::span<const Member> members,
          std::uint32_t window);

}  // namespace ashlar::ordered
