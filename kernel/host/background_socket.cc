#include "host/background_socket.h"

#include <zmq.h>

#include <cerrno>

#include "kit/text.h"

namespace ashlar::host {
namespace {

static_assert(ZMQ_POLLIN == 1 && ZMQ_POLLOUT == 2);

/// Messages, each of at most background_bytes_max, that ZeroMQ keeps for one peer; what more there is waits with us.
constexpr int queue_messages = 8;
/// Of what has come. A bound would stop ZeroMQ's reading, and libzmq 4.3 ends the process when such a connection breaks
/// and a heartbeat, or the answer to one, falls due on it. So no message waits unread for its bound, no heartbeat of
/// ours is sent, and what has come is bounded by bytes (background_visitors.h). Decision 014.
constexpr int arrived_messages = 0;
constexpr int handshake_ms = 2000;
constexpr int silence_ms = 3000;  // of the other's kernel, to what was said
constexpr int keepalive_s = 3;    // of it, when nothing was
constexpr int reconnect_ms = 50;  // and as much again by chance
constexpr int reconnect_max_ms = 1000;
constexpr int connect_ms = 2000;

}  // namespace

BackgroundSocket::BackgroundSocket(Reactor& reactor, void* socket) : socket_(socket), watch_(reactor.io()) {}

BackgroundSocket::~BackgroundSocket() {
    // The descriptor is ZeroMQ's own.
    if (watch_.is_open()) watch_.release();
    ::zmq_close(socket_);
}

Result<std::shared_ptr<BackgroundSocket>> BackgroundSocket::make(Reactor& reactor, void* context, int type) {
    void* socket = ::zmq_socket(context, type);
    if (socket == nullptr) return fail(Code::io, kit::text("no ZeroMQ socket: ", ::zmq_strerror(errno)));
    std::shared_ptr<BackgroundSocket> out(new BackgroundSocket(reactor, socket));
    int descriptor = -1;
    std::size_t size = sizeof descriptor;
    if (!out->bound_everything() || ::zmq_getsockopt(socket, ZMQ_FD, &descriptor, &size) != 0)
        return fail(Code::io, kit::text("a ZeroMQ option is refused: ", ::zmq_strerror(errno)));
    boost::system::error_code error;
    out->watch_.assign(descriptor, error);
    if (error) return fail(Code::io, kit::text("a ZeroMQ socket cannot be watched: ", error.message()));
    return out;
}

bool BackgroundSocket::set(int option, std::int64_t value) {
    if (option == ZMQ_MAXMSGSIZE) return ::zmq_setsockopt(socket_, option, &value, sizeof value) == 0;
    int narrow = static_cast<int>(value);
    return ::zmq_setsockopt(socket_, option, &narrow, sizeof narrow) == 0;
}

bool BackgroundSocket::bound_everything() {
    return set(ZMQ_LINGER, 0) && set(ZMQ_MAXMSGSIZE, background_bytes_max) && set(ZMQ_SNDHWM, queue_messages) &&
           set(ZMQ_RCVHWM, arrived_messages) && set(ZMQ_HANDSHAKE_IVL, handshake_ms) &&
           set(ZMQ_TCP_MAXRT, silence_ms) && set(ZMQ_TCP_KEEPALIVE, 1) && set(ZMQ_TCP_KEEPALIVE_IDLE, keepalive_s) &&
           set(ZMQ_TCP_KEEPALIVE_INTVL, 1) && set(ZMQ_TCP_KEEPALIVE_CNT, keepalive_s) &&
           set(ZMQ_RECONNECT_IVL, reconnect_ms) &&
           set(ZMQ_RECONNECT_IVL_MAX, reconnect_max_ms) && set(ZMQ_CONNECT_TIMEOUT, connect_ms) &&
           set(ZMQ_IMMEDIATE, 1);
}

/// Numbers of IPv4 are taken as such, else strangers would be named by their IPv6 form; names may mean either.
bool BackgroundSocket::choose_family(const std::string& endpoint) {
    bool is_four = endpoint.find_first_not_of("0123456789.:", View("tcp://").size()) == std::string::npos;
    return set(ZMQ_IPV6, is_four ? 0 : 1);
}

Result<std::string> BackgroundSocket::bind(const std::string& endpoint) {
    if (!choose_family(endpoint) || ::zmq_bind(socket_, endpoint.c_str()) != 0)
        return fail(Code::io, kit::text("cannot listen on ", endpoint, ": ", ::zmq_strerror(errno)));
    char real[256];
    std::size_t size = sizeof real;
    if (::zmq_getsockopt(socket_, ZMQ_LAST_ENDPOINT, real, &size) != 0 || size == 0)
        return fail(Code::io, kit::text("no address of ", endpoint, ": ", ::zmq_strerror(errno)));
    return std::string(real, size - 1);
}

Result<void> BackgroundSocket::connect(const std::string& endpoint) {
    if (!choose_family(endpoint) || ::zmq_connect(socket_, endpoint.c_str()) != 0)
        return fail(Code::invalid_request, kit::text("cannot dial ", endpoint, ": ", ::zmq_strerror(errno)));
    return {};
}

void BackgroundSocket::watch(std::function<void()> changed) {
    changed_ = std::move(changed);
    await();
}

void BackgroundSocket::await() {
    watch_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                      [weak = weak_from_this()](const boost::system::error_code& error) {
                          auto self = weak.lock();
                          if (error || !self) return;
                          self->changed_();
                          self->await();
                      });
}

int BackgroundSocket::events() {
    int out = 0;
    std::size_t size = sizeof out;
    return ::zmq_getsockopt(socket_, ZMQ_EVENTS, &out, &size) == 0 ? out : 0;
}

bool BackgroundSocket::send(View message) {
    return ::zmq_send(socket_, message.data(), message.size(), ZMQ_DONTWAIT) >= 0;
}

}  // namespace ashlar::host
