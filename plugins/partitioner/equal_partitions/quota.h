// How many partitions each node should own: proportional to capacity, whole numbers, nobody off by one or more.
//
// Pure. Where rounding leaves a choice, a node that owns more today keeps more, so that rounding moves nothing.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "ashlar/ring.h"

namespace ashlar::equal_partitions {

/// One number per member, their sum is `partitions`; a member without capacity gets 0. `owned`, one per member,
/// is what they own today. Some member must have capacity.
std::vector<std::uint32_t> quotas(std::span<const Member> members, std::uint32_t partitions,
                                  std::span<const std::uint32_t> owned);

}  // namespace ashlar::equal_partitions
