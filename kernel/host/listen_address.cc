#include "host/listen_address.h"

#include <arpa/inet.h>

#include <charconv>

#include "kit/text.h"

namespace ashlar::host {

Result<ListenAddress> parse_address(std::string_view text) {
    auto refused = [&](std::string_view why) {
        return fail(Code::invalid_request, kit::text("'", text, "' ", why, " (write 127.0.0.1:7311 or [::1]:7311)"));
    };
    std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) return refused("has no port");
    ListenAddress out;
    std::string_view port = text.substr(colon + 1);
    auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), out.port);
    if (error != std::errc{} || end != port.data() + port.size()) return refused("has no port from 0 to 65535");
    std::string_view host = text.substr(0, colon);
    if (host == "localhost") host = "127.0.0.1";
    bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
    if (bracketed) host = host.substr(1, host.size() - 2);
    out.host = std::string(host);
    in_addr four{};
    in6_addr six{};
    if (!bracketed && ::inet_pton(AF_INET, out.host.c_str(), &four) == 1) {
        out.loopback = (ntohl(four.s_addr) >> 24) == 127;
        out.any = four.s_addr == 0;
    } else if (bracketed && ::inet_pton(AF_INET6, out.host.c_str(), &six) == 1) {
        out.loopback = IN6_IS_ADDR_LOOPBACK(&six);
        out.any = IN6_IS_ADDR_UNSPECIFIED(&six);
    } else {
        return refused("is no IP address with a port");
    }
    return out;
}

std::string address_text(std::string_view host, std::uint16_t port) {
    bool six = host.find(':') != std::string_view::npos;
    return six ? kit::text("[", host, "]:", port) : kit::text(host, ":", port);
}

}  // namespace ashlar::host
