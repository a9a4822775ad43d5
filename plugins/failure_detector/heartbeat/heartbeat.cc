#include "heartbeat.h"

#include <algorithm>

namespace ashlar::heartbeat {

namespace {

constexpr std::uint32_t slow_answers_min = 3;
constexpr std::size_t accusers_max = 64;  ///< more say nothing new

}  // namespace

void Heartbeat::watch(NodeId peer, std::uint32_t incarnation, Instant now) noexcept {
    Peer fresh;
    fresh.incarnation = incarnation;
    fresh.heard = fresh.advanced = fresh.alive = now;
    peers_[peer] = fresh;
}

void Heartbeat::forget(NodeId peer) noexcept {
    peers_.erase(peer);
}

void Heartbeat::heard(NodeId peer, const Evidence& evidence, Instant now) noexcept {
    auto found = peers_.find(peer);
    if (found == peers_.end()) return;
    if (evidence.alive)
        alive(found->second, evidence, now);
    else
        failed(found->second, evidence, now);
}

void Heartbeat::alive(Peer& peer, const Evidence& evidence, Instant now) {
    switch (evidence.channel) {
        case Channel::word:
            peer.accusers.erase(evidence.witness);
            return;  // hearsay is no sign of life
        case Channel::gossip:
            if (evidence.heartbeat <= peer.heartbeat) return;
            peer.heartbeat = evidence.heartbeat;
            break;
        default:
            break;
    }
    const bool was_suspect = suspect_from(peer) <= now;
    switch (evidence.channel) {
        case Channel::gossip:
            peer.advanced = now;
            break;
        case Channel::probe:
            peer.probe = {};
            break;
        case Channel::indirect:
            peer.indirect = {};
            break;
        default:
            peer.data_path = {};
            break;
    }
    peer.heard = now;
    peer.accusers.clear();  // they spoke of a silence that has ended
    if (was_suspect && suspect_from(peer) > now) peer.alive = now;
    if (evidence.channel != Channel::probe && evidence.channel != Channel::data_path) return;
    if (evidence.round_trip < patience_.slow_after) {
        if (peer.slow_answers >= slow_answers_min) peer.alive = now;
        peer.slow_answers = 0;
    } else if (++peer.slow_answers == slow_answers_min) {
        peer.slow = now;
    }
}

void Heartbeat::failed(Peer& peer, const Evidence& evidence, Instant now) {
    auto fail = [&](Way& way) {
        if (!way.failing) way = {true, now};
    };
    switch (evidence.channel) {
        case Channel::gossip:
            break;  // silence is measured, not reported
        case Channel::probe:
            fail(peer.probe);
            break;
        case Channel::indirect:
            fail(peer.indirect);
            break;
        case Channel::data_path:
            fail(peer.data_path);
            break;
        case Channel::word:
            if (peer.accusers.size() < accusers_max || peer.accusers.contains(evidence.witness))
                peer.accusers[evidence.witness] = now;
            break;
    }
}

Instant Heartbeat::suspect_from(const Peer& peer) const {
    Instant from = peer.heard + patience_.suspect_after;
    for (const Way& way : {peer.probe, peer.data_path})
        if (way.failing) from = std::min(from, way.since + patience_.suspect_after);
    return from;
}

Opinion Heartbeat::suspicion(NodeId peer_id, Instant now) const noexcept {
    Opinion opinion;
    auto found = peers_.find(peer_id);
    if (found == peers_.end()) return opinion;
    const Peer& peer = found->second;

    const Instant suspect = suspect_from(peer), down = peer.heard + patience_.down_after;
    if (down <= now) {
        opinion.state = PeerState::down;
        opinion.since = down;
    } else if (suspect <= now) {
        opinion.state = PeerState::suspect;
        opinion.since = suspect;
    } else if (peer.slow_answers >= slow_answers_min) {
        opinion.state = PeerState::slow;
        opinion.since = std::max(peer.slow, peer.alive);
    } else {
        opinion.since = peer.alive;
    }
    // The strength is the silence in units of suspect_after.
    const std::int64_t silence = std::clamp<std::int64_t>((now - peer.heard).us, 0, seconds(1'000'000).us);
    opinion.level_milli =
        static_cast<std::uint32_t>(std::min<std::int64_t>(silence * 1000 / patience_.suspect_after.us, 1'000'000'000));
    if (peer.advanced + patience_.suspect_after <= now) opinion.against.push_back(Channel::gossip);
    if (peer.probe.failing) opinion.against.push_back(Channel::probe);
    if (peer.indirect.failing) opinion.against.push_back(Channel::indirect);
    if (peer.data_path.failing) opinion.against.push_back(Channel::data_path);
    const bool accused = std::any_of(peer.accusers.begin(), peer.accusers.end(),
                                     [&](const auto& a) { return a.second + patience_.down_after > now; });
    if (accused) opinion.against.push_back(Channel::word);
    return opinion;
}

std::vector<Probe> Heartbeat::due(Instant) noexcept {
    return {};
}

void Heartbeat::paused(Duration away, Instant now) noexcept {
    if (away.us <= 0) return;
    const Instant slept{now.us - away.us};
    for (auto& [id, peer] : peers_) {
        const bool was_suspect = suspect_from(peer) <= slept;
        for (Instant* moment :
             {&peer.heard, &peer.advanced, &peer.probe.since, &peer.indirect.since, &peer.data_path.since})
            *moment = std::min(now, *moment + away);
        if (was_suspect || away < patience_.suspect_after) continue;
        peer.heard = peer.advanced = now;
        peer.probe = peer.indirect = peer.data_path = {};
        peer.accusers.clear();
    }
}

}  // namespace ashlar::heartbeat
