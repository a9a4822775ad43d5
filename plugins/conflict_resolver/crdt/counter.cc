// Counters: the sum of what every node has added, in a number of 64 bits that stops at its ends.
#include <algorithm>
#include <limits>

#include "kit/text.h"
#include "state.h"

namespace ashlar::crdt {

std::int64_t sum_of(const std::vector<std::int64_t>& amounts) {
    // Positive and negative parts apart: the sum must not depend on the order, also where one part is at its end.
    std::uint64_t up = 0, down = 0;
    constexpr std::uint64_t end = std::numeric_limits<std::int64_t>::max();
    auto add = [](std::uint64_t& to, std::uint64_t n) { to = std::min(2 * end, to + std::min(n, 2 * end - to)); };
    for (std::int64_t amount : amounts) {
        if (amount >= 0)
            add(up, static_cast<std::uint64_t>(amount));
        else
            add(down, ~static_cast<std::uint64_t>(amount) + 1);
    }
    const bool negative = down > up;
    const std::uint64_t size = std::min(end, negative ? down - up : up - down);
    return negative ? -static_cast<std::int64_t>(size) : static_cast<std::int64_t>(size);
}

Bytes counter_text(std::int64_t sum) {
    return kit::text(sum);
}

}  // namespace ashlar::crdt
