// The original notes' resolver: every version carries a vector clock, D([S1,v1],...,[Sn,vn]).
//
// The coordinator Si increments its own counter for the key, or adds [Si,1]; only the actor of Change::dot is
// used, never its counter. A version goes when another one's clock has seen its own pair; concurrent ones stay as
// siblings. A clock of more than `clock_pairs_max` pairs loses the oldest in update (never in join), but never
// the version's own pair nor those of the versions it replaces, and is marked truncated.
//
// What that costs, said aloud:
//  - Truncation makes false siblings and can bring a removed value back: a version whose pair was dropped is
//    no longer known to be replaced. It never loses one. Among truncated clocks the join is commutative and
//    idempotent, but in what order three entries meet may decide whether such an old version stays (no join
//    can be associative that honours v over u and w over v, yet has w forget u); replicas still end equal,
//    since they exchange what they hold. Without truncation the join is associative.
//  - Counters per key start at 1 again when a key was forgotten or lost: hence per_key_counters, a new actor
//    after every unclean start, and a client should drop contexts of keys it knows to be gone.
//  - Two updates of one key through one actor must not run on the same held entry: the kernel orders them.
//
// Pure, any thread; the one setting is its only state. The default resolver needs none of this.
// Source: DeCandia et al., Dynamo, SOSP 2007, section 4.4.
#pragma once

#include <cstddef>

#include "ashlar/conflict_resolver.h"
#include "kit/entry.h"

namespace ashlar::vector_clock {

inline constexpr View name = "vector_clock";
inline constexpr kit::EntryHead head{0x98268853, 1};

class VectorClock final : public ConflictResolver {
public:
    explicit VectorClock(std::size_t clock_pairs_max) : clock_pairs_max_(clock_pairs_max) {}

    /// Always: the new pair counts on from the held ones.
    bool needs_held(const Change& change) const noexcept override;
    Result<Bytes> update(View held, const Change& change) const noexcept override;
    Result<Bytes> join(View a, View b) const noexcept override;
    Result<void> read(View entry, WallTime now, Reading& reading) const noexcept override;
    Result<Bytes> settle(View entry, const Keep& keep) const noexcept override;
    Result<void> check(View entry) const noexcept override;

private:
    std::size_t clock_pairs_max_;
};

}  // namespace ashlar::vector_clock
