#include "heartbeat.h"

#include <algorithm>

namespace ashlar::heartbeat {

void Heartbeat::watch(NodeId peer, std::uint32_t incarnation, Instant now) noexcept {
    auto found = peers_.find(peer);
    if (found != peers_.end() && incarnation <= found->second.incarnation) return;
    peers_.insert_or_assign(peer, kit::Watched(incarnation, now));
}

void Heartbeat::forget(NodeId peer) noexcept {
    peers_.erase(peer);
}

void Heartbeat::heard(NodeId peer_id, const Evidence& evidence, Instant now) noexcept {
    auto found = peers_.find(peer_id);
    if (found == peers_.end()) return;
    kit::Watched& peer = found->second;
    const bool was_suspect = suspect_from(peer, now) <= now;
    if (!peer.take(evidence, now)) return;
    if (was_suspect && suspect_from(peer, now) > now) peer.alive = now;
    if (evidence.channel == Channel::probe || evidence.channel == Channel::data_path)
        peer.pace.take(evidence.round_trip, patience_.slow_after, now);
}

Instant Heartbeat::suspect_from(const kit::Watched& peer, Instant now) const {
    const Instant silent = peer.said.heard() + patience_.suspect_after;
    return std::min(silent, peer.said.shut(patience_.suspect_after, now).value_or(silent));
}

Opinion Heartbeat::suspicion(NodeId peer_id, Instant now) const noexcept {
    auto found = peers_.find(peer_id);
    if (found == peers_.end()) return {};
    const kit::Watched& peer = found->second;
    Opinion opinion = peer.opinion(suspect_from(peer, now), peer.said.heard() + patience_.down_after, now);
    // The strength is the silence in units of suspect_after.
    opinion.level_milli = static_cast<std::uint32_t>(
        std::min<std::int64_t>(peer.silence(now).us * 1000 / patience_.suspect_after.us, 1'000'000'000));
    opinion.against = peer.said.against(patience_.suspect_after, patience_.down_after, now);
    return opinion;
}

std::vector<Probe> Heartbeat::due(Instant now) noexcept {
    if (now < next_probes_) return {};
    next_probes_ = now + patience_.probe_every;
    return kit::probe_suspects(peers_, patience_.probe_every, now,
                               [&](const auto& peer, Instant at) { return suspect_from(peer, at); });
}

void Heartbeat::paused(Duration away, Instant now) noexcept {
    if (away.us <= 0) return;
    kit::wake(peers_, away, patience_.suspect_after, now,
              [&](const auto& peer, Instant at) { return suspect_from(peer, at); });
}

}  // namespace ashlar::heartbeat
