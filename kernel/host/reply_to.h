// Whom a reply goes to on the wire: protocol, method and the client's number for the call.
#pragma once

#include "host/message_head.h"

namespace ashlar::host {

struct ReplyTo {
    WireFormat format = WireFormat::binary;
    std::int32_t number = 0;
    View method;  ///< of a name that lives as long as the process
};

inline constexpr std::uint8_t message_reply = 2;
inline constexpr std::uint8_t message_exception = 3;

}  // namespace ashlar::host
