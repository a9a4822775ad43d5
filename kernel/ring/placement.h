// Where a table's keys live: the replicator's walk per partition and the needs per level, worked out once per
// ring. Thrown away and made anew when the ring or the table's replication changes.
//
// Paper: DeCandia et al., Dynamo, SOSP 2007, 4.3 (preference list). Loop only.
#pragma once

#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "ashlar/replicator.h"

namespace ashlar::ring {

/// What a level asks of one table's owners. Shared with the orders that count by it.
struct Needs {
    std::vector<Need> groups;
    std::uint32_t needed = 0;  ///< answers in all
};

/// Where the coordinator stands.
struct Seat {
    NodeId self;
    std::string datacentre;
};

class Placement {
public:
    Placement(std::shared_ptr<const Ring> ring, const Replicator& replicator, Replication replication, Seat seat);

    /// The preference list of a token; valid as long as this placement.
    const Walk& walk(Token token);
    /// Fails as Replicator::needs does.
    Result<std::shared_ptr<const Needs>> needs(const Consistency& consistency);
    const Ring& ring() const { return *ring_; }
    /// The data centre of a member; empty for a stranger.
    View datacentre_of(NodeId node) const;

private:
    std::shared_ptr<const Ring> ring_;
    const Replicator& replicator_;
    Replication replication_;
    Seat seat_;
    std::vector<Walk> walks_;  ///< by partition; one without nodes is not worked out yet
    /// Only what the replicator granted is kept, so the owners bound its size.
    std::map<std::pair<Level, std::uint32_t>, std::shared_ptr<const Needs>> needs_;
};

}  // namespace ashlar::ring
