// The hash of a set of entries: the sum, modulo 2^128, of the hashes of its members, so that sets are put together and
// taken apart in any order, and any range of a table is a sum of its buckets.
//
// Two sets that differ have one sum by an accident of one in 2^128, not by malice: XXH3 is no secret, and a peer that
// lies gains nothing, since entries are only ever joined. Addition and not exclusive or, so that an entry counted twice
// shows. Plain value, any thread.
//
// Source: M. Bellare and D. Micciancio, "A New Paradigm for Collision-free Hashing: Incrementality at Reduced Cost",
// EUROCRYPT 1997, section 5 (AdHash).
#pragma once

#include <cstdint>

#include "ashlar/types.h"
#include "kit/hash.h"

namespace ashlar::repair {

struct Sum {
    std::uint64_t low = 0, high = 0;

    Sum& operator+=(const Sum& other) {
        low += other.low;
        high += other.high + (low < other.low ? 1 : 0);
        return *this;
    }
    friend Sum operator+(Sum a, const Sum& b) { return a += b; }
    bool operator==(const Sum&) const = default;
};

/// Of one entry of a table, in the form all its replicas agree on (Joiner::settle as of one moment). The token follows
/// from the key, and each table has sums of its own.
inline Sum sum_of(View key, View settled) {
    const kit::Hash128 hash = kit::hash128(settled, kit::hash64(key));
    return Sum{hash.low, hash.high};
}

}  // namespace ashlar::repair
