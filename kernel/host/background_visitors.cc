#include "host/background_visitors.h"

#include <zmq.h>

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <chrono>
#include <cstring>

#include "host/socket_facts.h"
#include "kit/text.h"

namespace ashlar::host {
namespace {

constexpr const char* reports_at = "inproc://visitors";
constexpr int reports_at_once = 256;
constexpr std::chrono::milliseconds between_looks{50};
/// ZeroMQ's head of a message of more than 255 bytes; of smaller ones it is 2, and the rest is settled by the looks.
constexpr std::uint64_t head_bytes = 9;

}  // namespace

BackgroundVisitors::BackgroundVisitors(PeerSeams seams, const PeerLimits& limits, PeerNotes& notes)
    : seams_(seams),
      limits_(limits),
      notes_(notes),
      open_(seams.meter.counter("background_open")),
      unread_(seams.meter.counter("background_unread_bytes")),
      timer_(seams.reactor.io()) {}

Result<void> BackgroundVisitors::attend(void* context, BackgroundSocket& ear) {
    if (::zmq_socket_monitor(ear.raw(), reports_at, ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_DISCONNECTED) != 0)
        return fail(Code::io, kit::text("ZeroMQ does not report connections: ", ::zmq_strerror(errno)));
    auto reports = BackgroundSocket::make(seams_.reactor, context, ZMQ_PAIR);
    if (!reports) return reports.error();
    reports_ = std::move(*reports);
    return reports_->connect(reports_at);
}

void BackgroundVisitors::begin(std::function<void()> drain) {
    drain_ = std::move(drain);
    reports_->watch([this] { read_reports(); });
    boost::asio::post(seams_.reactor.io(), [this] { read_reports(); });
    await();
}

void BackgroundVisitors::read_reports() {
    for (int n = 0; n < reports_at_once; ++n)
        if (!read_report()) return;
    boost::asio::post(seams_.reactor.io(), [this] { read_reports(); });
}

/// Two parts: the event with its descriptor, and the address listened on.
bool BackgroundVisitors::read_report() {
    std::array<char, 6> said{};
    std::array<char, 256> endpoint{};
    if (!reports_->readable() || ::zmq_recv(reports_->raw(), said.data(), said.size(), ZMQ_DONTWAIT) < 0 ||
        ::zmq_recv(reports_->raw(), endpoint.data(), endpoint.size(), ZMQ_DONTWAIT) < 0)
        return false;
    std::uint16_t event = 0;
    std::int32_t descriptor = 0;
    std::memcpy(&event, said.data(), sizeof event);
    std::memcpy(&descriptor, said.data() + sizeof event, sizeof descriptor);
    event == ZMQ_EVENT_ACCEPTED ? came(descriptor) : gone(descriptor);
    return true;
}

void BackgroundVisitors::came(int descriptor) {
    gone(descriptor);
    Visitor visitor{socket_identity(descriptor), far_address(descriptor), 0, 0, true};
    notes_.count("accepted");
    Share& share = shares_[visitor.address];
    const char* why = welcome_ >= limits_.connections                     ? "refused_connections"
                      : share.visitors >= limits_.connections_per_address ? "refused_connections_per_address"
                                                                          : nullptr;
    ++share.visitors;
    ++welcome_;
    auto place = visitors_.emplace(descriptor, std::move(visitor)).first;
    open_.set(static_cast<std::int64_t>(visitors_.size()));
    if (why != nullptr) refuse(place, why, "too many connections (limits.peer_connections)");
}

void BackgroundVisitors::gone(int descriptor) {
    auto found = visitors_.find(descriptor);
    if (found == visitors_.end()) return;
    if (found->second.is_welcome) discount(found->second);
    visitors_.erase(found);
    open_.set(static_cast<std::int64_t>(visitors_.size()));
}

void BackgroundVisitors::discount(Visitor& visitor) {
    visitor.is_welcome = false;
    --welcome_;
    auto share = shares_.find(visitor.address);
    if (--share->second.visitors == 0) shares_.erase(share);
}

void BackgroundVisitors::send_away(int descriptor) {
    auto found = visitors_.find(descriptor);
    if (found == visitors_.end() || !found->second.is_welcome) return;
    discount(found->second);
    // ZeroMQ's thread might close it just between; what it opens then is a connection of this road too, and comes anew.
    const std::uint64_t identity = found->second.identity;
    if (identity != 0 && socket_identity(descriptor) == identity) hang_up(descriptor);
}

void BackgroundVisitors::refuse(Place at, const char* reason, const std::string& sentence) {
    notes_.tell(LogLevel::warn, at->second.address, reason, sentence, seams_.reactor.now().steady);
    send_away(at->first);
}

void BackgroundVisitors::heard(int descriptor, std::size_t bytes) {
    auto found = visitors_.find(descriptor);
    if (found == visitors_.end()) return;
    Visitor& visitor = found->second;
    visitor.settled += bytes + head_bytes;
    // It became whole after the look: what had been read by then is in it or before it. So heartbeats settle too.
    if (heard_all_since_ == looks_) visitor.settled = std::max(visitor.settled, visitor.brought);
}

void BackgroundVisitors::look() {
    ++looks_;
    for (auto& [descriptor, visitor] : visitors_)
        visitor.brought = std::max(visitor.brought, bytes_read_from(descriptor));
    // Whole messages that wait for this loop are nobody's fault.
    drain_();
    judge();
}

void BackgroundVisitors::judge() {
    left_ = 0;
    for (auto& [address, share] : shares_) share.left = 0;
    for (auto& [descriptor, visitor] : visitors_) {
        // A descriptor given anew may have been credited with what its last owner said.
        visitor.settled = std::min(visitor.settled, visitor.brought);
        if (!visitor.is_welcome) continue;
        left_ += visitor.left();
        shares_[visitor.address].left += visitor.left();
    }
    unread_.set(static_cast<std::int64_t>(left_));
    for (;;) {
        Place worst = visitors_.end();
        for (auto at = visitors_.begin(); at != visitors_.end(); ++at) {
            if (!at->second.is_welcome) continue;
            bool is_over = left_ > limits_.background_unread_bytes ||
                           shares_[at->second.address].left > limits_.background_unread_bytes_per_address;
            if (is_over && (worst == visitors_.end() || at->second.left() > worst->second.left())) worst = at;
        }
        if (worst == visitors_.end()) return;
        const std::uint64_t left = worst->second.left();
        left_ -= left;
        shares_[worst->second.address].left -= left;
        refuse(worst, "refused_unread",
               "sends a message without an end; what is kept of such messages is at its bound");
    }
}

void BackgroundVisitors::await() {
    timer_.expires_after(between_looks);
    timer_.async_wait([this](const boost::system::error_code& error) {
        if (error) return;
        read_reports();
        look();
        await();
    });
}

}  // namespace ashlar::host
