#include "member/members.h"

#include <utility>

#include "member/room.h"

namespace ashlar::member {

Members::Members(FailureDetector& detector, Random& random, Log& log, Meter& meter, Rules rules, wire::RosterEntry self)
    : room_(std::make_unique<Room>(detector, random, log, meter, std::move(rules), std::move(self))) {}

Members::~Members() = default;

bool Members::hear(const port::Turn& turn, const wire::Sender& from, const wire::Message& message) {
    return room_->hear(turn, from, message);
}

void Members::data_path(NodeId peer, bool alive, Duration round_trip, const Now& now) {
    room_->notice(now.steady);
    const Evidence evidence{Channel::data_path, alive, room_->roster.self.node, 0, round_trip};
    if (alive)
        room_->alive(peer, evidence, now.steady);
    else
        room_->detector.heard(peer, evidence, now.steady);
}

void Members::pump(const port::Turn& turn) {
    room_->pump(turn);
}

Instant Members::due() const {
    return room_->due();
}

void Members::farewell(const port::Turn& turn) {
    wire::RosterEntry& self = room_->roster.self;
    self.stopping = true;
    ++self.heartbeat;
    for (const auto& [node, known] : room_->roster.peers)
        if (known.state != PeerState::down) room_->say(turn, node, wire::GossipDelta{{self}, {}});
}

wire::RosterEntry& Members::self() {
    return room_->roster.self;
}

const wire::RosterEntry& Members::self() const {
    return room_->roster.self;
}

PeerState Members::state(NodeId node) const {
    if (node == self().node) return PeerState::alive;
    const Known* known = room_->roster.find(node);
    return known == nullptr ? PeerState::down : known->state;
}

const wire::RosterEntry* Members::entry(NodeId node) const {
    if (node == self().node) return &self();
    const Known* known = room_->roster.find(node);
    return known == nullptr ? nullptr : &known->entry;
}

port::Peer Members::peer(NodeId node, port::Road road) const {
    const wire::RosterEntry* known = entry(node);
    if (known == nullptr) return port::Peer{node, {}};
    return port::Peer{node, road == port::Road::link ? known->link_at : known->background_at};
}

std::vector<Standing> Members::standings() const {
    std::vector<Standing> out;
    out.reserve(room_->roster.peers.size() + 1);
    const Standing own{&self(), PeerState::alive, {}, {}, room_->rhythm.now};
    bool listed = false;
    for (const auto& [node, known] : room_->roster.peers) {
        if (!listed && self().node < node) {
            out.push_back(own);
            listed = true;
        }
        out.push_back(Standing{&known.entry, known.state, known.own, known.accusers, known.heard});
    }
    if (!listed) out.push_back(own);
    return out;
}

const std::string& Members::newest_refusal() const {
    return room_->gate.newest_refusal();
}

std::uint64_t Members::changes() const {
    return room_->changes;
}

}  // namespace ashlar::member
