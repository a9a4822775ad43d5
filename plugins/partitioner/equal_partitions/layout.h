// A ring from nothing: who owns which partition when nothing has to be kept.
//
// Every data centre, in it every rack, in it every node gets its turns as evenly spaced as its share allows, so
// neighbours differ in data centre and rack as far as the members permit. What repeats remain within `window`
// neighbours (at the wrap, or with unequal shares) is exchanged away where an exchange helps; then claims are
// shuffled as far as that costs no distance. Pure: chance comes from a hash.
#pragma once

#include <cstdint>
#include <span>

#include "neighbours.h"

namespace ashlar::equal_partitions {

/// Gives each member its share by capacity, rounded up or down; some member must have capacity.
Owners lay_out(std::span<const Member> members, std::uint32_t partitions, std::uint32_t window);

}  // namespace ashlar::equal_partitions
