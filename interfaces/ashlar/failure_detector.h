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
    Duration wait{0};             ///< for an answer; a helper says "no answer" at three quarters of it
};

class FailureDetector {
public:
    virtual ~FailureDetector() = default;
    /// Starts watching a peer, or restarts with a newer incarnation; it begins alive. For a watched peer the same or
    /// an older incarnation says nothing new and changes nothing.
    virtual void watch(NodeId peer, std::uint32_t incarnation, Instant now) noexcept = 0;
    virtual void forget(NodeId peer) noexcept = 0;
    virtual void heard(NodeId peer, const Evidence& evidence, Instant now) noexcept = 0;
    virtual Opinion suspicion(NodeId peer, Instant now) const noexcept = 0;
    /// Probes due now, at most one per call per peer; to be asked a few times in each second. How each ends is
    /// told with heard(): an answer, or a time-out or refusal with alive = false. An indirect probe has one such end
    /// per helper, who is its witness: a helper that says "no answer" vouches for this node's own ears. A
    /// detector waits by its own settings, so an end that never comes counts as a time-out.
    virtual std::vector<Probe> due(Instant now) noexcept = 0;
    /// The loop was away for so long until now (pause, SIGSTOP): silence during it proves nothing. To be told
    /// on waking, before anything else is heard or asked.
    virtual void paused(Duration away, Instant now) noexcept = 0;
};

}  // namespace ashlar
