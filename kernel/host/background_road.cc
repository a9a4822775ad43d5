#include "host/background_road.h"

#include <zmq.h>

#include <boost/asio/post.hpp>
#include <utility>

#include "host/peer_greeting.h"
#include "kit/text.h"

namespace ashlar::host {
namespace {

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

}  // namespace

BackgroundRoad::BackgroundRoad(PeerSeams seams, const PeerLimits& limits, Names::LookUp look_up)
    : seams_(seams),
      notes_(seams.meter, seams.log, "background"),
      context_(::zmq_ctx_new(), &::zmq_ctx_term),
      visitors_(seams, limits, notes_),
      mouths_(seams, notes_, context_.get(), std::move(look_up)) {}

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
    mouths_.serve(self_);
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

}  // namespace ashlar::host
