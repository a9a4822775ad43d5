// The vector clock of one version: the notes' D([S1,v1],...,[Sn,vn]).
//
// The version's own pair is its dot; the others are its past: all that its writer had seen, with the moment each
// pair last grew, so that the oldest can be dropped. Counters count per key, so a pair [S,v] usually
// stands for 1..v; where a writer had seen v but not all before it, the past says so (a maximum never implies).
//
// Dropping a pair [S,v] leaves its counter behind under nobody's name (the lowest actor there is): that marks the
// clock as truncated, and S, should it ever write this key again, goes on above v instead of using a
// counter twice. Bytes, in a version's `extra`: the past as a causal context, then i64 wall per actor but nobody.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "kit/context.h"
#include "kit/entry.h"

namespace ashlar::vector_clock {

/// Under whose name the highest dropped counter is kept.
inline constexpr Actor nobody{};

struct Clock {
    kit::CausalContext past;
    std::vector<WallTime> grown;  ///< one per actor of past.seen(), 0 for nobody

    /// When the pair of an actor last grew, if it has one.
    std::optional<WallTime> grown_at(const Actor& actor) const;
    /// Drops the pairs that grew longest ago until at most `most` are left beside the version's own, and beside
    /// those in `keep` (sorted).
    void prune(std::size_t most, const Actor& own, const std::vector<Actor>& keep);
    Bytes encoded() const;
    /// Nothing if the bytes are not canonical.
    static std::optional<Clock> decode(View extra);
};

/// The highest counter of an actor that may have been used: seen, or dropped.
std::uint64_t highest(const kit::CausalContext& context, const Actor& actor);
/// The union of many contexts, in time that does not depend on their order.
kit::CausalContext unite(std::vector<kit::CausalContext> contexts);

}  // namespace ashlar::vector_clock
