// The one hash of the house: XXH3, 64 bits for checksums, bloom filters and tokens, 128 for comparing sets of entries.
// Not against malice.
// Source: Yann Collet, xxHash 0.8 (BSD-2), used header-only. Same value on every machine and compiler.
#pragma once

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <cstdint>

#include "ashlar/types.h"

namespace ashlar::kit {

inline std::uint64_t hash64(View bytes, std::uint64_t seed = 0) {
    return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

struct Hash128 {
    std::uint64_t low, high;
};

/// Wide enough that sets of millions of millions of pieces do not collide.
inline Hash128 hash128(View bytes, std::uint64_t seed) {
    const XXH128_hash_t hash = XXH3_128bits_withSeed(bytes.data(), bytes.size(), seed);
    return Hash128{hash.low64, hash.high64};
}

/// Checksum of several pieces in a row, without joining them.
class Hasher {
public:
    explicit Hasher(std::uint64_t seed = 0) {
        XXH3_INITSTATE(&state_);  // reset_withSeed of 0.8.1 reads the seed that was there before
        XXH3_64bits_reset_withSeed(&state_, seed);
    }
    Hasher& add(View bytes) {
        XXH3_64bits_update(&state_, bytes.data(), bytes.size());
        return *this;
    }
    std::uint64_t value() const { return XXH3_64bits_digest(&state_); }

private:
    XXH3_state_t state_;
};

}  // namespace ashlar::kit
