// "127.0.0.1:7311", "[::1]:7311", "localhost:7311" as a value. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "ashlar/result.h"

namespace ashlar::host {

struct ListenAddress {
    std::string host;  ///< an IP address
    std::uint16_t port = 0;
    bool loopback = false;  ///< nobody from outside the machine can reach it
    bool any = false;       ///< every address of the machine
};

/// Fails with invalid_request in a sentence.
Result<ListenAddress> parse_address(std::string_view text);
std::string address_text(std::string_view host, std::uint16_t port);

}  // namespace ashlar::host
