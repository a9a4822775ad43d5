// Hours of the day, UTC, in which something may happen: "22:00-06:00"; the empty window is always.
//
// A plain value. Pure.
#pragma once

#include <cstdint>

#include "ashlar/types.h"

namespace ashlar::port {

struct DayWindow {
    std::uint16_t from_minute = 0;     ///< of the day
    std::uint16_t through_minute = 0;  ///< the first minute behind it; as from_minute: always

    bool always() const { return from_minute == through_minute; }
    bool covers(WallTime now) const {
        constexpr std::int64_t minute = 60'000'000;
        constexpr std::int64_t day = 24 * 60;
        const auto at = static_cast<std::uint16_t>(((now.us / minute) % day + day) % day);
        if (always()) return true;
        if (from_minute < through_minute) return at >= from_minute && at < through_minute;
        return at >= from_minute || at < through_minute;
    }
    bool operator==(const DayWindow&) const = default;
};

}  // namespace ashlar::port
