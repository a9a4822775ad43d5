#include "patience.h"

#include <algorithm>
#include <array>
#include <bit>

namespace ashlar::swim {

namespace {

constexpr std::size_t confirmers = 3;
constexpr std::int64_t unconfirmed = 3;  ///< times the least
/// log(c + 1) / log(confirmers + 1) in thousandths: how far c confirmations bring a suspicion from most to least.
constexpr std::array<std::int64_t, confirmers + 1> nearer{0, 500, 792, 1000};

}  // namespace

std::int64_t log2_milli(std::size_t nodes) {
    const std::uint64_t n = std::max<std::uint64_t>(nodes, 3);
    const int whole = std::bit_width(n) - 1;
    const std::uint64_t rest = n - (std::uint64_t{1} << whole);
    return whole * 1000 + static_cast<std::int64_t>((rest * 1000) >> whole);
}

Duration patience(const Rules& rules, std::size_t others, std::size_t confirmed, std::int64_t doubt) {
    // This node, the suspect and the others.
    const std::int64_t least = rules.period.us * rules.suspicion_periods * log2_milli(others + 2) / 1000 * (1 + doubt);
    if (others < confirmers) return Duration{least};
    const std::int64_t most = least * unconfirmed;
    return Duration{most - (most - least) * nearer[std::min(confirmed, confirmers)] / 1000};
}

}  // namespace ashlar::swim
