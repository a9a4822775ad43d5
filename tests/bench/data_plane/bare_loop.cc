#include "bare_loop.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "loopback.h"
#include "protocol.h"

namespace ashlar::bench {
namespace {

/// Answers every whole frame in `in` and keeps the rest; one write for all of them.
bool answer(int socket, std::string& in, const std::string& get, const std::string& put) {
    std::string out;
    std::size_t at = 0;
    while (in.size() - at >= 5) {
        std::size_t length = 0;
        for (std::size_t i = 0; i < 4; ++i) length = length << 8 | static_cast<unsigned char>(in[at + i]);
        if (in.size() - at < length + 4) break;
        out += in[at + 4] == 'g' ? get : put;
        at += length + 4;
    }
    in.erase(0, at);
    return out.empty() || ::send(socket, out.data(), out.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(out.size());
}

}  // namespace

void serve_bare_frames(std::uint16_t port) {
    int listener = listen_on(port);
    int poll = ::epoll_create1(0);
    epoll_event watch{};
    watch.events = EPOLLIN;
    watch.data.fd = listener;
    ::epoll_ctl(poll, EPOLL_CTL_ADD, listener, &watch);
    const std::string get = bare_get_reply(), put = bare_put_reply();
    std::map<int, std::string> pending;
    std::vector<epoll_event> ready(256);
    char bytes[65'536];
    for (;;) {
        int n = ::epoll_wait(poll, ready.data(), static_cast<int>(ready.size()), -1);
        for (int i = 0; i < n; ++i) {
            int fd = ready[static_cast<std::size_t>(i)].data.fd;
            if (fd == listener) {
                int client = ::accept(listener, nullptr, nullptr);
                without_delay(client);
                watch.data.fd = client;
                ::epoll_ctl(poll, EPOLL_CTL_ADD, client, &watch);
                continue;
            }
            ssize_t got = ::recv(fd, bytes, sizeof bytes, 0);
            std::string& in = pending[fd];
            if (got > 0) in.append(bytes, static_cast<std::size_t>(got));
            if (got <= 0 || !answer(fd, in, get, put)) {
                pending.erase(fd);
                ::close(fd);
            }
        }
    }
}

}  // namespace ashlar::bench
