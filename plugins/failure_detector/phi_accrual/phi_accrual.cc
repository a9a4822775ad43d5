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
    peers_.insert_or_assign(peer, Peer{kit::Watched(incarnation, now), none, limits(none)});
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

void PhiAccrual::heard(NodeId peer_id, const Evidence& evidence, Instant now) noexcept {
    auto found = peers_.find(peer_id);
    if (found == peers_.end()) return;
    Peer& peer = found->second;
    const bool was_suspect = suspect_from(peer, now) <= now;
    const Instant last_advance = peer.said.advanced();
    if (!peer.take(evidence, now)) return;
    if (evidence.channel == Channel::gossip) learn(peer, last_advance, now);
    if (was_suspect && suspect_from(peer, now) > now) peer.alive = now;
    if (evidence.channel != Channel::probe && evidence.channel != Channel::data_path) return;
    const Duration slow = peer.pace.slow_from(fleet_, thresholds_.slow_factor, thresholds_.slow_floor);
    if (evidence.round_trip < slow) fleet_.take(evidence.round_trip);
    peer.pace.take(evidence.round_trip, slow, now);
}

Opinion PhiAccrual::suspicion(NodeId peer_id, Instant now) const noexcept {
    auto found = peers_.find(peer_id);
    if (found == peers_.end()) return {};
    const Peer& peer = found->second;
    Opinion opinion = peer.opinion(suspect_from(peer, now), peer.said.heard() + peer.limits.down, now);
    opinion.level_milli = static_cast<std::uint32_t>(
        phi_milli((peer.silence(now) - peer.limits.mean).us * 1000 / peer.limits.deviation.us));
    opinion.against = peer.said.against(peer.limits.suspect, thresholds_.down_at_most, now);
    return opinion;
}

std::vector<Probe> PhiAccrual::due(Instant now) noexcept {
    if (now < next_probes_) return {};
    next_probes_ = now + thresholds_.probe_every;
    return kit::probe_suspects(peers_, thresholds_.probe_every, now,
                               [&](const auto& peer, Instant at) { return suspect_from(peer, at); });
}

void PhiAccrual::paused(Duration away, Instant now) noexcept {
    if (away.us <= 0) return;
    kit::wake(peers_, away, thresholds_.acceptable_pause, now,
              [&](const auto& peer, Instant at) { return suspect_from(peer, at); });
    teaches_from_ = now + thresholds_.first_interval;
}

}  // namespace ashlar::phi_accrual
