#include "member/roster.h"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

namespace ashlar::member {
namespace {

/// Entry or mark against entry or mark.
template <class A, class B>
bool newer(const A& a, const B& b) {
    return std::pair(a.incarnation, a.heartbeat) > std::pair(b.incarnation, b.heartbeat);
}

wire::RosterMark mark_of(const wire::RosterEntry& entry) {
    return wire::RosterMark{entry.node, entry.incarnation, entry.heartbeat};
}

/// At most so many bytes on the wire: numbers at their longest, each text with two bytes of length.
std::size_t bytes_of(const wire::RosterEntry& entry) {
    std::size_t texts = entry.name.size() + entry.datacentre.size() + entry.rack.size() + entry.clients_at.size() +
                        entry.link_at.size() + entry.background_at.size() + entry.parts.size();
    return 112 + texts + entry.accuses.size() * sizeof(NodeId);
}

/// Adds entries as long as they fit.
class Filling {
public:
    explicit Filling(wire::GossipDelta& delta) : delta_(delta) {}
    bool full() const { return delta_.entries.size() >= entries_max || bytes_ >= entries_bytes_max; }
    void add(const wire::RosterEntry& entry) {
        const std::size_t more = bytes_of(entry);
        if (full() || bytes_ + more > entries_bytes_max) return;
        bytes_ += more;
        delta_.entries.push_back(entry);
    }

private:
    wire::GossipDelta& delta_;
    std::size_t bytes_ = 0;
};

}  // namespace

Known* Roster::find(NodeId node) {
    auto found = peers.find(node);
    return found == peers.end() ? nullptr : &found->second;
}

const Known* Roster::find(NodeId node) const {
    auto found = peers.find(node);
    return found == peers.end() ? nullptr : &found->second;
}

bool Known::outlived(std::uint32_t life) const {
    if (life >= entry.incarnation) return false;
    return spoken || entry.incarnation - life <= life_leap_max;
}

void Known::speaks(std::uint64_t heartbeat, Instant now) {
    spoken = true;
    spoken_at = now;
    spoken_beat = heartbeat;
}

Roster::Took Roster::weigh(const Known& known, const wire::RosterEntry& entry, Mouth by, Instant now) const {
    const bool is_newer = newer(entry, known.entry);
    const bool reborn = entry.incarnation > known.entry.incarnation;
    if (by == Mouth::own) {
        if (is_newer) return reborn ? Took::reborn : Took::newer;
        if (known.spoken || known.outlived(entry.incarnation)) return Took::old;
        const bool same_life = entry.incarnation == known.entry.incarnation;
        return same_life && known.entry.heartbeat - entry.heartbeat <= heartbeat_slack ? Took::old : Took::righted;
    }
    if (!is_newer) return Took::old;
    if (!known.spoken) return reborn ? Took::reborn : Took::newer;
    if (reborn) return Took::doubted;
    const auto rounds = static_cast<std::uint64_t>((now - known.spoken_at).us / round_.us) + 1;
    const std::uint64_t highest = known.spoken_beat + heartbeat_slack + rounds * heartbeats_per_round;
    return entry.heartbeat <= highest ? Took::newer : Took::doubted;
}

Roster::Taken Roster::take(const wire::RosterEntry& entry, Mouth by, Instant now) {
    Taken taken;
    Known* known = find(entry.node);
    if (known == nullptr) {
        if (!make_room(by, taken.gone)) {
            taken.what = Took::full;
            return taken;
        }
        taken.what = Took::joined;
        known = &peers[entry.node];
    } else {
        taken.what = weigh(*known, entry, by, now);
        const bool first_word = taken.what == Took::old && entry.incarnation == known->entry.incarnation;
        if (by == Mouth::own && first_word && !known->spoken) known->speaks(entry.heartbeat, now);
        if (taken.what == Took::old || taken.what == Took::doubted) return taken;
        taken.moved = entry.link_at != known->entry.link_at || entry.background_at != known->entry.background_at;
        known->proven = true;
    }
    if (by == Mouth::own) known->speaks(entry.heartbeat, now);
    known->entry = entry;
    known->heard = known->advanced = now;
    return taken;
}

/// Of two the one that is rather done without: who is only spoken of; then who was down longest. Nobody who has spoken
/// and lives leaves, and nobody at all for one that others only speak of, unless it is down.
bool Roster::make_room(Mouth by, NodeId& gone) {
    const bool full = peers.size() + 1 >= wire::members_max;
    if (by == Mouth::own && !full) return true;
    if (by == Mouth::anothers && !full) {
        if (peers.size() < spoken_of_max) return true;
        const auto spoken_of =
            std::count_if(peers.begin(), peers.end(), [](const auto& p) { return !p.second.spoken; });
        if (static_cast<std::size_t>(spoken_of) < spoken_of_max) return true;
    }
    auto worst = peers.end();
    for (auto at = peers.begin(); at != peers.end(); ++at) {
        const Known& known = at->second;
        const bool is_down = known.state == PeerState::down;
        if (!is_down && (known.spoken || by == Mouth::anothers)) continue;
        if (by == Mouth::anothers && !full && known.spoken) continue;
        const auto worth = [](const Known& k) { return std::tuple(k.state != PeerState::down, k.spoken, k.heard); };
        if (worst == peers.end() || worth(known) < worth(worst->second)) worst = at;
    }
    if (worst == peers.end()) return false;
    gone = worst->first;
    peers.erase(worst);
    return true;
}

Roster::Place Roster::random_place(Random& random) const {
    if (peers.empty()) return peers.begin();
    return std::next(peers.begin(), static_cast<std::ptrdiff_t>(random.next() % peers.size()));
}

wire::GossipDigest Roster::digest(Random& random) const {
    wire::GossipDigest out;
    out.marks.reserve(std::min(peers.size() + 1, marks_max));
    out.marks.push_back(mark_of(self));
    Place at = peers.size() < marks_max ? peers.begin() : random_place(random);
    for (std::size_t i = 0; i < peers.size() && out.marks.size() < marks_max; ++i) {
        out.marks.push_back(mark_of(at->second.entry));
        if (++at == peers.end()) at = peers.begin();
    }
    return out;
}

wire::GossipDelta Roster::answer(const wire::GossipDigest& digest, Random& random) const {
    std::map<NodeId, const wire::RosterMark*> told;
    for (const wire::RosterMark& mark : digest.marks) told.emplace(mark.node, &mark);
    // A digest that is full may have left nodes out: that one is missing then says nothing.
    const bool whole = digest.marks.size() < marks_max;
    const auto lacks = [&](const wire::RosterEntry& entry) {
        auto found = told.find(entry.node);
        return found == told.end() ? whole : newer(entry, *found->second);
    };
    wire::GossipDelta out;
    Filling filling(out);
    if (lacks(self)) filling.add(self);
    Place at = random_place(random);
    for (std::size_t i = 0; i < peers.size() && !filling.full(); ++i) {
        if (lacks(at->second.entry)) filling.add(at->second.entry);
        if (++at == peers.end()) at = peers.begin();
    }
    if (digest.marks.empty()) return out;
    const std::size_t first = random.next() % digest.marks.size();
    for (std::size_t i = 0; i < digest.marks.size() && out.wanted.size() < wanted_max; ++i) {
        const wire::RosterMark& mark = digest.marks[(first + i) % digest.marks.size()];
        if (mark.node == self.node || mark.node == NodeId{}) continue;
        const Known* known = find(mark.node);
        if (known == nullptr)
            out.wanted.push_back(wire::RosterMark{mark.node, 0, 0});
        else if (newer(mark, known->entry))
            out.wanted.push_back(mark_of(known->entry));
    }
    return out;
}

wire::GossipDelta Roster::give(const std::vector<wire::RosterMark>& wanted) const {
    wire::GossipDelta out;
    Filling filling(out);
    for (const wire::RosterMark& mark : wanted) {
        if (filling.full()) break;
        const Known* known = find(mark.node);
        const wire::RosterEntry* entry = mark.node == self.node ? &self : known == nullptr ? nullptr : &known->entry;
        if (entry != nullptr && newer(*entry, mark)) filling.add(*entry);
    }
    return out;
}

}  // namespace ashlar::member
