// How long a suspect may take to be heard, and how well this node itself hears.
//
// least = suspicion_periods x log2(nodes) periods: word needs so many rounds to get around (SWIM). Where three or more
// others could confirm a suspicion, an unconfirmed one waits three times as long, and each confirmation brings it
// nearer to the least, the first the most (Lifeguard's suspicion decay). Both are multiplied by 1 + doubt.
//
// Integers only: log2 is exact at powers of two and linear between them, at most 9 % below. Pure.
// Source: Das, Gupta and Motivala, "SWIM", DSN 2002, section 4.2; Dadgar, Phillips and Currey, "Lifeguard", 2018, 3.
#pragma once

#include <cstddef>
#include <cstdint>

#include "ashlar/types.h"

namespace ashlar::swim {

struct Rules {
    Duration period = seconds(1);
    Duration probe_timeout = milliseconds(500);
    std::size_t helpers = 3;
    std::int64_t suspicion_periods = 3;
    std::int64_t doubt_max = 4;
    std::int64_t slow_factor = 10;
    Duration slow_floor = milliseconds(200);
};

/// A suspicion under way.
struct Suspicion {
    Instant since;
    Duration slept{0};       ///< of this node's own, meanwhile
    std::int64_t doubt = 0;  ///< the worst meanwhile
    Instant until;           ///< down from then on
};

/// log2 in thousandths; a pair counts as three, or one lost message would weigh too much. `nodes` includes this one.
std::int64_t log2_milli(std::size_t nodes);

/// What a suspect is given: `confirmed` of the `others` that watch it with us accuse it too.
Duration patience(const Rules& rules, std::size_t others, std::size_t confirmed, std::int64_t doubt);

/// This node's doubt in itself (Lifeguard's local health multiplier): 0 when its own probes are answered, up to
/// doubt_max when they are not, or when it was away.
class Doubt {
public:
    explicit Doubt(std::int64_t most) : most_(most) {}
    void more(std::int64_t by) { value_ = value_ + by < most_ ? value_ + by : most_; }
    void less() { value_ = value_ > 0 ? value_ - 1 : 0; }
    std::int64_t value() const { return value_; }
    Duration stretch(Duration time) const { return Duration{time.us * (1 + value_)}; }

private:
    std::int64_t most_, value_ = 0;
};

}  // namespace ashlar::swim
