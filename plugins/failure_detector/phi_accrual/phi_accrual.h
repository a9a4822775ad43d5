// Phi accrual: suspicion grows with silence, measured by how regularly this very peer's heartbeats used to come.
//
// A window of heartbeat intervals per peer (arrivals.h) gives mean and deviation; phi (phi.h) says how unlikely the
// silence since the last sign of life is. A peer is suspect from `suspect_phi` on. It is down when the silence,
// less the acceptable pause, has reached `down_phi`: a peer that stops for a garbage collection or a log rotation is
// avoided, not condemned. However irregular its heartbeats were, a silence of `down_at_most` is enough.
//
// What else makes a peer suspect or slow and what is reported against it is as in the other detectors
// (kit/testimony.h): a direct way that keeps failing for the acceptable pause makes it suspect though gossip brings
// its heartbeats; peers in doubt are probed. Slow is who mostly takes `slow_factor` times as long as usual, for
// itself or, while little is known of it, for the fleet, and `slow_floor` at least.
//
// A pause of this node's own counts for nobody's silence and is no interval; one as long as the acceptable pause
// lets every peer that was not suspect start anew. Intervals longer than the acceptable pause plus the mean are
// outages, not habits, and teach nothing.
//
// Promise: a peer that falls silent for good is down within `down_at_most` of being heard last, and after regular
// heartbeats within mean + acceptable_pause + y(down_phi) x deviation_min (8.8 s with the defaults and one a second).
//
// Loop only; integers only. Unknown peers are ignored and thought alive.
// Source: Hayashibara, Defago, Yared and Katayama, "The phi accrual failure detector", SRDS 2004.
#pragma once

#include <map>

#include "arrivals.h"
#include "ashlar/failure_detector.h"
#include "kit/watched.h"

namespace ashlar::phi_accrual {

struct Thresholds {
    std::int64_t suspect_phi_milli = 3000;
    std::int64_t down_phi_milli = 8000;
    Duration deviation_min = milliseconds(500);
    Duration acceptable_pause = seconds(5);
    Duration down_at_most = seconds(20);
    Duration first_interval = seconds(1);
    std::size_t window = 200;
    std::int64_t slow_factor = 10;
    Duration slow_floor = milliseconds(200);
    Duration probe_every = seconds(1);
};

class PhiAccrual final : public FailureDetector {
public:
    explicit PhiAccrual(const Thresholds& thresholds);

    void watch(NodeId peer, std::uint32_t incarnation, Instant now) noexcept override;
    void forget(NodeId peer) noexcept override;
    void heard(NodeId peer, const Evidence& evidence, Instant now) noexcept override;
    Opinion suspicion(NodeId peer, Instant now) const noexcept override;
    /// A direct probe of each peer that is suspect or down, every `probe_every`.
    std::vector<Probe> due(Instant now) noexcept override;
    void paused(Duration away, Instant now) noexcept override;

private:
    /// What this peer's habits allow, counted from when it was last heard.
    struct Limits {
        Duration mean, deviation, suspect, down;
    };
    struct Peer : kit::Watched {
        Arrivals arrivals;
        Limits limits;  ///< of the arrivals so far
    };
    Limits limits(const Arrivals& arrivals) const;
    Instant suspect_from(const Peer& peer, Instant now) const;
    void learn(Peer& peer, Instant last_advance, Instant now);

    Thresholds thresholds_;
    std::int64_t suspect_y_milli_, down_y_milli_;  ///< the deviations at which phi reaches the thresholds
    std::map<NodeId, Peer> peers_;
    kit::Usual fleet_;
    Instant next_probes_;
    Instant teaches_from_;  ///< heartbeats that gathered while this node slept come in a burst and teach nothing
};

}  // namespace ashlar::phi_accrual
