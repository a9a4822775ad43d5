#include "heartbeat.h"

#include <algorithm>

namespace ashlar::heartbeat {

void Heartbeat::watch(NodeId peer, std::uint32_t incarnation, Instant now) noexcept {
    auto found = peers_.find(peer);
    if (found != peers_.end() && incarnation <= found->second.incarnation) return;
    peers_.insert_or_assign(peer, Peer{incarnation, kit::Testimony(now), {}, now});
}

void Heartbeat::forget(NodeId peer) noexcept {
    peers_.erase(peer);
}

void Heartbeat::heard(NodeId peer_id, const Evidence& evidence, Instant now) noexcept {
    auto found = peers_.find(peer_id);
    if (found == peers_.end()) return;
    Peer& peer = found->second;
    const bool was_suspect = suspect_from(peer, now) <= now;
    if (evidence.channel == Channel::probe) peer.asked = false;
    if (!peer.said.take(evidence, now)) return;
    peer.asked = false;
    if (was_suspect && suspect_from(peer, now) > now) peer.alive = now;
    if (evidence.channel == Channel::probe || evidence.channel == Channel::data_path)
        peer.pace.take(evidence.round_trip, patience_.slow_after, now);
}

Instant Heartbeat::suspect_from(const Peer& peer, Instant now) const {
    const Instant silent = peer.said.heard() + patience_.suspect_after;
    return std::min(silent, peer.said.shut(patience_.suspect_after, now).value_or(silent));
}

Opinion Heartbeat::suspicion(NodeId peer_id, Instant now) const noexcept {
    Opinion opinion;
    auto found = peers_.find(peer_id);
    if (found == peers_.end()) return opinion;
    const Peer& peer = found->second;

    const Instant suspect = suspect_from(peer, now), down = peer.said.heard() + patience_.down_after;
    if (down <= now) {
        opinion.state = PeerState::down;
        opinion.since = down;
    } else if (suspect <= now) {
        opinion.state = PeerState::suspect;
        opinion.since = suspect;
    } else {
        opinion.state = peer.pace.slow() ? PeerState::slow : PeerState::alive;
        opinion.since = std::max(peer.pace.since(), peer.alive);
    }
    // The strength is the silence in units of suspect_after.
    const std::int64_t silence = std::clamp<std::int64_t>((now - peer.said.heard()).us, 0, seconds(1'000'000).us);
    opinion.level_milli =
        static_cast<std::uint32_t>(std::min<std::int64_t>(silence * 1000 / patience_.suspect_after.us, 1'000'000'000));
    opinion.against = peer.said.against(patience_.suspect_after, patience_.down_after, now);
    return opinion;
}

std::vector<Probe> Heartbeat::due(Instant now) noexcept {
    std::vector<Probe> out;
    if (now < next_probes_) return out;
    next_probes_ = now + patience_.probe_every;
    for (auto& [id, peer] : peers_) {
        if (suspect_from(peer, now) > now) continue;
        if (peer.asked) peer.said.take(Evidence{Channel::probe, false, {}, 0, {}}, now);
        peer.asked = true;
        out.push_back(Probe{id, {}, patience_.probe_every});
    }
    return out;
}

void Heartbeat::paused(Duration away, Instant now) noexcept {
    if (away.us <= 0) return;
    const Instant slept{now.us - away.us};
    for (auto& [id, peer] : peers_) {
        const bool was_suspect = suspect_from(peer, slept) <= slept;
        peer.asked = false;  // its answer may have come while nobody listened
        peer.said.slept(away, now);
        if (!was_suspect && away >= patience_.suspect_after) peer.said.acquit(now);
    }
}

}  // namespace ashlar::heartbeat
