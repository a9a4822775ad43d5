#include "phi.h"

#include <algorithm>
#include <array>

namespace ashlar::phi_accrual {

namespace {

constexpr std::int64_t step = 250, low = -3000, high = 8000;  // thousandths of y

/// round(-1000 log10(erfc(y / sqrt 2) / 2)) for y = -3, -2.75, ... 8.
constexpr std::array<std::int64_t, 45> tail{
    1,    1,    3,    5,    10,   18,   30,   48,   75,    112,   160,   223,   301,   397,   511,
    645,  800,  976,  1175, 1397, 1643, 1913, 2207, 2526,  2870,  3239,  3633,  4053,  4499,  4971,
    5469, 5993, 6543, 7119, 7721, 8350, 9006, 9688, 10396, 11131, 11893, 12681, 13496, 14338, 15206,
};
static_assert((high - low) / step + 1 == static_cast<std::int64_t>(tail.size()));

}  // namespace

std::int64_t phi_milli(std::int64_t y) {
    if (y < low) return 0;
    if (y >= high) {
        // Far out the logarithm of the tail falls as y squared: log10(e) / 2 = 0.217147. The rest, -log10(y), is
        // less than half a hundredth of it and left away. Beyond a million no threshold can lie.
        const std::int64_t bounded = std::min<std::int64_t>(y, 1'000'000);
        return std::min(tail.back() + (bounded * bounded - high * high) * 217'147 / 1'000'000'000, phi_milli_max);
    }
    const std::int64_t at = (y - low) / step, rest = (y - low) % step;
    const auto i = static_cast<std::size_t>(at);
    return tail[i] + (tail[i + 1] - tail[i]) * rest / step;
}

std::int64_t y_milli_of(std::int64_t phi) {
    std::int64_t from = 0, to = 1'000'000;
    while (from < to) {
        const std::int64_t middle = (from + to) / 2;
        if (phi_milli(middle) >= phi)
            to = middle;
        else
            from = middle + 1;
    }
    return from;
}

}  // namespace ashlar::phi_accrual
