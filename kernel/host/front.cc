#include "host/front.h"

#include <algorithm>
#include <boost/asio/error.hpp>
#include <chrono>
#include <string_view>

#include "host/bound_port.h"
#include "kit/text.h"

namespace ashlar::host {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t scratch_bytes = 256 * 1024;

/// Often enough for the shortest limit, seldom enough to cost nothing.
std::chrono::microseconds tick_of(const FrontLimits& limits) {
    std::int64_t shortest = std::min({limits.idle.us, limits.handshake.us, limits.frame.us});
    return std::chrono::microseconds(std::clamp<std::int64_t>(shortest / 4, 5'000, 500'000));
}

}  // namespace

Front::Front(FrontSeams seams, std::string name, FrontLimits limits)
    : seams_(seams),
      name_(std::move(name)),
      limits_(limits),
      acceptor_(seams.reactor.io()),
      ticker_(seams.reactor.io()),
      scratch_(scratch_bytes, '\0') {
    seams_.reactor.at_turn_end([this] { end_turn(); });
}

Front::~Front() {
    std::vector<std::shared_ptr<Connection>> all = connections_;
    for (auto& connection : all) connection->close("shutdown");
}

Result<std::string> Front::bind(const ListenAddress& address) {
    return bind_port(acceptor_, address, name_);
}

Result<void> Front::serve() {
    if (auto listening = listen_port(acceptor_, name_); !listening) return listening;
    accept();
    tick();
    return {};
}

void Front::stop_accepting() {
    error_code ignored;
    acceptor_.close(ignored);
}

void Front::accept() {
    accepting_ = true;
    acceptor_.async_accept([this](const error_code& error, tcp::socket socket) {
        accepting_ = false;
        if (!acceptor_.is_open()) return;
        if (error && error != boost::asio::error::connection_aborted) {
            // Out of descriptors, most likely: the next tick tries again.
            count("accept_failed");
            return;
        }
        if (!error) admit(std::move(socket));
        accept();
    });
}

void Front::admit(tcp::socket socket) {
    error_code gone;
    boost::asio::ip::address address = socket.remote_endpoint(gone).address();
    if (gone) return;
    std::size_t& from_there = per_address_[address];
    const char* why = connections_.size() >= limits_.connections      ? "connections"
                      : from_there >= limits_.connections_per_address ? "connections_per_address"
                      : seams_.budget.met()                           ? "buffers_full"
                                                                      : nullptr;
    if (why != nullptr) {
        if (from_there == 0) per_address_.erase(address);
        return count(kit::text("refused_", why));
    }
    ++from_there;
    auto connection = std::make_shared<Connection>(*this, std::move(socket));
    connection->position = connections_.size();
    connections_.push_back(connection);
    count("accepted");
    seams_.meter.counter(kit::text("front_", name_, "_open")).set(static_cast<std::int64_t>(connections_.size()));
    connection->start();
}

void Front::closed(Connection& connection, const char* why) {
    auto found = per_address_.find(connection.address());
    if (found != per_address_.end() && --found->second == 0) per_address_.erase(found);
    std::size_t position = connection.position;
    connections_.back()->position = position;
    std::swap(connections_[position], connections_.back());
    // A completion or the list of this turn may still hold it; it dies with the last of them.
    connections_.pop_back();
    count(kit::text("closed_", why));
    seams_.meter.counter(kit::text("front_", name_, "_open")).set(static_cast<std::int64_t>(connections_.size()));
    if (std::string_view(why) == "by_peer" || std::string_view(why) == "shutdown" || std::string_view(why) == "idle")
        return;
    Instant now = seams_.reactor.now().steady;
    if (now < next_note_) return;
    next_note_ = now + seconds(1);  // a flood of bad peers must not become a flood of lines
    seams_.log.write(
        LogLevel::info,
        kit::text("closed a connection of ", connection.address().to_string(), " to ", name_, ": ",
                  std::string_view(why) == "malformed" ? "not a framed Thrift call (binary or compact)" : why));
}

void Front::tick() {
    ticker_.expires_after(tick_of(limits_));
    ticker_.async_wait([this](const error_code& error) {
        if (error) return;
        Instant now = seams_.reactor.now().steady;
        std::vector<std::shared_ptr<Connection>> all = connections_;
        for (auto& connection : all) connection->sweep(now);
        if (!accepting_ && acceptor_.is_open()) accept();
        tick();
    });
}

void Front::end_turn() {
    // Connections add themselves again only for the next turn.
    std::vector<std::shared_ptr<Connection>> now_dirty;
    now_dirty.swap(dirty_);
    for (auto& connection : now_dirty) connection->turn_ended();
    now_dirty.clear();
    if (!dirty_.empty())
        seams_.reactor.ask_again();
    else
        dirty_.swap(now_dirty);  // keeps the list's memory
}

void Front::count(const std::string& what) {
    seams_.meter.counter(kit::text("front_", name_, "_", what)).add();
}

}  // namespace ashlar::host
