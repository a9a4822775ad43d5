// What the node's wall clock showed over time, so that expiry can be judged although the clock jumps.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "ashlar/types.h"

namespace ashlar::sim {

class Walls {
public:
    static constexpr WallTime epoch{1'700'000'000'000'000};

    void jumped(Instant when, Duration by) { offsets_.emplace_back(when, offsets_.back().second + by); }
    WallTime low(Instant from, Instant to) const { return extreme(from, to, false); }
    WallTime high(Instant from, Instant to) const { return extreme(from, to, true); }

private:
    WallTime extreme(Instant from, Instant to, bool high) const {
        WallTime best = at(from, offset_at(from));
        auto consider = [&](WallTime wall) { best = high ? std::max(best, wall) : std::min(best, wall); };
        consider(at(to, offset_at(to)));
        for (std::size_t i = 1; i < offsets_.size(); ++i) {
            Instant when = offsets_[i].first;
            if (when < from || to < when) continue;
            consider(at(when, offsets_[i].second));
            consider(at(when, offsets_[i - 1].second));
        }
        return best;
    }
    static WallTime at(Instant when, Duration offset) { return epoch + Duration{when.us} + offset; }
    Duration offset_at(Instant when) const {
        Duration offset{0};
        for (const auto& [from, value] : offsets_) {
            if (from <= when) offset = value;
        }
        return offset;
    }
    std::vector<std::pair<Instant, Duration>> offsets_{{Instant{0}, Duration{0}}};
};

}  // namespace ashlar::sim
