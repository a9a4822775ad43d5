#include "text.h"

#include <cstdint>

#include "kit/text.h"

namespace ashlar::crdt {
namespace {

constexpr View base64_digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::uint32_t byte_of(char c) {
    return static_cast<unsigned char>(c);
}

/// Length of the UTF-8 sequence at the start; 0: none.
std::size_t sequence_length(View rest) {
    const std::uint32_t lead = byte_of(rest[0]);
    if (lead < 0x80) return 1;
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || rest.size() < length) return 0;
    std::uint32_t point = lead & (0xFFu >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte_of(rest[i]) & 0xC0) != 0x80) return 0;
        point = point << 6 | (byte_of(rest[i]) & 0x3F);
    }
    const bool overlong = (length == 3 && point < 0x800) || (length == 4 && point < 0x10000);
    return overlong || (point >= 0xD800 && point <= 0xDFFF) || point > 0x10FFFF ? 0 : length;
}

void put_base64(Bytes& out, View bytes) {
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t have = bytes.size() - i;
        std::uint32_t group = byte_of(bytes[i]) << 16;
        if (have > 1) group |= byte_of(bytes[i + 1]) << 8;
        if (have > 2) group |= byte_of(bytes[i + 2]);
        out.push_back(base64_digits[group >> 18]);
        out.push_back(base64_digits[(group >> 12) & 63]);
        out.push_back(have > 1 ? base64_digits[(group >> 6) & 63] : '=');
        out.push_back(have > 2 ? base64_digits[group & 63] : '=');
    }
}

}  // namespace

bool is_text(View bytes) {
    while (!bytes.empty()) {
        const std::size_t length = sequence_length(bytes);
        if (length == 0) return false;
        bytes.remove_prefix(length);
    }
    return true;
}

void put_json(Bytes& out, View bytes) {
    if (!is_text(bytes)) {
        out.append("{\"base64\":\"");
        put_base64(out, bytes);
        out.append("\"}");
        return;
    }
    out.push_back('"');
    for (char c : bytes) {
        if (c == '"' || c == '\\') {
            out.push_back('\\');
            out.push_back(c);
        } else if (byte_of(c) < 0x20) {
            out.append("\\u00");
            out.append(kit::hex(View(&c, 1)));
        } else {
            out.push_back(c);
        }
    }
    out.push_back('"');
}

}  // namespace ashlar::crdt
