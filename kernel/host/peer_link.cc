#include "host/peer_link.h"

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <chrono>

#include "host/bound_port.h"
#include "host/peer_greeting.h"
#include "kit/text.h"

namespace ashlar::host {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t scratch_bytes = 256 * 1024;
constexpr Instant not_armed{INT64_MAX};
/// A tick that comes so much too late tells of this process, not of its peers.
constexpr Duration stall = seconds(1);
/// When an accept fails, most likely for want of descriptors, the next attempt comes after it.
constexpr Duration accept_rest = milliseconds(500);

}  // namespace

PeerLink::PeerLink(PeerSeams seams, PeerLimits limits)
    : seams_(seams),
      limits_(limits),
      notes_(seams.meter, seams.log, "peer_link"),
      counters_(seams.meter),
      acceptor_(seams.reactor.io()),
      timer_(seams.reactor.io()),
      scratch_(scratch_bytes, '\0') {
    seams_.reactor.at_turn_end([this] { end_turn(); });
}

PeerLink::~PeerLink() {
    serving_ = false;
    std::vector<Shared> all = connections_;
    for (auto& connection : all) connection->close("closed_shutdown", "");
}

Result<std::string> PeerLink::bind(const ListenAddress& address) {
    return bind_port(acceptor_, address, "peers");
}

Result<void> PeerLink::serve(PeerSelf self) {
    self_ = std::move(self);
    cluster_ = wire::cluster_mark(self_.greeting.cluster);
    if (auto listening = listen_port(acceptor_, "peers"); !listening) return listening;
    serving_ = true;
    accept();
    wake_by(now() + limits_.heartbeat);
    return {};
}

bool PeerLink::send(const port::Peer& to, const wire::Message& message) {
    Way* way = way_to(to);
    bool is_taken = way != nullptr && way->connection->say(message);
    (is_taken ? counters_.messages_out : counters_.not_taken).add();
    return is_taken;
}

/// With a connection, or nullptr.
PeerLink::Way* PeerLink::way_to(const port::Peer& to) {
    if (!serving_ || to.node.value == 0 || to.node == self_.sender.node) return nullptr;
    auto found = ways_.find(to.node);
    if (found == ways_.end()) {
        if (ways_.size() >= wire::members_max) return nullptr;
        found = ways_.emplace(to.node, Way{}).first;
    }
    Way& way = found->second;
    way.used = now();
    if (way.address != to.address) {
        way.address = std::string(to.address);
        Shared old = way.connection;
        if (old && old->dialled()) old->close("closed_moved", "the node has moved to another address");
        way.next_dial = Instant{};
        way.failures = 0;
    }
    if (!way.connection && (now() < way.next_dial || !dial(to.node, way))) return nullptr;
    return &way;
}

bool PeerLink::dial(NodeId node, Way& way) {
    auto there = parse_address(way.address);
    if (!there) {
        notes_.tell(LogLevel::warn, way.address, "dial_failed", there.error().detail, now());
        way.next_dial = now() + limits_.refused_rest;
        return false;
    }
    way.connection = std::make_shared<PeerConnection>(*this, node, way.address);
    enlist(way.connection);
    notes_.count("dialled");
    way.connection->dial(*there);
    wake_by(now() + limits_.handshake);
    return true;
}

void PeerLink::accept() {
    accepting_ = true;
    acceptor_.async_accept([this](const error_code& error, tcp::socket socket) {
        accepting_ = false;
        if (!acceptor_.is_open()) return;
        if (error && error != boost::asio::error::connection_aborted) {
            notes_.count("accept_failed");
            return wake_by(now() + accept_rest);
        }
        if (!error) admit(std::move(socket));
        accept();
    });
}

void PeerLink::admit(tcp::socket socket) {
    error_code gone;
    std::string address = socket.remote_endpoint(gone).address().to_string();
    if (gone) return;
    auto here = per_address_.find(address);
    const char* why = accepted_ >= limits_.connections ? "refused_connections"
                      : here != per_address_.end() && here->second >= limits_.connections_per_address
                          ? "refused_connections_per_address"
                          : nullptr;
    if (why != nullptr)
        return notes_.tell(LogLevel::warn, address, why, "too many connections (limits.peer_connections)", now());
    ++accepted_;
    ++per_address_[address];
    auto connection = std::make_shared<PeerConnection>(*this, std::move(socket), address);
    enlist(connection);
    notes_.count("accepted");
    connection->start();
    wake_by(now() + limits_.handshake);
}

void PeerLink::enlist(Shared connection) {
    connections_.push_back(std::move(connection));
    counters_.open.set(static_cast<std::int64_t>(connections_.size()));
}

void PeerLink::greeted(PeerConnection& connection, const wire::Greeting& greeting) {
    const wire::Sender& peer = connection.peer();
    const std::string id = kit::hex16(peer.node.value);
    notes_.mention(LogLevel::info, kit::text(connection.dialled() ? "to " : "from ", id),
                   kit::text(connection.dialled() ? "to " : "from ", connection.address(), ": node '", greeting.name,
                             "' (", id, "), life ", peer.incarnation),
                   now());
    // Whoever dials anew has lost what it dialled before; a new life has lost everything, and an old one is over.
    std::vector<Shared> all = connections_;
    for (const Shared& other : all)
        if (other->greeted() && other->peer().node == peer.node && other->peer().incarnation > peer.incarnation)
            return connection.close("refused_old_life", "a later life of this node is connected");
    for (const Shared& other : all) {
        if (other.get() == &connection || !other->greeted() || other->peer().node != peer.node) continue;
        bool dialled_anew = !connection.dialled() && !other->dialled();
        if (dialled_anew || other->peer().incarnation < peer.incarnation)
            other->close("closed_superseded", "the node has connected anew");
    }
    if (ways_.size() >= wire::members_max && !ways_.contains(peer.node)) return;
    Way& way = ways_[peer.node];
    // A dial may hang for long where this one has come through.
    Shared hanging = way.connection;
    if (!hanging || !hanging->greeted()) way.connection = connection.shared_from_this();
    // It stays open, to fail by itself or to be a second link: where both have dialled at once, each would close the
    // one that the other has just chosen.
    if (hanging && hanging != way.connection) hanging->hand_over(connection);
    wake_by(now() + limits_.heartbeat);
}

