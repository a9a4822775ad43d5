#include "host/socket_facts.h"

#include <arpa/inet.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cstddef>

namespace ashlar::host {

std::uint64_t socket_identity(int descriptor) {
    std::uint64_t out = 0;
    socklen_t size = sizeof out;
    return ::getsockopt(descriptor, SOL_SOCKET, SO_COOKIE, &out, &size) == 0 ? out : 0;
}

std::string far_address(int descriptor) {
    sockaddr_storage at{};
    socklen_t size = sizeof at;
    if (::getpeername(descriptor, reinterpret_cast<sockaddr*>(&at), &size) != 0) return {};
    char out[INET6_ADDRSTRLEN] = {};
    if (at.ss_family == AF_INET)
        ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in&>(at).sin_addr, out, sizeof out);
    if (at.ss_family == AF_INET6) {
        const in6_addr& six = reinterpret_cast<const sockaddr_in6&>(at).sin6_addr;
        if (IN6_IS_ADDR_V4MAPPED(&six))
            ::inet_ntop(AF_INET, &six.s6_addr[12], out, sizeof out);
        else
            ::inet_ntop(AF_INET6, &six, out, sizeof out);
    }
    return out;
}

std::uint64_t bytes_read_from(int descriptor) {
    tcp_info info{};
    socklen_t size = sizeof info;
    int waiting = 0;
    if (::getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) != 0 ||
        size < offsetof(tcp_info, tcpi_bytes_received) + sizeof info.tcpi_bytes_received ||
        ::ioctl(descriptor, SIOCINQ, &waiting) != 0)
        return 0;
    const std::uint64_t arrived = info.tcpi_bytes_received;
    const auto unread = static_cast<std::uint64_t>(waiting);
    return arrived > unread ? arrived - unread : 0;
}

void hang_up(int descriptor) {
    // A mere shutdown would leave all that has arrived, megabytes perhaps, to be read still.
    sockaddr nobody{};
    nobody.sa_family = AF_UNSPEC;
    if (::connect(descriptor, &nobody, sizeof nobody) != 0) (void)::shutdown(descriptor, SHUT_RDWR);
}

}  // namespace ashlar::host
