// Fixed silence: who was not heard for so long is suspect, and after a longer while down.
//
// Any sign of life counts, whichever way it came (kit/testimony.h says what is one). Besides, a direct way that keeps
// failing for `suspect_after` makes a peer suspect though gossip still brings its heartbeats round: this node cannot
// use it. Failures and accusations never convict by themselves; they are reported as the channels that speak
// against the peer, and the member room decides with two sources. Peers in doubt are probed, so that a silent
// peer has its second channel against it, and one whose gossip was merely lost can say so. Slow is who gives
// mostly answers that take `slow_after` or longer.
//
// A pause of this node's own counts for nobody's silence, and one as long as `suspect_after` lets every peer that
// was not suspect start anew: who was asleep convicts nobody.
//
// Promise: a peer that falls silent for good is down `down_after` after it was last heard.
//
// Loop only. Unknown peers are ignored and thought alive.
#pragma once

#include <map>

#include "ashlar/failure_detector.h"
#include "kit/watched.h"

namespace ashlar::heartbeat {

struct Patience {
    Duration suspect_after = seconds(5);
    Duration down_after = seconds(10);
    Duration slow_after = seconds(1);
    Duration probe_every = seconds(1);
};

class Heartbeat final : public FailureDetector {
public:
    explicit Heartbeat(const Patience& patience) : patience_(patience) {}

    void watch(NodeId peer, std::uint32_t incarnation, Instant now) noexcept override;
    void forget(NodeId peer) noexcept override;
    void heard(NodeId peer, const Evidence& evidence, Instant now) noexcept override;
    Opinion suspicion(NodeId peer, Instant now) const noexcept override;
    /// A direct probe of each peer that is suspect or down, every `probe_every`.
    std::vector<Probe> due(Instant now) noexcept override;
    void paused(Duration away, Instant now) noexcept override;

private:
    /// Since when this peer is suspect, going by what is known now; later than `now` if it is not.
    Instant suspect_from(const kit::Watched& peer, Instant now) const;

    Patience patience_;
    std::map<NodeId, kit::Watched> peers_;
    Instant next_probes_;
};

}  // namespace ashlar::heartbeat
