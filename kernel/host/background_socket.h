// One ZeroMQ socket on the loop: never blocks, bounded in every direction.
//
// ZeroMQ's descriptor tells only that something may have changed, and once; so whoever is told asks events() until
// there is nothing left, and again after each send. Loop only; held by shared_ptr, since a wait may outlive it.
#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>
#include <memory>
#include <string>

#include "ashlar/result.h"
#include "ashlar/types.h"
#include "host/reactor.h"

namespace ashlar::host {

/// One message, and so one frame. A hint carries an entry with all its siblings, about 1 MiB at the default limits.
inline constexpr std::size_t background_bytes_max = 2 << 20;

class BackgroundSocket : public std::enable_shared_from_this<BackgroundSocket> {
public:
    /// `type` as zmq_socket has it. Fails when ZeroMQ or the system has no more.
    static Result<std::shared_ptr<BackgroundSocket>> make(Reactor& reactor, void* context, int type);
    ~BackgroundSocket();
    BackgroundSocket(const BackgroundSocket&) = delete;
    BackgroundSocket& operator=(const BackgroundSocket&) = delete;

    /// Answers what it is bound to, as "tcp://host:port".
    Result<std::string> bind(const std::string& endpoint);
    Result<void> connect(const std::string& endpoint);
    /// From here on `changed` is called on the loop whenever events() may have changed.
    void watch(std::function<void()> changed);
    bool readable() { return (events() & 1) != 0; }
    bool writable() { return (events() & 2) != 0; }
    /// False: there is no room or nobody there.
    bool send(View message);
    void* raw() { return socket_; }

private:
    BackgroundSocket(Reactor& reactor, void* socket);
    int events();
    bool set(int option, std::int64_t value);
    bool bound_everything();
    bool choose_family(const std::string& endpoint);
    void await();

    void* socket_;
    boost::asio::posix::stream_descriptor watch_;
    std::function<void()> changed_;
};

}  // namespace ashlar::host
