#include "forms.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <ctime>

namespace ashlar::cli {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";
constexpr std::string_view base64_digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

unsigned byte_of(char c) {
    return static_cast<unsigned char>(c);
}

/// Length of the valid UTF-8 sequence at the start of `rest`; 0 when there is none.
std::size_t utf8_length(std::string_view rest) {
    unsigned lead = byte_of(rest[0]);
    if (lead < 0x80) return 1;
    std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || rest.size() < length) return 0;
    std::uint32_t point = lead & (0xFFu >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        unsigned next = byte_of(rest[i]);
        if ((next & 0xC0) != 0x80) return 0;
        point = (point << 6) | (next & 0x3F);
    }
    bool overlong = (length == 3 && point < 0x800) || (length == 4 && point < 0x10000);
    bool surrogate = point >= 0xD800 && point <= 0xDFFF;
    return overlong || surrogate || point > 0x10FFFF ? 0 : length;
}

/// C1 control signs (U+0080 to U+009F) steer some terminals as escape sequences do.
bool steers_terminal(std::string_view sequence) {
    if (sequence.size() == 1) return byte_of(sequence[0]) < 0x20 || sequence[0] == 0x7F;
    return sequence.size() == 2 && byte_of(sequence[0]) == 0xC2 && byte_of(sequence[1]) < 0xA0;
}

}  // namespace

std::string to_hex(std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size() * 2);
    for (char c : bytes) {
        out.push_back(hex_digits[byte_of(c) >> 4]);
        out.push_back(hex_digits[byte_of(c) & 15]);
    }
    return out;
}

std::optional<std::string> from_hex(std::string_view text) {
    if (text.size() % 2 != 0) return std::nullopt;
    std::string out;
    out.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        int high = hex_value(text[i]), low = hex_value(text[i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        out.push_back(static_cast<char>(high * 16 + low));
    }
    return out;
}

std::string to_base64(std::string_view bytes) {
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::size_t have = std::min<std::size_t>(3, bytes.size() - i);
        std::uint32_t group = byte_of(bytes[i]) << 16;
        if (have > 1) group |= byte_of(bytes[i + 1]) << 8;
        if (have > 2) group |= byte_of(bytes[i + 2]);
        out.push_back(base64_digits[group >> 18]);
        out.push_back(base64_digits[(group >> 12) & 63]);
        out.push_back(have > 1 ? base64_digits[(group >> 6) & 63] : '=');
        out.push_back(have > 2 ? base64_digits[group & 63] : '=');
    }
    return out;
}

std::optional<std::string> from_base64(std::string_view text) {
    if (text.size() % 4 != 0) return std::nullopt;
    std::size_t padding = text.empty() ? 0 : text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
    std::string out;
    out.reserve(text.size() / 4 * 3);
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        std::size_t digit = 0;
        if (i < text.size() - padding) {
            digit = base64_digits.find(text[i]);
            if (digit == std::string_view::npos) return std::nullopt;
        }
        group = (group << 6) | static_cast<std::uint32_t>(digit);
        if (i % 4 != 3) continue;
        for (int shift = 16; shift >= 0; shift -= 8) out.push_back(static_cast<char>((group >> shift) & 0xFF));
        group = 0;
    }
    // The bits that the padding stands for must be zero, else two texts would mean the same bytes.
    for (std::size_t i = 0; i < padding; ++i) {
        if (out.back() != 0) return std::nullopt;
        out.pop_back();
    }
    return out;
}

bool is_utf8(std::string_view bytes) {
    while (!bytes.empty()) {
        std::size_t length = utf8_length(bytes);
        if (length == 0) return false;
        bytes.remove_prefix(length);
    }
    return true;
}

std::string escape(std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size());
    while (!bytes.empty()) {
        std::size_t length = utf8_length(bytes);
        std::string_view sign = bytes.substr(0, length == 0 ? 1 : length);
        bytes.remove_prefix(sign.size());
        if (sign == "\\") {
            out += "\\\\";
        } else if (sign == "\n") {
            out += "\\n";
        } else if (sign == "\t") {
            out += "\\t";
        } else if (length == 0 || steers_terminal(sign)) {
            for (char c : sign) {
                out += "\\x";
                out += to_hex({&c, 1});
            }
        } else {
            out += sign;
        }
    }
    return out;
}

std::optional<std::string> unescape(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\') {
            out.push_back(text[i]);
            continue;
        }
        if (++i == text.size()) return std::nullopt;
        if (text[i] == '\\') {
            out.push_back('\\');
        } else if (text[i] == 'n') {
            out.push_back('\n');
        } else if (text[i] == 't') {
            out.push_back('\t');
        } else if (text[i] == 'x' && i + 2 < text.size()) {
            auto byte = from_hex(text.substr(i + 1, 2));
            if (!byte) return std::nullopt;
            out += *byte;
            i += 2;
        } else {
            return std::nullopt;
        }
    }
    return out;
}

std::string preview(std::string_view bytes, std::size_t most) {
    if (bytes.size() <= most) return escape(bytes);
    // Do not cut a sign in two: step back over at most three continuation bytes.
    std::size_t cut = most;
    for (int i = 0; i < 3 && cut > 0 && (byte_of(bytes[cut]) & 0xC0) == 0x80; ++i) --cut;
    return escape(bytes.substr(0, cut)) + "...";
}

std::string utc_time(std::int64_t microseconds) {
    std::int64_t seconds = microseconds / 1'000'000, rest = microseconds % 1'000'000;
    if (rest < 0) {
        rest += 1'000'000;
        --seconds;
    }
    std::time_t when = seconds;
    std::tm parts{};
    if (gmtime_r(&when, &parts) == nullptr) return std::to_string(microseconds) + " us";
    std::array<char, 80> text{};
    std::snprintf(text.data(), text.size(), "%04d-%02d-%02dT%02d:%02d:%02d.%06lldZ", parts.tm_year + 1900,
                  parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
                  static_cast<long long>(rest));
    return text.data();
}

std::string grouped(std::int64_t number) {
    std::string digits = std::to_string(number);
    std::size_t first = number < 0 ? 1 : 0;
    for (std::size_t at = digits.size(); at > first + 3;) {
        at -= 3;
        digits.insert(at, 1, ',');
    }
    return digits;
}

std::string byte_size(double bytes) {
    static constexpr std::array<const char*, 5> units = {"B", "KiB", "MiB", "GiB", "TiB"};
    std::size_t unit = 0;
    while (bytes >= 1024 && unit + 1 < units.size()) {
        bytes /= 1024;
        ++unit;
    }
    std::array<char, 48> text{};
    std::snprintf(text.data(), text.size(), unit == 0 ? "%.0f %s" : "%.1f %s", bytes, units[unit]);
    return text.data();
}

}  // namespace ashlar::cli
