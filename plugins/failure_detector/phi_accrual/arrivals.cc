#include "arrivals.h"

#include <algorithm>

namespace ashlar::phi_accrual {

namespace {

/// The whole part of the square root.
std::int64_t root(std::int64_t of) {
    if (of <= 0) return 0;
    std::int64_t low = 0, high = interval_max.us;  // no deviation is longer than the longest interval
    while (low < high) {
        const std::int64_t middle = (low + high + 1) / 2;
        if (middle <= of / middle)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

}  // namespace

Arrivals::Arrivals(std::size_t size, Duration expected) : size_(size) {
    add(Duration{expected.us - expected.us / 4});
    add(Duration{expected.us + expected.us / 4});
}

void Arrivals::add(Duration interval) {
    const std::int64_t us = std::clamp<std::int64_t>(interval.us, 0, interval_max.us);
    if (intervals_.size() < size_) {
        intervals_.push_back(static_cast<std::uint32_t>(us));
    } else {
        const std::int64_t oldest = intervals_[next_];
        sum_ -= oldest;
        squares_ -= oldest * oldest;
        intervals_[next_] = static_cast<std::uint32_t>(us);
        next_ = (next_ + 1) % size_;
    }
    sum_ += us;
    squares_ += us * us;
}

Duration Arrivals::mean() const {
    return Duration{sum_ / static_cast<std::int64_t>(intervals_.size())};
}

Duration Arrivals::deviation() const {
    const std::int64_t average = mean().us;
    return Duration{root(squares_ / static_cast<std::int64_t>(intervals_.size()) - average * average)};
}

}  // namespace ashlar::phi_accrual
