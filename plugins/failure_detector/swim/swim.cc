#include "swim.h"

#include <algorithm>

namespace ashlar::swim {

void Swim::watch(NodeId id, std::uint32_t incarnation, Instant now) noexcept {
    auto found = peers_.find(id);
    if (found != peers_.end() && incarnation <= found->second.incarnation) return;
    if (found == peers_.end()) turns_.add(id);
    rounds_.erase(id);
    peers_.insert_or_assign(id, Peer{incarnation, kit::Testimony(now), {}, now, now, {}});
}

void Swim::forget(NodeId id) noexcept {
    if (peers_.erase(id) == 0) return;
    rounds_.erase(id);
    turns_.remove(id);
}

bool Swim::suspect(const Peer& peer, Instant now) const {
    return peer.suspicion.has_value() || peer.said.shut(keeps(), now).has_value();
}

void Swim::heard(NodeId id, const Evidence& evidence, Instant now) noexcept {
    auto found = peers_.find(id);
    if (found == peers_.end()) return;
    Peer& peer = found->second;
    if (evidence.alive) {
        revive(id, peer, evidence, now);
        return;
    }
    peer.said.take(evidence, now);
    auto round = rounds_.find(id);
    switch (evidence.channel) {
        case Channel::probe:
            if (round != rounds_.end() && !round->second.asked) round->second.until = now;
            break;
        case Channel::indirect: {
            if (round == rounds_.end() || !round->second.asked) break;
            auto& waiting = round->second.waiting;
            const auto helper = std::find(waiting.begin(), waiting.end(), evidence.witness);
            if (helper == waiting.end()) break;
            waiting.erase(helper);
            if (waiting.empty()) round->second.until = now;
            break;
        }
        case Channel::data_path:
            peer.look = true;
            break;
        case Channel::word:
            peer.look = true;
            confirm(peer, now);
            break;
        case Channel::gossip:
            break;
    }
}

void Swim::revive(NodeId id, Peer& peer, const Evidence& evidence, Instant now) {
    const bool was_suspect = suspect(peer, now);
    if (!peer.said.take(evidence, now)) return;
    peer.suspicion.reset();
    peer.look = false;
    if (was_suspect && !suspect(peer, now)) peer.alive = now;
    if (evidence.channel == Channel::probe || evidence.channel == Channel::indirect)
        if (rounds_.erase(id) > 0) doubt_.less();
    if (evidence.channel != Channel::probe && evidence.channel != Channel::data_path) return;
    const Duration slow = peer.pace.slow_from(fleet_, rules_.slow_factor, rules_.slow_floor);
    if (evidence.round_trip < slow) fleet_.take(evidence.round_trip);
    peer.pace.take(evidence.round_trip, slow, now);
}

/// What is known now may end a suspicion that has not ended yet, sooner or later than was thought.
void Swim::confirm(Peer& peer, Instant now) {
    if (!peer.suspicion || peer.suspicion->until <= now) return;
    Suspicion& s = *peer.suspicion;
    s.doubt = std::max(s.doubt, doubt_.value());
    const Duration wait = patience(rules_, peers_.size() - 1, peer.said.accusers(words_last(), now), s.doubt);
    s.until = std::max(now, s.since + s.slept + wait);
}

void Swim::doubt_more(std::int64_t by, Instant now) {
    doubt_.more(by);
    for (auto& [id, peer] : peers_) confirm(peer, now);
}

Opinion Swim::suspicion(NodeId id, Instant now) const noexcept {
    Opinion opinion;
    auto found = peers_.find(id);
    if (found == peers_.end()) return opinion;
    const Peer& peer = found->second;

    const std::optional<Instant> shut = peer.said.shut(keeps(), now);
    if (down(peer, now)) {
        opinion.state = PeerState::down;
        opinion.since = peer.suspicion->until;
    } else if (peer.suspicion || shut) {
        opinion.state = PeerState::suspect;
        opinion.since = !shut             ? peer.suspicion->since
                        : !peer.suspicion ? *shut
                                          : std::min(*shut, peer.suspicion->since);
    } else {
        opinion.state = peer.pace.slow() ? PeerState::slow : PeerState::alive;
        opinion.since = std::max(peer.pace.since(), peer.alive);
    }
    // The strength is how much of the patience is used up.
    if (peer.suspicion) {
        const std::int64_t used = std::clamp<std::int64_t>((now - peer.suspicion->since).us, 0, seconds(1'000'000).us);
        const std::int64_t all = std::max<std::int64_t>((peer.suspicion->until - peer.suspicion->since).us, 1);
        opinion.level_milli = static_cast<std::uint32_t>(std::min<std::int64_t>(used * 1000 / all, 1'000'000'000));
    }
    opinion.against = peer.said.against(keeps(), words_last(), now);
    return opinion;
}

void Swim::paused(Duration away, Instant now) noexcept {
    if (away.us <= 0) return;
    const Instant slept{now.us - away.us};
    rounds_.clear();  // the answers may have come while nobody listened
    next_period_ = now;
    for (auto& [id, peer] : peers_) {
        const bool was_suspect = suspect(peer, slept);
        peer.said.slept(away, now);
        if (!was_suspect && away >= keeps()) peer.said.acquit(now);
        if (!peer.suspicion || peer.suspicion->until <= slept) continue;
        peer.suspicion->slept = peer.suspicion->slept + away;
        peer.suspicion->until = peer.suspicion->until + away;
    }
    doubt_more(1 + away.us / rules_.period.us, now);
}

}  // namespace ashlar::swim
