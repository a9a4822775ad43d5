// How long things took lately: a histogram of fixed size that forgets. Integers only, so equal on every machine.
//
// Four buckets to an octave of microseconds: a quantile is right within a quarter. Old samples fade by halving, by
// their number or when whoever holds it says that time has passed. One thread.
#pragma once

#include <array>
#include <cstdint>

#include "ashlar/types.h"

namespace ashlar::base {

class Latencies {
public:
    /// More samples than this are halved, so that the last few thousand count.
    static constexpr std::uint32_t remembered = 4096;

    void add(Duration took);
    /// No less than `permille` of the samples took; 0 when there are none.
    Duration quantile(std::uint32_t permille) const;
    std::uint32_t samples() const { return total_; }
    /// Every sample counts half of what it did.
    void fade();

private:
    static std::size_t bucket_of(std::uint64_t us);
    static std::uint64_t end_of(std::size_t bucket);

    /// The last one takes all that took half an hour and more.
    std::array<std::uint32_t, 4 * 30> counts_{};
    std::uint32_t total_ = 0;
};

}  // namespace ashlar::base
