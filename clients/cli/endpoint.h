// Where a node listens: "host:port", "[v6 address]:port", or a list of them with commas. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "outcome.h"

namespace ashlar::cli {

struct Endpoint {
    std::string host;
    std::uint16_t port = 0;
    bool operator==(const Endpoint&) const = default;
    std::string text() const;
};

/// One or more, in the order they shall be tried. A host without a port takes `default_port`.
Outcome<std::vector<Endpoint>> parse_endpoints(std::string_view list, std::uint16_t default_port);

}  // namespace ashlar::cli
