// Chance with a seed, for the simulator and the tests: xoshiro256** filled by splitmix64, written after
// Blackman and Vigna, "Scrambled linear pseudorandom number generators" (2021). Same numbers everywhere.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "ashlar/host.h"

namespace ashlar::sim {

class SeededRandom final : public Random {
public:
    explicit SeededRandom(std::uint64_t seed) {
        for (std::uint64_t& word : state_) {
            seed += 0x9e3779b97f4a7c15;
            std::uint64_t z = seed;
            z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
            z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
            word = z ^ (z >> 31);
        }
    }

    std::uint64_t next() noexcept override {
        std::uint64_t out = std::rotl(state_[1] * 5, 7) * 9;
        std::uint64_t shifted = state_[1] << 17;
        state_[2] ^= state_[0];
        state_[3] ^= state_[1];
        state_[1] ^= state_[2];
        state_[0] ^= state_[3];
        state_[2] ^= shifted;
        state_[3] = std::rotl(state_[3], 45);
        return out;
    }
    /// One of 0 .. n-1; 0 for n = 0.
    std::uint64_t below(std::uint64_t n) { return n == 0 ? 0 : next() % n; }
    /// True about once in n times.
    bool one_in(std::uint64_t n) { return below(n) == 0; }

private:
    std::array<std::uint64_t, 4> state_{};
};

}  // namespace ashlar::sim
