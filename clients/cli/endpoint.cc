#include "endpoint.h"

#include <charconv>

namespace ashlar::cli {
namespace {

Failure unclear(std::string_view part) {
    return misused("\"" + std::string(part) +
                   "\" is not an endpoint: write host:port, [v6 address]:port, or several with commas");
}

Outcome<Endpoint> parse_one(std::string_view part, std::uint16_t default_port) {
    Endpoint out;
    std::string_view port;
    if (part.starts_with('[')) {
        auto close = part.find(']');
        if (close == std::string_view::npos) return unclear(part);
        out.host = part.substr(1, close - 1);
        std::string_view rest = part.substr(close + 1);
        if (!rest.empty() && rest.front() != ':') return unclear(part);
        if (!rest.empty()) port = rest.substr(1);
        if (!rest.empty() && port.empty()) return unclear(part);
    } else {
        auto colon = part.find(':');
        if (colon != part.rfind(':')) return unclear(part);
        out.host = part.substr(0, colon);
        if (colon != std::string_view::npos) port = part.substr(colon + 1);
        if (colon != std::string_view::npos && port.empty()) return unclear(part);
    }
    if (out.host.empty()) return unclear(part);
    out.port = default_port;
    if (port.empty()) return out;
    auto [end, bad] = std::from_chars(port.data(), port.data() + port.size(), out.port);
    if (bad != std::errc{} || end != port.data() + port.size() || out.port == 0) return unclear(part);
    return out;
}

}  // namespace

std::string Endpoint::text() const {
    bool v6 = host.find(':') != std::string::npos;
    return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Outcome<std::vector<Endpoint>> parse_endpoints(std::string_view list, std::uint16_t default_port) {
    std::vector<Endpoint> out;
    while (true) {
        auto comma = list.find(',');
        auto one = parse_one(list.substr(0, comma), default_port);
        if (!one) return one.failure();
        out.push_back(*one);
        if (comma == std::string_view::npos) return out;
        list.remove_prefix(comma + 1);
    }
}

}  // namespace ashlar::cli
