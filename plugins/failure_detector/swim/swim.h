// SWIM with Lifeguard's local health: who does not answer is asked again through others, then suspected, and is down
// when nothing refutes that in time.
//
// Each period one peer is probed directly, in shuffled turns. Without an answer within `probe_timeout`, `helpers`
// others are asked to probe it (or, if there are none, it once more); without one from them either it is suspect. A
// suspicion ends with any fresh sign of life (an answer, a heartbeat counter that advanced, a newer incarnation by
// watch()); patience.h says how long it waits for one. Besides its turn, a peer is probed at once when there is reason:
// it is suspect, a request to it failed, somebody accuses it, or no heartbeat of it came for three periods; at most
// probes_max in a period.
//
// This node doubts itself (Doubt): when a probe of a peer fails that nobody suspected and most helpers kept silent too,
// and when it was paused. Doubt stretches its time-outs and the patience with suspects; each answered probe lessens it.
//
// What is reported against a peer, and slowness, are as in the other detectors (kit/testimony.h): a direct way that
// keeps failing for five periods makes a peer suspect though others vouch for it; slow is who mostly takes
// `slow_factor` times as long as usual, for itself or, while little is known of it, for the fleet.
//
// Promise: a peer that falls silent for good, while this node does not doubt itself and no more than probes_max peers
// are in doubt, is down within 4 periods + 2 x probe_timeout + patience (patience.h; with the defaults 9.5 s of three
// nodes, 11.8 s of five when three accuse it and 25.3 s when nobody does), and the moments between calls of due(). Of
// two nodes, where nobody can vouch for this one, the patience is doubled: 14 s.
//
// Loop only; integers only; chance from the host. Unknown peers are ignored and thought alive.
// Source: Das, Gupta and Motivala, "SWIM: scalable weakly-consistent infection-style process group membership
// protocol", DSN 2002; Dadgar, Phillips and Currey, "Lifeguard: local health awareness for more accurate failure
// detection", 2018.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "ashlar/failure_detector.h"
#include "kit/testimony.h"
#include "patience.h"
#include "turns.h"

namespace ashlar::swim {

inline constexpr std::size_t probes_max = 32;  ///< for a reason, in one period, besides the one whose turn it is

class Swim final : public FailureDetector {
public:
    Swim(const Rules& rules, Random& random)
        : rules_(rules), random_(random), turns_(random), doubt_(rules.doubt_max) {}

    void watch(NodeId peer, std::uint32_t incarnation, Instant now) noexcept override;
    void forget(NodeId peer) noexcept override;
    void heard(NodeId peer, const Evidence& evidence, Instant now) noexcept override;
    Opinion suspicion(NodeId peer, Instant now) const noexcept override;
    std::vector<Probe> due(Instant now) noexcept override;
    void paused(Duration away, Instant now) noexcept override;

private:
    struct Peer {
        std::uint32_t incarnation;
        kit::Testimony said;
        kit::Pace pace;
        Instant alive;   ///< since when it is not suspect
        Instant probed;  ///< when it was last probed
        std::optional<Suspicion> suspicion;
        bool look = false;  ///< something happened that calls for a probe
    };
    /// A probe under way.
    struct Round {
        Instant sent;
        Instant until;  ///< of the direct probe, then of the helpers
        bool asked = false;
        std::size_t helpers = 0;      ///< that were asked
        std::vector<NodeId> waiting;  ///< for these of them
    };

    Duration keeps() const { return Duration{rules_.period.us * 5}; }    ///< a way must fail for so long
    Duration silence() const { return Duration{rules_.period.us * 3}; }  ///< heartbeats do not stay away so long
    Duration words_last() const { return Duration{rules_.period.us * 30}; }
    bool down(const Peer& peer, Instant now) const { return peer.suspicion && peer.suspicion->until <= now; }
    bool suspect(const Peer& peer, Instant now) const;

    void revive(NodeId id, Peer& peer, const Evidence& evidence, Instant now);
    void confirm(Peer& peer, Instant now);
    void doubt_more(std::int64_t by, Instant now);
    void end_unanswered(NodeId id, const Round& round, Instant now);
    std::vector<NodeId> choose_helpers(NodeId target, Instant now);
    std::vector<NodeId> in_doubt(Instant now) const;
    void start_rounds(Instant now, std::vector<Probe>& out);

    Rules rules_;
    Random& random_;
    std::map<NodeId, Peer> peers_;
    std::map<NodeId, Round> rounds_;
    Turns turns_;
    Doubt doubt_;
    kit::Usual fleet_;
    Instant next_period_;
};

}  // namespace ashlar::swim
