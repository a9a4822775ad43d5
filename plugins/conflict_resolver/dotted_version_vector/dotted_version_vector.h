// The default resolver: one dot per version, siblings bounded by real concurrency.
//
// A write replaces exactly the versions its context contains and adds its own under a new dot; a version is
// dropped in a join only if the other side's context contains its own dot. So interleaved writers make no
// sibling explosion, and no version is lost to a clock that merely looks newer. A remove is a version like
// any other (a tombstone), so a value written at the same time survives beside it.
//
// Folding. Counters belong to an actor, not to a key, so the dots of one key have gaps and a context would
// grow with every overwrite. Change::complete_through = c says that every version this actor made for this
// key with a counter up to c is in `held`: then each of them is a version of the new entry or was replaced,
// and the context may say "all up to c" in one number. Nothing else may raise a base: a blind write still
// on its way to this node has a lower counter and would be dropped on arrival. For the same reason an actor
// whose node may have forgotten writes that others still hold (an unclean start without sync, a range that
// moved away and came back) must say 0, or better take a new incarnation. Dots of blind writes stay
// apart until their own actor next writes with a context; a remove or put with context folds them.
//
// Pure, any thread, no state. Fails with invalid_request (a bad or impossible context) and corrupt.
// Source: Preguica et al., "Dotted Version Vectors", 2012; Almeida et al., DAIS 2014, section 5.
#pragma once

#include "ashlar/conflict_resolver.h"
#include "kit/entry.h"

namespace ashlar::dotted_version_vector {

inline constexpr View name = "dotted_version_vector";
inline constexpr kit::EntryHead head{0xc6cbde94, 1};

class DottedVersionVector final : public ConflictResolver {
public:
    /// Only a causal write: a blind one is its dot alone, joined by the engine.
    bool needs_held(const Change& change) const noexcept override;
    /// A change that is in `held` already (same request id, kind and value: a retry through another
    /// coordinator) gives `held` back unchanged.
    Result<Bytes> update(View held, const Change& change) const noexcept override;
    Result<Bytes> join(View a, View b) const noexcept override;
    Result<void> read(View entry, WallTime now, Reading& reading) const noexcept override;
    Result<Bytes> settle(View entry, const Keep& keep) const noexcept override;
    Result<void> check(View entry) const noexcept override;
};

}  // namespace ashlar::dotted_version_vector