void PeerLink::heard(const wire::Sender& from, const wire::Message& message) {
    counters_.messages_in.add();
    seams_.taker.heard(from, port::Road::link, message);
}

void PeerLink::closed(PeerConnection& connection, const char* reason, const std::string& sentence) {
    Shared self = connection.shared_from_this();
    std::erase(connections_, self);
    counters_.open.set(static_cast<std::int64_t>(connections_.size()));
    if (!connection.dialled()) {
        --accepted_;
        auto here = per_address_.find(connection.address());
        if (here != per_address_.end() && --here->second == 0) per_address_.erase(here);
    }
    if (!serving_) return;
    bool is_refused = View(reason).starts_with("refused");
    bool is_ours = connection.greeted() || connection.dialled();
    // A dial of a free port of this machine may meet itself; nothing to rest from.
    bool may_rest = is_refused && View(reason) != "refused_self";
    notes_.tell(is_refused ? LogLevel::warn
                : is_ours  ? LogLevel::info
                           : LogLevel::debug,
                connection.address(), reason, sentence, now());
    // Another life of a node that is connected is none of our links to it.
    if (!is_ours || View(reason) == "refused_old_life") return;
    NodeId node = connection.peer().node;
    auto found = ways_.find(node);
    if (found != ways_.end() && found->second.connection == self) {
        found->second.connection = other_of(node);
        if (connection.dialled()) note_failure(found->second, connection, may_rest);
    }
    // What never greeted has carried nothing; what waited for it has been handed over.
    bool is_replaced = found != ways_.end() && found->second.connection && found->second.connection->greeted();
    if (connection.greeted() || !is_replaced) tell_lost(node);
}

PeerLink::Shared PeerLink::other_of(NodeId node) const {
    for (const Shared& other : connections_)
        if (other->greeted() && other->peer().node == node) return other;
    return nullptr;
}

void PeerLink::note_failure(Way& way, const PeerConnection& connection, bool is_refused) {
    // A link that held for a while is no reason to wait long.
    if (connection.greeted() && now() - connection.opened() > limits_.redial_max) way.failures = 0;
    std::int64_t pause = limits_.redial_min.us << std::min<std::uint32_t>(way.failures, 16);
    pause = is_refused ? limits_.refused_rest.us : std::min(pause, limits_.redial_max.us);
    pause = pause / 2 + static_cast<std::int64_t>(seams_.random.next() % static_cast<std::uint64_t>(pause / 2 + 1));
    ++way.failures;
    way.next_dial = now() + microseconds(pause);
    wake_by(way.next_dial);
}

void PeerLink::tell_lost(NodeId node) {
    lost_.push_back(node);
    // Not from here: the node may be in the middle of a send.
    if (lost_.size() > 1) return;
    boost::asio::post(io(), [this] {
        std::vector<NodeId> all;
        all.swap(lost_);
        for (NodeId one : all) seams_.taker.lost(one);
    });
}

void PeerLink::account(std::size_t held, std::size_t before) {
    unread_ = unread_ - before + held;
    counters_.unread_bytes.set(static_cast<std::int64_t>(unread_));
}

void PeerLink::wake_by(Instant when) {
    if (when >= wakes_at_) return;
    wakes_at_ = when;
    timer_.expires_after(std::chrono::microseconds(std::max<std::int64_t>((when - now()).us, 0)));
    timer_.async_wait([this](const error_code& error) {
        if (!error) tick();  // else moved to an earlier moment
    });
}

void PeerLink::tick() {
    Instant time = now();
    bool stood_still = wakes_at_ != not_armed && time - wakes_at_ > stall;
    wakes_at_ = not_armed;
    Instant next = time + limits_.unused;
    std::vector<Shared> all = connections_;
    for (const Shared& connection : all) {
        if (stood_still) connection->forgive(time);
        next = std::min(next, connection->sweep(time));
    }
    next = std::min(next, redial(time));
    if (!accepting_ && acceptor_.is_open()) accept();
    wake_by(std::max(next, time + milliseconds(1)));
}

Instant PeerLink::redial(Instant time) {
    Instant next = not_armed;
    for (auto at = ways_.begin(); at != ways_.end();) {
        Way& way = at->second;
        if (!way.connection && time - way.used > limits_.unused) {
            at = ways_.erase(at);
            continue;
        }
        if (!way.connection && way.failures != 0 && time >= way.next_dial) dial(at->first, way);
        if (!way.connection && way.failures != 0) next = std::min(next, way.next_dial);
        ++at;
    }
    return next;
}

void PeerLink::end_turn() {
    std::vector<Shared> now_dirty;
    now_dirty.swap(dirty_);
    for (const Shared& connection : now_dirty) connection->turn_ended();
    now_dirty.clear();
    if (!dirty_.empty())
        seams_.reactor.ask_again();
    else
        dirty_.swap(now_dirty);  // keeps the list's memory
}

}  // namespace ashlar::host
