// One peer as a detector that goes by silence sees it, with the probes of those in doubt and this node's own pauses:
// what such detectors share, so that they differ only in how long a silence they bear.
//
// Since when a peer is suspect is the detector's to say: the functions take it as `suspect_from(peer, now)`, later than
// `now` for a peer that is not.
//
// Loop only, integers only.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <vector>

#include "ashlar/failure_detector.h"
#include "kit/testimony.h"

namespace ashlar::kit {

struct Watched {
    Watched(std::uint32_t peer_incarnation, Instant now) : incarnation(peer_incarnation), said(now), alive(now) {}

    /// True if this is a sign of life.
    bool take(const Evidence& evidence, Instant now) {
        if (evidence.channel == Channel::probe) asked = false;
        if (!said.take(evidence, now)) return false;
        asked = false;
        return true;
    }
    /// A probe goes out; the one before it, if nothing has come back, has failed.
    void ask(Instant now) {
        if (asked) said.take(Evidence{Channel::probe, false, {}, 0, {}}, now);
        asked = true;
    }
    /// State and since when; the strength and the channels are left to fill in.
    Opinion opinion(Instant suspect, Instant down, Instant now) const {
        Opinion out;
        if (down <= now) {
            out.state = PeerState::down;
            out.since = down;
        } else if (suspect <= now) {
            out.state = PeerState::suspect;
            out.since = suspect;
        } else {
            out.state = pace.slow() ? PeerState::slow : PeerState::alive;
            out.since = std::max(pace.since(), alive);
        }
        return out;
    }
    /// From 0 to a million seconds.
    Duration silence(Instant now) const {
        return Duration{std::clamp<std::int64_t>((now - said.heard()).us, 0, seconds(1'000'000).us)};
    }

    std::uint32_t incarnation;
    Testimony said;
    Pace pace;
    Instant alive;       ///< since when it is not suspect
    bool asked = false;  ///< a probe is out and nothing has come back
};

/// A direct probe of each peer that is suspect or down. `Peer` is a Watched.
template <class Peer, class SuspectFrom>
std::vector<Probe> probe_suspects(std::map<NodeId, Peer>& peers, Duration timeout, Instant now,
                                  const SuspectFrom& suspect_from) {
    std::vector<Probe> out;
    for (auto& [id, peer] : peers) {
        if (suspect_from(peer, now) > now) continue;
        peer.ask(now);
        out.push_back(Probe{id, {}, timeout});
    }
    return out;
}

/// This node was away until now: that is nobody's silence, and after a pause as long as `patience` every peer that was
/// not suspect starts anew.
template <class Peer, class SuspectFrom>
void wake(std::map<NodeId, Peer>& peers, Duration away, Duration patience, Instant now,
          const SuspectFrom& suspect_from) {
    const Instant slept{now.us - away.us};
    for (auto& [id, peer] : peers) {
        const bool was_suspect = suspect_from(peer, slept) <= slept;
        peer.asked = false;  // its answer may have come while nobody listened
        peer.said.slept(away, now);
        if (!was_suspect && away >= patience) peer.said.acquit(now);
    }
}

}  // namespace ashlar::kit
