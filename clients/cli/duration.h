// Times and sizes as people type them: "500ms", "2s", "10m", "12h", "7d"; a bare number is in the given unit. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace ashlar::cli {

/// Milliseconds; a bare number is milliseconds. Nothing for anything else, and for what does not fit.
std::optional<std::int64_t> parse_milliseconds(std::string_view text);

/// Whole seconds; a bare number is seconds. A part of a second is refused, not rounded.
std::optional<std::int64_t> parse_seconds(std::string_view text);

}  // namespace ashlar::cli
