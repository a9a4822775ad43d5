// The last intervals between a peer's heartbeats, their mean and standard deviation.
//
// A window of `size` intervals; until it has some of its own it holds two that stand for the expected interval, with a
// quarter of it as deviation. Integers only: microseconds of at most a minute, so that a thousand squares fit 64
// bits. Memory: 4 bytes an interval, taken as they come. Loop only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "ashlar/types.h"

namespace ashlar::phi_accrual {

inline constexpr Duration interval_max = seconds(60);
inline constexpr std::size_t window_max = 1000;

class Arrivals {
public:
    /// `size`: 2 to window_max.
    Arrivals(std::size_t size, Duration expected);

    /// From 0 to interval_max; what is longer counts as interval_max.
    void add(Duration interval);
    Duration mean() const;
    Duration deviation() const;

private:
    std::size_t size_;
    std::size_t next_ = 0;  ///< the oldest, once the window is full
    std::vector<std::uint32_t> intervals_;
    std::int64_t sum_ = 0, squares_ = 0;
};

}  // namespace ashlar::phi_accrual
