#include "host/background_road.h"

#include <zmq.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <chrono>
#include <utility>

#include "host/peer_greeting.h"
#include "kit/text.h"

namespace ashlar::host {
namespace {

/// Addresses spoken to at once: gossip and hints need few; ZeroMQ itself ends at 1,023 sockets.
constexpr std::size_t mouths_max = 512;
constexpr Duration unused = seconds(60);
/// Words that could not leave for so long are out of date.
constexpr Duration stale = seconds(2);
/// So many messages are heard in one go; clients wait meanwhile.
constexpr int heard_at_once = 64;

/// A ZeroMQ message that closes itself.
class Part {
public:
    Part() { ::zmq_msg_init(&message_); }
    ~Part() { ::zmq_msg_close(&message_); }
    Part(const Part&) = delete;
    Part& operator=(const Part&) = delete;

    bool receive(BackgroundSocket& from) { return ::zmq_msg_recv(&message_, from.raw(), ZMQ_DONTWAIT) >= 0; }
    bool more() const { return ::zmq_msg_more(&message_) != 0; }
    View bytes() { return {static_cast<const char*>(::zmq_msg_data(&message_)), ::zmq_msg_size(&message_)}; }
    /// Of the connection it came on, which may be closed by now.
    int descriptor() { return ::zmq_msg_get(&message_, ZMQ_SRCFD); }
    std::string sender() {
        const char* address = ::zmq_msg_gets(&message_, "Peer-Address");
        return address == nullptr ? "somebody" : address;
    }

private:
    zmq_msg_t message_;
};

/// Nobody answers on this road, so nothing is agreed on: the oldest protocol this node speaks is what all of its
/// cluster read.
wire::FrameWriter writer_of(const PeerSelf& self) {
    return {self.sender, wire::cluster_mark(self.greeting.cluster), self.greeting.protocol_min};
}

}  // namespace

BackgroundRoad::BackgroundRoad(PeerSeams seams, const PeerLimits& limits)
    : seams_(seams),
      notes_(seams.meter, seams.log, "background"),
      context_(::zmq_ctx_new(), &::zmq_ctx_term),
      visitors_(seams, limits, notes_),
      ticker_(seams.reactor.io()) {
    seams_.reactor.at_turn_end([this] { end_turn(); });
}

BackgroundRoad::~BackgroundRoad() = default;

Result<std::string> BackgroundRoad::bind(const ListenAddress& address) {
    auto ear = BackgroundSocket::make(seams_.reactor, context_.get(), ZMQ_ROUTER);
    if (!ear) return ear.error();
    if (auto attended = visitors_.attend(context_.get(), **ear); !attended) return attended.error();
    auto bound = (*ear)->bind("tcp://" + address_text(address.host, address.port));
    if (!bound) return bound.error();
    ear_ = std::move(*ear);
    auto real = parse_address(View(*bound).substr(View("tcp://").size()));
    if (!real) return real.error();
    return address_text(address.host, real->port);
}

void BackgroundRoad::serve(PeerSelf self) {
    self_ = std::move(self);
    cluster_ = wire::cluster_mark(self_.greeting.cluster);
    visitors_.begin([this] { drain(); });
    ear_->watch([this] { drain(); });
    // Messages may have come before the watch: the descriptor has told of them already.
    boost::asio::post(seams_.reactor.io(), [this] { drain(); });
    tick();
}

bool BackgroundRoad::send(const port::Peer& to, const wire::Message& message) {
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

BackgroundRoad::Mouth* BackgroundRoad::mouth_to(View address) {
    auto found = mouths_.find(address);
    if (found != mouths_.end()) return found->second.get();
    if (cluster_ == 0 || address.empty()) return nullptr;
    if (mouths_.size() >= mouths_max) make_room();
    auto socket = BackgroundSocket::make(seams_.reactor, context_.get(), ZMQ_DEALER);
    Result<void> connected;
    if (socket) connected = (*socket)->connect(kit::text("tcp://", address));
    if (!socket || !connected) {
        notes_.tell(LogLevel::warn, std::string(address), "dial_failed",
                    socket ? connected.error().detail : socket.error().detail, now());
        return nullptr;
    }
    auto mouth = std::make_unique<Mouth>(Mouth{std::move(*socket), writer_of(self_), {}, now(), {}});
    Mouth* out = mouth.get();
    greet(*out);
    mouths_.emplace(std::string(address), std::move(mouth));
    out->socket->watch([this, out] { speak(*out); });
    return out;
}

/// What is said next, or again if it could not leave.
void BackgroundRoad::greet(Mouth& mouth) {
    mouth.frame = greeting_frame(self_);
    mouth.greets = true;
    mouth.waiting_since = now();
}

/// Closes the socket that was used longest ago.
void BackgroundRoad::make_room() {
    auto oldest = std::min_element(mouths_.begin(), mouths_.end(),
                                   [](const auto& a, const auto& b) { return a.second->used < b.second->used; });
    mouths_.erase(oldest);
}

void BackgroundRoad::speak(Mouth& mouth) {
    for (int turns = 0; turns < heard_at_once; ++turns) {
        // Nothing is due to come this way; whatever does must not gather.
        for (int n = 0; n < heard_at_once && mouth.socket->readable(); ++n) {
            Part part;
            if (!part.receive(*mouth.socket)) break;
            notes_.count("refused_backwards");
        }
        if (mouth.frame.empty()) {
            if (mouth.writer.empty()) return;
            mouth.writer.take(mouth.frame);
            mouth.waiting_since = now();
        }
        if (mouth.socket->send(mouth.frame)) {
            notes_.count("frames_out");
            mouth.frame.clear();
            mouth.greets = false;
        } else if (!mouth.socket->writable()) {
            return;
        }
    }
}

void BackgroundRoad::drain() {
    for (int n = 0; n < heard_at_once; ++n) {
        if (!ear_->readable()) return visitors_.all_heard();
        take_one();
    }
    // The descriptor does not tell again of what is still there.
    if (std::exchange(drains_again_, true)) return;
    boost::asio::post(seams_.reactor.io(), [this] {
        drains_again_ = false;
        drain();
    });
}

void BackgroundRoad::take_one() {
    Part identity;
    Part frame;
    if (!identity.receive(*ear_) || !identity.more() || !frame.receive(*ear_)) return;
    if (!frame.more()) {
        visitors_.heard(frame.descriptor(), frame.bytes().size());
        return take_frame(frame.bytes(), frame.sender());
    }
    for (bool more = true; more;) {
        Part rest;
        more = rest.receive(*ear_) && rest.more();
    }
    notes_.tell(LogLevel::warn, frame.sender(), "refused_malformed", "a message of several parts", now());
    visitors_.send_away(frame.descriptor());
}

void BackgroundRoad::take_frame(View frame, const std::string& from) {
    auto refuse = [&](const char* reason, View sentence) {
        notes_.tell(LogLevel::warn, from, reason, sentence, now());
    };
    auto reader = wire::FrameReader::open(frame, cluster_);
    if (!reader && reader.error().code == Code::not_authorized)
        return refuse("refused_cluster", other_cluster(self_, frame));
    if (!reader)
        return refuse(reader.error().code == Code::unsupported ? "refused_protocol" : "refused_malformed",
                      reader.error().detail);
    // A list of seeds may well name the node that reads it.
    if (reader->sender().node == self_.sender.node) return notes_.count("frames_of_this_node");
    notes_.count("frames_in");
    while (reader->next(message_)) {
        if (std::holds_alternative<wire::Greeting>(message_)) continue;
        notes_.count("messages_in");
        seams_.taker.heard(reader->sender(), port::Road::background, message_);
    }
    if (reader->bad()) refuse("refused_malformed", "a frame whose checksum holds does not hold messages");
}

void BackgroundRoad::tick() {
    ticker_.expires_after(std::chrono::seconds(1));
    ticker_.async_wait([this](const boost::system::error_code& error) {
        if (error) return;
        Instant time = now();
        for (auto at = mouths_.begin(); at != mouths_.end();) {
            Mouth& mouth = *at->second;
            if (!mouth.frame.empty() && time - mouth.waiting_since > stale) {
                if (!mouth.greets || !mouth.writer.empty())
                    notes_.tell(LogLevel::info, at->first, "dropped", "cannot be reached", time);
                mouth.writer.clear();
                greet(mouth);
            }
            at = time - mouth.used > unused ? mouths_.erase(at) : std::next(at);
        }
        tick();
    });
}

void BackgroundRoad::end_turn() {
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
