// Fixed silence: who was not heard for so long is suspect, and after a longer while down.
//
// Any sign of life counts, whichever way it came: a gossip counter that advanced (one that did not is an echo), an
// answered probe or request. Besides, a direct way that keeps failing for `suspect_after` makes a peer suspect
// though gossip still brings its heartbeats round: this node cannot use it. Failures and accusations never
// convict by themselves; they are reported as the channels that speak against the peer, and the member room
// decides with two sources. Three slow answers in a row make a peer slow, one quick one ends that.
//
// A pause of this node's own counts for nobody's silence, and one as long as `suspect_after` lets every peer that
// was not suspect start anew: who was asleep convicts nobody.
//
// Loop only; listens only, so due() is always empty. Unknown peers are ignored and thought alive.
#pragma once

#include <map>

#include "ashlar/failure_detector.h"

namespace ashlar::heartbeat {

struct Patience {
    Duration suspect_after = seconds(5);
    Duration down_after = seconds(10);
    Duration slow_after = seconds(1);
};

class Heartbeat final : public FailureDetector {
public:
    explicit Heartbeat(const Patience& patience) : patience_(patience) {}

    void watch(NodeId peer, std::uint32_t incarnation, Instant now) noexcept override;
    void forget(NodeId peer) noexcept override;
    void heard(NodeId peer, const Evidence& evidence, Instant now) noexcept override;
    Opinion suspicion(NodeId peer, Instant now) const noexcept override;
    std::vector<Probe> due(Instant now) noexcept override;
    void paused(Duration away, Instant now) noexcept override;

private:
    /// A way to the peer on which failures follow each other; `since` the first of them.
    struct Way {
        bool failing = false;
        Instant since;
    };
    struct Peer {
        std::uint32_t incarnation = 0;
        std::uint64_t heartbeat = 0;
        Instant heard;     ///< last sign of life, on any channel
        Instant advanced;  ///< last gossip
        Instant alive;     ///< since when it is not suspect
        Instant slow;      ///< since when its answers are slow
        std::uint32_t slow_answers = 0;
        Way probe, indirect, data_path;
        std::map<NodeId, Instant> accusers;
    };
    /// Since when this peer is suspect, going by what is known now; later than `now` if it is not.
    Instant suspect_from(const Peer& peer) const;
    void alive(Peer& peer, const Evidence& evidence, Instant now);
    void failed(Peer& peer, const Evidence& evidence, Instant now);

    Patience patience_;
    std::map<NodeId, Peer> peers_;
};

}  // namespace ashlar::heartbeat
