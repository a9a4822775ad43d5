// What the files of an engine directory are called. Numbers are decimal with leading zeros, so that the names
// sort as the numbers do.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "kit/text.h"

namespace ashlar::lsm {

inline constexpr std::string_view current_name = "current";
inline constexpr std::string_view current_aside_name = "current-new";
inline constexpr std::string_view log_aside_name = "log-new";
inline constexpr std::string_view log_prefix = "log-";
inline constexpr std::string_view table_prefix = "table-";
inline constexpr std::string_view manifest_prefix = "manifest-";

inline std::string numbered(std::string_view prefix, std::uint64_t number) {
    std::string digits = kit::text(number);
    return kit::text(prefix, std::string(digits.size() < 12 ? 12 - digits.size() : 0, '0'), digits);
}
inline std::string log_name(std::uint64_t number) {
    return numbered(log_prefix, number);
}
inline std::string table_name(std::uint64_t number) {
    return numbered(table_prefix, number);
}
inline std::string manifest_name(std::uint64_t number) {
    return numbered(manifest_prefix, number);
}

/// The number in such a name, if it is one.
inline std::optional<std::uint64_t> number_in(std::string_view name, std::string_view prefix) {
    if (!name.starts_with(prefix) || name.size() < prefix.size() + 12 || name.size() > prefix.size() + 19) return {};
    std::uint64_t number = 0;
    for (char c : name.substr(prefix.size())) {
        if (c < '0' || c > '9') return {};
        number = number * 10 + static_cast<std::uint64_t>(c - '0');
    }
    return number;
}

}  // namespace ashlar::lsm
