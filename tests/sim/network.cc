#include "network.h"

#include "kit/text.h"

namespace ashlar::sim {
namespace {

/// A link holds so much before it refuses more, as the daemon's does.
constexpr std::uint64_t under_way_max = 4 * 1024 * 1024;
constexpr Duration silence_max = seconds(3);
constexpr Duration refusal_max = milliseconds(20);
constexpr Duration late_max = seconds(1);

/// "m2:7313" is place 2; sockets_.size() or more for what is no address of ours.
std::size_t place_of(View address) {
    std::size_t place = 0;
    for (std::size_t i = 1; i < address.size() && address[i] != ':'; ++i)
        place = place * 10 + static_cast<std::size_t>(address[i] - '0');
    return place;
}

}  // namespace

std::size_t Network::attach(Socket& socket) {
    sockets_.push_back(&socket);
    ways_.assign(sockets_.size() * sockets_.size(), Way{});
    return sockets_.size() - 1;
}

std::string Network::name_of(NodeId node) const {
    for (std::size_t i = 0; i < sockets_.size(); ++i) {
        if (sockets_[i]->node_id() == node) return kit::text("n", i);
    }
    return "nobody";
}

std::string Network::link_address(std::size_t place) {
    return kit::text("m", place, ":7313");
}

std::string Network::background_address(std::size_t place) {
    return kit::text("m", place, ":7314");
}

Duration Network::delay(Duration most) {
    return Duration{static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(most.us) + 1))};
}

Duration Network::silence() {
    return delay(silence_max);
}

bool Network::has_room(std::size_t from, View to) {
    std::size_t place = place_of(to);
    if (place >= sockets_.size() || place == from) return false;
    if (!healed_ && random_.below(1'000'000) < storm_.refused_send) return false;
    return way(from, place).under_way < under_way_max;
}

void Network::send(std::size_t from, View to, port::Road road, Bytes frame) {
    std::size_t place = place_of(to);
    if (place >= sockets_.size()) return;
    if (road == port::Road::link) return send_link(from, place, std::move(frame));
    send_background(from, place, std::move(frame));
}

void Network::send_link(std::size_t from, std::size_t to, Bytes frame) {
    Way& there = way(from, to);
    there.used = true;
    if (there.broken) return;
    if (!sockets_[to]->listening()) return lose(from, to, random_.one_in(4) ? silence() : delay(refusal_max));
    if (there.cut) return lose(from, to, silence());
    bool damaged = !healed_ && random_.below(1'000'000) < storm_.damage;
    if (damaged) damage(frame);
    Instant arrival = agenda_.now() + delay(storm_.link_delay_max) + there.slow_by;
    arrival = std::max(arrival, there.last_arrival);
    there.last_arrival = arrival;
    there.under_way += frame.size();
    // Who hears nothing for so long gives up, though what it said is read one day.
    Instant awake = sockets_[to]->paused_until();
    if (awake > agenda_.now() + silence_max) {
        agenda_.in(silence_max, [this, from, to, connection = there.connection] {
            if (way(from, to).connection == connection && sockets_[to]->paused_until() > agenda_.now())
                lose(from, to, Duration{0});
        });
    }
    agenda_.at(arrival, [this, from, to, damaged, connection = there.connection, life = sockets_[to]->life(),
                         frame = std::move(frame)] {
        Way& here = way(from, to);
        if (here.connection == connection) here.under_way -= frame.size();
        if (connection < here.vanished) return;
        carry(to, port::Road::link, life, frame);
        if (!damaged || here.connection != connection) return;
        // Whoever reads a damaged frame hangs up. If it is being given up already, that goes on.
        if (here.broken) {
            here.vanished = connection + 1;
            return;
        }
        drop(here);
        lose(from, to, delay(refusal_max));
    });
}

void Network::send_background(std::size_t from, std::size_t to, Bytes frame) {
    if (way(from, to).cut || !sockets_[to]->listening()) return;
    auto falls = [this](std::uint64_t rate) { return !healed_ && random_.below(1'000'000) < rate; };
    int copies = falls(storm_.loss) ? 0 : falls(storm_.duplication) ? 2 : 1;
    for (int i = 0; i < copies; ++i) {
        Bytes copy = frame;
        if (falls(storm_.damage)) damage(copy);
        Duration takes = delay(storm_.background_delay_max) + way(from, to).slow_by;
        if (falls(storm_.late)) takes = takes + delay(late_max);
        agenda_.in(takes, [this, from, to, life = sockets_[to]->life(), copy = std::move(copy)] {
            if (!way(from, to).cut) carry(to, port::Road::background, life, copy);
        });
    }
}

void Network::carry(std::size_t to, port::Road road, std::uint64_t life, const Bytes& frame) {
    Socket& socket = *sockets_[to];
    if (!socket.listening() || socket.life() != life) return;
    ++carried_;
    socket.arrived(road, frame);
}

void Network::drop(Way& way) {
    way.vanished = ++way.connection;
    way.under_way = 0;
}

void Network::lose(std::size_t from, std::size_t to, Duration silence) {
    Way& there = way(from, to);
    if (there.broken) return;
    there.broken = true;
    there.used = false;
    agenda_.in(silence, [this, from, to, connection = there.connection] {
        Way& ended = way(from, to);
        // A machine that went down meanwhile has no link any more, nor has its next life.
        if (ended.connection != connection) return;
        ended.broken = false;
        ++ended.connection;
        ended.under_way = 0;
        ended.last_arrival = agenda_.now();
        trace_.note(agenda_.now(), "link ", from, " to ", to, " is lost");
        sockets_[from]->link_lost(sockets_[to]->node_id());
    });
}

void Network::cut(std::size_t from, std::size_t to, bool cut) {
    Way& there = way(from, to);
    if (there.cut == cut) return;
    there.cut = cut;
    trace_.note(agenda_.now(), cut ? "cut " : "healed ", from, " to ", to);
    if (!cut) return;
    // A connection needs both directions: each end finds out by silence.
    if (there.used && !there.broken) {
        drop(there);
        lose(from, to, silence());
    }
    if (way(to, from).used) lose(to, from, silence());
}

void Network::slow(std::size_t from, std::size_t to, Duration by) {
    way(from, to).slow_by = by;
    trace_.note(agenda_.now(), "slow ", from, " to ", to, " by ", by.us, " us");
}

void Network::went_down(std::size_t place) {
    for (std::size_t other = 0; other < sockets_.size(); ++other) {
        if (other == place) continue;
        // What has left it arrives; what it would have been told does not.
        Way& away = way(place, other);
        ++away.connection;
        away.broken = away.used = false;
        away.under_way = 0;
        if (way(other, place).used) lose(other, place, random_.one_in(4) ? silence() : delay(refusal_max));
    }
}

void Network::heal() {
    healed_ = true;
    for (std::size_t from = 0; from < sockets_.size(); ++from) {
        for (std::size_t to = 0; to < sockets_.size(); ++to) {
            cut(from, to, false);
            way(from, to).slow_by = Duration{0};
        }
    }
}

void Network::damage(Bytes& frame) {
    std::uint64_t bit = random_.below(frame.size() * 8);
    frame[bit / 8] = static_cast<char>(static_cast<unsigned char>(frame[bit / 8]) ^ (1u << bit % 8));
}

}  // namespace ashlar::sim
