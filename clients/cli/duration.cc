#include "duration.h"

#include <array>
#include <charconv>
#include <limits>
#include <utility>

namespace ashlar::cli {
namespace {

std::optional<std::int64_t> parse(std::string_view text, std::int64_t bare_ms) {
    static constexpr std::array<std::pair<std::string_view, std::int64_t>, 5> units = {
        {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};
    std::int64_t number = 0;
    auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (bad != std::errc{} || number < 0) return std::nullopt;
    std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
    std::int64_t scale = unit.empty() ? bare_ms : 0;
    for (const auto& [name, ms] : units) {
        if (unit == name) scale = ms;
    }
    if (scale == 0 || number > std::numeric_limits<std::int64_t>::max() / scale) return std::nullopt;
    return number * scale;
}

}  // namespace

std::optional<std::int64_t> parse_milliseconds(std::string_view text) {
    return parse(text, 1);
}

std::optional<std::int64_t> parse_seconds(std::string_view text) {
    auto ms = parse(text, 1000);
    if (!ms || *ms % 1000 != 0) return std::nullopt;
    return *ms / 1000;
}

}  // namespace ashlar::cli
