#include "base/latencies.h"

#include <algorithm>
#include <bit>

namespace ashlar::base {

std::size_t Latencies::bucket_of(std::uint64_t us) {
    if (us < 4) return static_cast<std::size_t>(us);
    const auto octave = static_cast<std::size_t>(std::bit_width(us)) - 1;
    const auto quarter = static_cast<std::size_t>(us >> (octave - 2) & 3);
    return std::min((octave - 1) * 4 + quarter, std::tuple_size_v<decltype(counts_)> - 1);
}

/// The largest number of microseconds that falls into it.
std::uint64_t Latencies::end_of(std::size_t bucket) {
    if (bucket < 4) return bucket;
    const std::size_t octave = bucket / 4 + 1;
    return ((4 + std::uint64_t{bucket} % 4 + 1) << (octave - 2)) - 1;
}

void Latencies::add(Duration took) {
    ++counts_[bucket_of(static_cast<std::uint64_t>(std::max<std::int64_t>(took.us, 0)))];
    if (++total_ > remembered) fade();
}

Duration Latencies::quantile(std::uint32_t permille) const {
    if (total_ == 0) return Duration{0};
    // The first bucket that has so many at or below it.
    const std::uint64_t wanted = (std::uint64_t{total_} * permille + 999) / 1000;
    std::uint64_t below = 0;
    std::size_t last = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
        if (counts_[i] == 0) continue;
        last = i;
        below += counts_[i];
        if (below >= wanted) break;
    }
    return Duration{static_cast<std::int64_t>(end_of(last))};
}

void Latencies::fade() {
    total_ = 0;
    for (std::uint32_t& count : counts_) {
        count /= 2;
        total_ += count;
    }
}

}  // namespace ashlar::base
