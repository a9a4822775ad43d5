// Whoever connects without being a node: raw bytes on a loopback socket.
#pragma once

#include <arpa/inet.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdlib>
#include <memory>
#include <string>

#include "host/descriptor.h"
#include "host/listen_address.h"
#include "host/peer_greeting.h"

namespace ashlar::host::test {

class Stranger {
public:
    explicit Stranger(const std::string& address) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        timeval limit{20, 0};
        ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        ::setsockopt(socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(parse_address(address)->port);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        connected_ = ::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
    }
    bool connected() const { return connected_; }
    bool send(View bytes) {
        while (!bytes.empty()) {
            ssize_t n = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (n <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(n));
        }
        return true;
    }
    /// Whether the other side closes; what it says before is passed over, and kept.
    bool is_closed() {
        char c[4096];
        for (;;) {
            ssize_t n = ::recv(socket_.get(), c, sizeof c, 0);
            if (n == 0) return true;
            if (n < 0) return errno == ECONNRESET;
            got_.append(c, static_cast<std::size_t>(n));
        }
    }
    /// Reads until so much has come.
    bool gets(std::size_t bytes) {
        char c[4096];
        while (got_.size() < bytes) {
            ssize_t n = ::recv(socket_.get(), c, sizeof c, 0);
            if (n <= 0) return false;
            got_.append(c, static_cast<std::size_t>(n));
        }
        return true;
    }
    const Bytes& got() const { return got_; }

private:
    FileDescriptor socket_;
    Bytes got_;
    bool connected_ = false;
};

/// A port that answers no connection: it listens for one and never takes it.
class BlackHole {
public:
    BlackHole() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof at;
        if (::bind(socket_.get(), reinterpret_cast<sockaddr*>(&at), sizeof at) != 0 ||
            ::listen(socket_.get(), 0) != 0 ||
            ::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&at), &size) != 0)
            std::abort();
        address_ = address_text("127.0.0.1", ntohs(at.sin_port));
        first_ = std::make_unique<Stranger>(address_);
    }
    const std::string& address() const { return address_; }

private:
    FileDescriptor socket_;
    std::string address_;
    std::unique_ptr<Stranger> first_;  ///< fills the queue
};

inline PeerSelf guise(std::uint64_t node, const std::string& cluster = "ashlar") {
    return {{NodeId{node}, 1}, {cluster, "stranger", 1, 1, "partitioner equal_partitions 1.0.0"}};
}

inline Bytes frame_of(const PeerSelf& self, const wire::Message& message) {
    wire::FrameWriter writer(self.sender, wire::cluster_mark(self.greeting.cluster));
    writer.add(message);
    Bytes out;
    writer.take(out);
    return out;
}

}  // namespace ashlar::host::test
