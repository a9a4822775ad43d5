// Chance with a seed: the same numbers from the same seed on every machine and compiler.
//
// Source: Blackman and Vigna, "Scrambled linear pseudorandom number generators", TOMS 2021 (xoshiro256**);
// the state is filled by SplitMix64, as they advise. Not for secrets.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "ashlar/host.h"

namespace ashlar::base {

class SeededRandom final : public Random {
public:
    explicit SeededRandom(std::uint64_t seed) {
        for (std::uint64_t& word : state_) {
            seed += 0x9e3779b97f4a7c15u;
            std::uint64_t z = seed;
            z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
            z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
            word = z ^ (z >> 31);
        }
    }
    std::uint64_t next() noexcept override {
        std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
        std::uint64_t shifted = state_[1] << 17;
        state_[2] ^= state_[0];
        state_[3] ^= state_[1];
        state_[1] ^= state_[2];
        state_[0] ^= state_[3];
        state_[2] ^= shifted;
        state_[3] = std::rotl(state_[3], 45);
        return result;
    }
    /// A number below n; 0 for n = 0. The remainder's bias is below n / 2^64.
    std::uint64_t below(std::uint64_t n) noexcept { return n == 0 ? 0 : next() % n; }
    /// True so many times in a million.
    bool chance(std::uint64_t per_million) noexcept { return below(1'000'000) < per_million; }
    /// True about once in n times.
    bool one_in(std::uint64_t n) noexcept { return below(n) == 0; }

private:
    std::array<std::uint64_t, 4> state_{};
};

}  // namespace ashlar::base
