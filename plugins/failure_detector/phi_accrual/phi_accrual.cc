#include "phi_accrual.h"

#include <algorithm>

#include "phi.h"

namespace ashlar::phi_accrual {

PhiAccrual::PhiAccrual(const Thresholds& thresholds)
    : thresholds_(thresholds),
      suspect_y_milli_(y_milli_of(thresholds.suspect_phi_milli)),
      down_y_milli_(y_milli_of(thresholds.down_phi_milli)) {}

void PhiAccrual::watch(NodeId peer, std::uint32_t incarnation, Instant now) noexcept {
    auto found = peers_.find(peer);
    if (found != peers_.end() && incarnation <= found->second.incarnation) return;
    const Arrivals none(thresholds_.window, thresholds_.first_interval);
    peers_.insert_or_assign(peer, Peer{incarnation, kit::Testimony(now), {}, none, limits(none), now});
}

void PhiAccrual::forget(NodeId peer) noexcept {
    peers_.erase(peer);
}

PhiAccrual::Limits PhiAccrual::limits(const Arrivals& arrivals) const {
    Limits out;
    out.mean = arrivals.mean();
    out.deviation = std::max(arrivals.deviation(), thresholds_.deviation_min);
    auto at = [&](std::int64_t y_milli) { return out.mean + Duration{out.deviation.us * y_milli / 1000}; };
    out.down = std::min(at(down_y_milli_) + thresholds_.acceptable_pause, thresholds_.down_at_most);
    out.suspect = std::min(at(suspect_y_milli_), out.down - thresholds_.acceptable_pause);
    return out;
}

Instant PhiAccrual::suspect_from(const Peer& peer, Instant now) const {
    const Instant silent = peer.said.heard() + peer.limits.suspect;
    return std::min(silent, peer.said.shut(thresholds_.acceptable_pause, now).value_or(silent));
}

void PhiAccrual::learn(Peer& peer, Instant last_advance, Instant now) {
    const Duration interval = now - last_advance;
    if (now < teaches_from_ || interval > peer.limits.mean + thresholds_.acceptable_pause) return;
    peer.arrivals.add(interval);
    peer.limits = limits(peer.arrivals);
}

Duration PhiAccrual::slow_from(const Peer& peer) const {
    if (!peer.pace.usual().known() && !fleet_.known()) return seconds(3600);
    const Duration usual = peer.pace.usual().known() ? peer.pace.usual().value() : fleet_.value();
    return std::max(thresholds_.slow_floor, Duration{usual.us * thresholds_.slow_factor});
}

void PhiAccrual::heard(NodeId peer_id, const Evidence& evidence, Instant now) noexcept {
    auto found = peers_.find(peer_id);
    if (found == peers_.end()) return;
    Peer& peer = found->second;
    const bool was_suspect = suspect_from(peer, now) <= now;
    const Instant last_advance = peer.said.advanced();
    if (evidence.channel == Channel::probe) peer.asked = false;
    if (!peer.said.take(evidence, now)) return;
    peer.asked = false;
    if (evidence.channel == Channel::gossip) learn(peer, last_advance, now);
    if (was_suspect && suspect_from(peer, now) > now) peer.alive = now;
    if (evidence.channel != Channel::probe && evidence.channel != Channel::data_path) return;
    const Duration slow = slow_from(peer);
    if (evidence.round_trip < slow) fleet_.take(evidence.round_trip);
    peer.pace.take(evidence.round_trip, slow, now);
}

Opinion PhiAccrual::suspicion(NodeId peer_id, Instant now) const noexcept {
    Opinion opinion;
    auto found = peers_.find(peer_id);
    if (found == peers_.end()) return opinion;
    const Peer& peer = found->second;

    const Instant suspect = suspect_from(peer, now), down = peer.said.heard() + peer.limits.down;
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
    const std::int64_t silence = std::clamp<std::int64_t>((now - peer.said.heard()).us, 0, seconds(1'000'000).us);
    opinion.level_milli =
        static_cast<std::uint32_t>(phi_milli((silence - peer.limits.mean.us) * 1000 / peer.limits.deviation.us));
    opinion.against = peer.said.against(peer.limits.suspect, thresholds_.down_at_most, now);
    return opinion;
}

std::vector<Probe> PhiAccrual::due(Instant now) noexcept {
    std::vector<Probe> out;
    if (now < next_probes_) return out;
    next_probes_ = now + thresholds_.probe_every;
    for (auto& [id, peer] : peers_) {
        if (suspect_from(peer, now) > now) continue;
        if (peer.asked) peer.said.take(Evidence{Channel::probe, false, {}, 0, {}}, now);
        peer.asked = true;
        out.push_back(Probe{id, {}, thresholds_.probe_every});
    }
    return out;
}

void PhiAccrual::paused(Duration away, Instant now) noexcept {
    if (away.us <= 0) return;
    const Instant slept{now.us - away.us};
    for (auto& [id, peer] : peers_) {
        const bool was_suspect = suspect_from(peer, slept) <= slept;
        peer.asked = false;  // its answer may have come while nobody listened
        peer.said.slept(away, now);
        if (!was_suspect && away >= thresholds_.acceptable_pause) peer.said.acquit(now);
    }
    teaches_from_ = now + thresholds_.first_interval;
}

}  // namespace ashlar::phi_accrual
