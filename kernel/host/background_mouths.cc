#include "host/background_mouths.h"

#include <zmq.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

#include "host/listen_address.h"
#include "host/peer_greeting.h"
#include "kit/text.h"

namespace ashlar::host {
namespace {

/// Addresses spoken to at once: gossip and hints need few; ZeroMQ itself ends at 1,023 sockets.
constexpr std::size_t mouths_max = 512;
constexpr Duration unused = seconds(60);
/// Words that could not leave for so long are out of date.
constexpr Duration stale = seconds(2);
/// So many messages are handed over in one go; clients wait meanwhile.
constexpr int said_at_once = 64;

/// Nobody answers on this road, so nothing is agreed on: the oldest protocol this node speaks is what all of its
/// cluster read.
wire::FrameWriter writer_of(const PeerSelf& self) {
    return {self.sender, wire::cluster_mark(self.greeting.cluster), self.greeting.protocol_min};
}

/// An address as it was said: a number, or a name and a port.
struct Said {
    std::string number;
    std::string name;
    std::string port;
};

Result<Said> parse(View address) {
    if (auto number = parse_address(address)) return Said{address_text(number->host, number->port), {}, {}};
    constexpr View letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
    constexpr std::size_t name_max = 253;
    const std::size_t colon = std::min(address.rfind(':'), address.size());
    const View name = address.substr(0, colon);
    const View port = address.substr(std::min(colon + 1, address.size()));
    std::uint16_t number = 0;
    auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
    if (name.empty() || name.size() > name_max || name.find_first_not_of(letters) != View::npos ||
        error != std::errc{} || end != port.data() + port.size())
        return fail(Code::invalid_request, "cannot dial: it is no host:port");
    return Said{{}, std::string(name), std::string(port)};
}

/// Takes and drops one part of a message, if there is one.
bool drop_part(BackgroundSocket& from) {
    std::array<char, 1> start{};
    return ::zmq_recv(from.raw(), start.data(), start.size(), ZMQ_DONTWAIT) >= 0;
}

}  // namespace

BackgroundMouths::BackgroundMouths(PeerSeams seams, PeerNotes& notes, void* context, Names::LookUp look_up)
    : seams_(seams),
      bytes_out_(seams.meter.counter("background_bytes_out")),
      notes_(notes),
      context_(context),
      names_(seams.reactor, std::move(look_up)),
      ticker_(seams.reactor.io()) {
    seams_.reactor.at_turn_end([this] { end_turn(); });
}

void BackgroundMouths::serve(const PeerSelf& self) {
    self_ = self;
    serving_ = true;
    names_.begin([this] { reach_all(); });
    tick();
}

bool BackgroundMouths::send(const port::Peer& to, const wire::Message& message) {
    Mouth* mouth = mouth_to(to.address);
    if (mouth == nullptr || !mouth->writer.add(message, background_bytes_max)) {
        notes_.count("not_taken");
        return false;
    }
    notes_.count("messages_out");
    mouth->used = now();
    if (!mouth->dirty) {
        mouth->dirty = true;
        dirty_.emplace_back(to.address);
    }
    return true;
}

BackgroundMouths::Mouth* BackgroundMouths::mouth_to(View address) {
    auto found = mouths_.find(address);
    if (found != mouths_.end()) return found->second.get();
    if (!serving_ || address.empty()) return nullptr;
    if (mouths_.size() >= mouths_max) make_room();
    auto parsed = parse(address);
    if (!parsed) {
        notes_.tell(LogLevel::warn, std::string(address), "dial_failed", parsed.error().detail, now());
        return nullptr;
    }
    auto mouth =
        std::make_unique<Mouth>(Mouth{parsed->name, parsed->port, {}, nullptr, writer_of(self_), {}, now(), now(), {}});
    const bool is_reachable = mouth->name.empty() ? open(*mouth, parsed->number) : reach(*mouth);
    if (!is_reachable) {
        notes_.tell(LogLevel::warn, std::string(address), "dial_failed", mouth->why, now());
        return nullptr;
    }
    return mouths_.emplace(std::string(address), std::move(mouth)).first->second.get();
}

/// Connects to where the name leads now. False: that failed; where it leads nowhere yet, it waits.
bool BackgroundMouths::reach(Mouth& mouth) {
    auto number = names_.find(mouth.name, now());
    if (!number) {
        mouth.why = number.error().detail;
        return true;
    }
    const std::string at =
        kit::text(number->find(':') == std::string::npos ? *number : kit::text("[", *number, "]"), ":", mouth.port);
    return (mouth.socket && mouth.at == at) || open(mouth, at);
}

bool BackgroundMouths::open(Mouth& mouth, const std::string& at) {
    auto socket = BackgroundSocket::make(seams_.reactor, context_, ZMQ_DEALER);
    Result<void> connected;
    if (socket) connected = (*socket)->connect(kit::text("tcp://", at));
    if (!socket || !connected) {
        mouth.why = socket ? connected.error().detail : socket.error().detail;
        return false;
    }
    mouth.socket = std::move(*socket);
    mouth.at = at;
    mouth.is_doubted = false;
    greet(mouth);
    mouth.socket->watch([this, &mouth] { speak(mouth); });
    return true;
}

void BackgroundMouths::reach_all() {
    for (auto& [address, mouth] : mouths_) {
        if (mouth->name.empty() || (mouth->socket && !mouth->is_doubted)) continue;
        if (!reach(*mouth)) notes_.tell(LogLevel::warn, address, "dial_failed", mouth->why, now());
        if (mouth->socket) speak(*mouth);
    }
}

/// What is said next, or again if it could not leave.
void BackgroundMouths::greet(Mouth& mouth) {
    mouth.frame = greeting_frame(self_);
    mouth.greets = true;
    mouth.waiting_since = now();
}

/// Closes the socket that was used longest ago.
void BackgroundMouths::make_room() {
    auto oldest = std::min_element(mouths_.begin(), mouths_.end(),
                                   [](const auto& a, const auto& b) { return a.second->used < b.second->used; });
    mouths_.erase(oldest);
}

void BackgroundMouths::speak(Mouth& mouth) {
    for (int turns = 0; turns < said_at_once && mouth.socket; ++turns) {
        // Nothing is due to come this way; whatever does must not gather.
        for (int n = 0; n < said_at_once && mouth.socket->readable(); ++n) {
            if (!drop_part(*mouth.socket)) break;
            notes_.count("refused_backwards");
        }
        if (mouth.frame.empty()) {
            if (mouth.writer.empty()) return;
            mouth.writer.take(mouth.frame);
            mouth.waiting_since = now();
        }
        if (mouth.socket->send(mouth.frame)) {
            bytes_out_.add(static_cast<std::int64_t>(mouth.frame.size()));
            notes_.count("frames_out");
            mouth.frame.clear();
            mouth.greets = false;
            mouth.is_doubted = false;
        } else if (!mouth.socket->writable()) {
            return;
        }
    }
}

void BackgroundMouths::give_up_what_waits(const std::string& address, Mouth& mouth) {
    if ((!mouth.frame.empty() && !mouth.greets) || !mouth.writer.empty())
        notes_.tell(LogLevel::info, address, "dropped", mouth.socket ? "cannot be reached" : mouth.why, now());
    mouth.writer.clear();
    greet(mouth);
    if (mouth.name.empty()) return;
    mouth.is_doubted = true;
    if (mouth.socket) names_.doubt(mouth.name, now());
    // Where the name has another address, or one at last, that one is tried.
    if (!reach(mouth)) notes_.tell(LogLevel::warn, address, "dial_failed", mouth.why, now());
}

void BackgroundMouths::tick() {
    ticker_.expires_after(std::chrono::seconds(1));
    ticker_.async_wait([this](const boost::system::error_code& error) {
        if (error) return;
        Instant time = now();
        for (auto at = mouths_.begin(); at != mouths_.end();) {
            Mouth& mouth = *at->second;
            const bool waits = !mouth.socket || !mouth.frame.empty();
            if (waits && time - mouth.waiting_since > stale) give_up_what_waits(at->first, mouth);
            at = time - mouth.used > unused ? mouths_.erase(at) : std::next(at);
        }
        tick();
    });
}

void BackgroundMouths::end_turn() {
    // Nothing is said from here: the list does not grow.
    for (const std::string& address : dirty_) {
        auto found = mouths_.find(address);
        if (found == mouths_.end()) continue;
        found->second->dirty = false;
        speak(*found->second);
    }
    dirty_.clear();
}

}  // namespace ashlar::host
