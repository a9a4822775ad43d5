// Who is there and how well: the roster that gossip spreads, and what this node makes of it.
//
// Every node writes its own roster entry and passes on the others' (incarnation, then heartbeat, tells the newer).
// Each second a digest goes to a few random peers and now and then to a seed; a peer answers with what it knows
// better and asks for what it knows less of. Detector plugins are fed from all this, from probes (direct, and through
// helpers) and from the data path, and give this observer's opinion of each peer; a peer is *down* only when two
// independent sources agree (verdict.h). Nodes that compute otherwise than this one are refused (gate.h). A node that
// was away for more than three rounds takes nobody's silence for proof and condemns nobody for five.
//
// Deterministic: no clock but Turn::now, no chance but the given one. Bounded: wire::members_max nodes, messages
// below 64 KiB, a bounded number of probes. Nothing here fails: what is malformed, refused or too much is counted.
// Decides liveness only, never ownership. Loop only.
// Papers: van Renesse et al., "A gossip-style failure detection service", 1998; DeCandia et al., Dynamo, 4.8; Das et
// al., "SWIM", 2002.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "ashlar/failure_detector.h"
#include "ashlar/host.h"
#include "port/turn.h"
#include "wire/message.h"

namespace ashlar::member {

struct Rules {
    std::string cluster;             ///< cluster.name, for words
    std::vector<std::string> seeds;  ///< background addresses, host:port
    Duration gossip_interval = seconds(1);
    std::uint32_t gossip_peers = 2;       ///< random peers told per round
    Duration probe_timeout = seconds(1);  ///< of probes that no detector asked for
};

/// One peer as the operator sees it.
struct Standing {
    const wire::RosterEntry* entry = nullptr;
    PeerState state = PeerState::alive;  ///< as decided here, from all sources
    Opinion own;                         ///< this node's detector alone
    std::vector<NodeId> accusers;        ///< others, believed alive, that find it suspect or down
    Instant heard;                       ///< when it was last heard of
};

class Members {
public:
    Members(FailureDetector& detector, Random& random, Log& log, Meter& meter, Rules rules, wire::RosterEntry self);
    ~Members();
    Members(const Members&) = delete;
    Members& operator=(const Members&) = delete;

    /// Messages of the background road that are the roster's; true if it was one.
    bool hear(const port::Turn& turn, const wire::Sender& from, const wire::Message& message);
    /// A replica request to a peer was answered in time, or was not.
    void data_path(NodeId peer, bool alive, Duration round_trip, const Now& now);
    /// Call whenever the loop turns; does nothing before due(). Much later than due() means this node was away.
    void pump(const port::Turn& turn);
    Instant due() const;

    /// Tells every node that is not down that this one stops, so that they need no silence to avoid it.
    void farewell(const port::Turn& turn);

    /// What this node says of itself; spread with the next round. Its identity, heartbeat and accusations are kept
    /// here; the rest is whoever's it is.
    wire::RosterEntry& self();
    const wire::RosterEntry& self() const;

    /// This node itself is always alive; a node nobody has heard of is down.
    PeerState state(NodeId node) const;
    /// Whether to ask it first: alive, not slow, not suspect.
    bool healthy(NodeId node) const { return state(node) == PeerState::alive; }
    /// nullptr: never heard of. Valid until the next call that is not const.
    const wire::RosterEntry* entry(NodeId node) const;
    /// Where a road to a node ends; an empty address while it is unknown.
    port::Peer peer(NodeId node, port::Road road) const;
    /// All that are known, this node too, sorted by node.
    std::vector<Standing> standings() const;
    /// Whom this node turned away last for its plugins or protocols, and why; empty: nobody.
    const std::string& newest_refusal() const;
    /// Counts up whenever state() of some node or an address may have changed.
    std::uint64_t changes() const;

private:
    struct Room;
    std::unique_ptr<Room> room_;
};

}  // namespace ashlar::member
