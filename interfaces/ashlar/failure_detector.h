// Contract of a failure detector: evidence in, suspicion out.
//
// It owns no clock and sends nothing: the member room feeds it and asks it, on the loop. It judges one
// observer's view; that a node is down only when two independent sources agree is decided above it
// (kernel/member), from the opinions and sources it reports.
#pragma once

#include <cstdint>
#include <vector>

#include "ashlar/result.h"
#include "ashlar/types.h"

namespace ashlar {

/// Where a piece of evidence came from. Two different kinds are independent channels.
enum class Channel : std::uint8_t {
    gossip,      ///< a heartbeat counter that advanced, however it travelled
    probe,       ///< a direct probe we sent
    indirect,    ///< a probe another node sent for us
    data_path,   ///< a replica request
    word,        ///< what another node says about the peer
};

struct Evidence {
    Channel channel = Channel::gossip;
    bool alive = true;           ///< an answer or an advance; false: a time-out, a refusal, an accusation
    NodeId witness;              ///< who saw it: this node, or the helper or accuser
    std::uint64_t heartbeat = 0; ///< gossip: the counter seen
    Duration round_trip{0};      ///< probe and data_path: how long the answer took
};

enum class PeerState : std::uint8_t { alive, slow, suspect, down };

/// What the detector thinks of a peer and why.
struct Opinion {
    PeerState state = PeerState::alive;
    Instant since;                     ///< when it entered this state
    std::uint32_t level_milli = 0;     ///< strength of the suspicion, detector's own unit x 1000
    std::vector<Channel> against;      ///< channels that speak against the peer now
};

/// What to send next.
struct Probe {
    NodeId target;
    std::vector<NodeId> helpers;  ///< empty: probe directly; else ask these to probe for us
};

class FailureDetector {
public:
    virtual ~FailureDetector() = default;
    /// Starts (or restarts, with a new incarnation) watching a peer; it begins alive.
    virtual void watch(NodeId peer, std::uint32_t incarnation, Instant now) noexcept = 0;
    virtual void forget(NodeId peer) noexcept = 0;
    virtual void heard(NodeId peer, const Evidence& evidence, Instant now) noexcept = 0;
    virtual Opinion suspicion(NodeId peer, Instant now) const noexcept = 0;
    /// Probes due now, at most one per call per peer; empty for detectors that only listen.
    virtual std::vector<Probe> due(Instant now) noexcept = 0;
    /// The loop was away for so long (pause, SIGSTOP): silence during it proves nothing.
    virtual void paused(Duration away, Instant now) noexcept = 0;
};

}  // namespace ashlar
