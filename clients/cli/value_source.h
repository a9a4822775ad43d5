// The value of a put: from the command line, a file or standard input, bounded so that a mistake costs no memory.
#pragma once

#include <string>

#include "commands.h"

namespace ashlar::cli {

/// No node accepts more in one frame; the limit on entries is far below it.
inline constexpr std::size_t value_bytes_max = 64 * 1024 * 1024;

Outcome<std::string> read_value(const Source& source);

}  // namespace ashlar::cli
