// Which tombstones may be forgotten: a pure rule.
//
// BEHAVIOUR, section 9: a tombstone leaves only when all owners of its bucket were proven to hold the same, in one
// numbered round, and no member can bring anything older. On a ring whose only member is this node that is proven
// by nothing being elsewhere; with any other member nothing is proven here, and nothing is forgotten. The grace
// keeps request ids answerable as long as promised, and forgives a clock that was set back a little.
#pragma once

#include <cstdint>
#include <optional>

#include "ashlar/plugin.h"
#include "ashlar/ring.h"

namespace ashlar::repair {

/// Tombstones written before the answer may go; nothing: none may.
inline std::optional<WallTime> forget_before(const Ring& ring, NodeId self, std::uint64_t resolver_capabilities,
                                             WallTime now, Duration grace) {
    if (ring.members.size() != 1 || ring.members.front().node != self) return std::nullopt;
    // A resolver that counts per key would count again from 1 for a key it has no memory of, and an old context
    // would then cover new versions.
    if ((resolver_capabilities & per_key_counters) != 0) return std::nullopt;
    WallTime before{now.us - grace.us};
    return before.us > 0 ? std::optional(before) : std::nullopt;
}

}  // namespace ashlar::repair
