#include "link.h"

#include <algorithm>

#include <thrift/TConfiguration.h>
#include <thrift/TOutput.h>
#include <thrift/transport/TBufferTransports.h>
#include <thrift/transport/TSocket.h>

namespace ashlar::cli {
namespace {

constexpr std::int64_t connect_ms = 5000;
/// Without --timeout the server's own deadline applies; this only guards against a server that says nothing.
constexpr std::int64_t silent_ms = 60'000;
/// The server answers "timed out" at the deadline itself: leave it time to say so.
constexpr std::int64_t grace_ms = 2000;
constexpr int answer_bytes_max = 256 * 1024 * 1024;

int bounded(std::int64_t ms) {
    return static_cast<int>(std::clamp<std::int64_t>(ms, 1, 86'400'000));
}

}  // namespace

Outcome<Done> Wire::connect() {
    using namespace apache::thrift;
    if (transport_) return Done{};
    std::string tried;
    for (std::size_t i = 0; i < route_.endpoints.size(); ++i) {
        const Endpoint& target = where();
        auto limits = std::make_shared<TConfiguration>(answer_bytes_max, answer_bytes_max);
        auto socket = std::make_shared<transport::TSocket>(target.host, target.port, limits);
        bool chosen = route_.timeout_ms > 0;
        socket->setConnTimeout(bounded(chosen ? std::min(route_.timeout_ms, connect_ms) : connect_ms));
        socket->setRecvTimeout(bounded(chosen ? route_.timeout_ms + grace_ms : silent_ms));
        socket->setSendTimeout(bounded(chosen ? route_.timeout_ms + grace_ms : silent_ms));
        auto framed = std::make_shared<transport::TFramedTransport>(socket, limits);
        try {
            framed->open();
            transport_ = framed;
            protocol_ = std::make_shared<protocol::TBinaryProtocol>(framed);
            return Done{};
        } catch (const TException& problem) {
            std::string why = problem.what();
            // "Could not resolve host for client socket" and "Connection refused" are the useful part of what().
            if (auto colon = why.rfind(": "); colon != std::string::npos) why = why.substr(colon + 2);
            tried += (tried.empty() ? "" : "; ") + target.text() + " (" + why + ")";
            at_ = (at_ + 1) % route_.endpoints.size();
        }
    }
    Failure out = failed("no node reached: " + tried + ". Is ashlard running there? Name others with " + route_.flag);
    out.exit = Exit::unreachable;
    return out;
}

void Wire::close() {
    transport_.reset();
    protocol_.reset();
}

void Wire::turn() {
    close();
    at_ = (at_ + 1) % route_.endpoints.size();
}

void silence_thrift() {
    apache::thrift::GlobalOutput.setOutputFunction([](const char*) {});
}

}  // namespace ashlar::cli
