// Bytes as text and back: hex, base64, UTF-8, the escaped form shown to people. Pure.
//
// Decoders give nothing for anything but the whole, valid form, so that a mistyped key is never another key.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ashlar::cli {

std::string to_hex(std::string_view bytes);
/// Both cases; an odd number of digits or any other sign: nothing.
std::optional<std::string> from_hex(std::string_view text);

/// RFC 4648 section 4, with padding.
std::string to_base64(std::string_view bytes);
std::optional<std::string> from_base64(std::string_view text);

/// RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(std::string_view bytes);

/// One line for a person or a line-wise tool: valid UTF-8 as it is; control signs, backslash and other bytes as
/// \n \t \\ \xNN. Reversible with unescape, and harmless to a terminal.
std::string escape(std::string_view bytes);
std::optional<std::string> unescape(std::string_view text);

/// escape() of at most `most` bytes, with "..." when something was left out.
std::string preview(std::string_view bytes, std::size_t most);

/// 2024-02-29T12:30:00.000001Z from microseconds since 1970.
std::string utc_time(std::int64_t microseconds);
/// 1234567 as "1,234,567": for people only.
std::string grouped(std::int64_t number);
/// 1536 as "1.5 KiB".
std::string byte_size(double bytes);

}  // namespace ashlar::cli
