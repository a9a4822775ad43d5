#include "free_ports.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace ashlar::cli::play {
namespace {

constexpr std::uint16_t lowest = 15'000, beyond = 32'000;
constexpr int tries = 10'000;

bool is_free(std::uint16_t port) {
    int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (probe < 0) return false;
    int one = 1;
    ::setsockopt(probe, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(port);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bool free = ::bind(probe, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0;
    ::close(probe);
    return free;
}

}  // namespace

std::uint16_t FreePorts::next() {
    std::uniform_int_distribution<std::uint16_t> range(lowest, beyond - 1);
    for (int i = 0; i < tries; ++i) {
        std::uint16_t port = range(chance_);
        if (!given_.contains(port) && is_free(port) && given_.insert(port).second) return port;
    }
    return 0;
}

}  // namespace ashlar::cli::play
