// Whom to ask: the preference list seen through who is there. Pure.
//
// Papers: DeCandia et al., Dynamo, SOSP 2007, 4.6 (sloppy quorum: the first N healthy nodes, hints for the absent).
#pragma once

#include <vector>

#include "ashlar/failure_detector.h"
#include "ashlar/replicator.h"

namespace ashlar::request {

/// What is known of the nodes, as whoever chooses sees it.
class Health {
public:
    virtual PeerState state(NodeId node) const = 0;
    /// Where it stands; empty when nobody has told.
    virtual View datacentre(NodeId) const { return {}; }
    /// Whether it was ever heard of.
    virtual bool known(NodeId) const { return true; }
    /// The highest counter it may have named a version by; 0 when nobody has told.
    virtual std::uint64_t counters(NodeId) const { return 0; }
    bool near(NodeId a, NodeId b) const { return datacentre(a) == datacentre(b); }

protected:
    ~Health() = default;
};

/// A node to ask. As a stand-in it keeps a hint for the owner that is absent.
struct Target {
    NodeId node;
    NodeId absent;  ///< {0}: it is an owner itself
    bool owner() const { return absent.value == 0; }
    bool operator==(const Target&) const = default;
};

bool is_owner(const Walk& walk, NodeId node);

/// Of a write: every owner that is not down, `self` first; then for each owner that is, a stand-in. An owner for
/// whom there is no stand-in is not named. A stand-in of the owner's data centre is preferred.
void choose_writers(const Walk& walk, NodeId self, const Health& health, std::vector<Target>& out);

/// Of a read, in the order of asking: `self` if it is an owner, healthy owners, slow and suspected ones, of each those
/// near `self` first; if stand-ins count, one for each owner that is down. Whoever asks takes as many as it needs and goes on when one fails.
void choose_readers(const Walk& walk, NodeId self, const Health& health, bool sloppy, std::vector<Target>& out);

/// Who may stand in for `owner` beside those already asked; a target without a node when nobody is left.
Target next_stand_in(const Walk& walk, NodeId owner, const Health& health, const std::vector<NodeId>& asked);

}  // namespace ashlar::request
