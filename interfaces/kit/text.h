// Sentences for people, without iostreams: text("key of ", n, " bytes") makes a string.
#pragma once

#include <charconv>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace ashlar::kit {

inline void put_text(std::string& out, std::string_view piece) { out.append(piece); }
inline void put_text(std::string& out, char piece) { out.push_back(piece); }
/// Only a real bool: a literal would rather become one than a string_view.
template <std::same_as<bool> T>
inline void put_text(std::string& out, T piece) {
    out.append(piece ? "true" : "false");
}
template <std::integral T>
    requires(!std::same_as<T, bool> && !std::same_as<T, char>)
inline void put_text(std::string& out, T number) {
    char digits[24];
    auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    out.append(digits, end);
}

template <class... Pieces>
std::string text(const Pieces&... pieces) {
    std::string out;
    (put_text(out, pieces), ...);
    return out;
}

/// 16 lower-case hex digits: how node ids and tokens are shown.
inline std::string hex16(std::uint64_t value) {
    std::string out(16, '0');
    for (int i = 15; i >= 0; --i, value >>= 4) out[static_cast<std::size_t>(i)] = "0123456789abcdef"[value & 15];
    return out;
}

/// Lower-case hex of bytes.
inline std::string hex(std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size() * 2);
    for (char c : bytes) {
        out.push_back("0123456789abcdef"[static_cast<unsigned char>(c) >> 4]);
        out.push_back("0123456789abcdef"[static_cast<unsigned char>(c) & 15]);
    }
    return out;
}

}  // namespace ashlar::kit
