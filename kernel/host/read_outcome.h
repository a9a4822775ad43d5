// What became of reading a message.
#pragma once

#include <cstdint>

namespace ashlar::host {

enum class ReadOutcome : std::uint8_t {
    fine,
    malformed,  ///< not such a message
    too_many,   ///< well-formed so far, but a container holds more items than may be
};

}  // namespace ashlar::host
