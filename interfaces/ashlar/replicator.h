// Contract of a replicator: which nodes hold a token, and how many must answer.
//
// Pure and deterministic, any thread, cluster-affecting. A table's replication says N; the ring has
// members; where the ring (or the data centre, for counts per data centre) has fewer than N members the list
// names all of them and levels count those.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "ashlar/result.h"
#include "ashlar/ring.h"
#include "ashlar/types.h"

namespace ashlar {

/// The preference list of a token: its owners in order, then the stand-ins that step in for them.
struct Walk {
    std::vector<NodeId> nodes;  ///< each node once
    std::uint32_t owners = 0;   ///< the first so many are owners
};

/// Acknowledgements one group of owners owes.
struct Need {
    std::string datacentre;        ///< empty: owners anywhere
    std::uint32_t count = 0;       ///< so many must answer
    std::uint32_t of = 0;          ///< out of so many owners
    bool hints_count = false;      ///< level any: a hint kept by a stand-in is an answer too
};

class Replicator {
public:
    virtual ~Replicator() = default;

    /// Fills `walk` (whose memory is reused) for a token. Called once per partition and epoch, then cached.
    virtual void walk(const Ring& ring, Token token, const Replication& replication, Walk& walk) const noexcept = 0;

    /// What a level asks, seen from a coordinator in `datacentre`: every group must be satisfied. Fails
    /// with invalid_request, in a sentence that says what is possible (more than the owners there are, an
    /// unknown data centre, a level this replicator does not know).
    virtual Result<std::vector<Need>> needs(const Consistency& consistency, const Ring& ring,
                                            const Replication& replication, View datacentre) const noexcept = 0;

    /// Refuses a replication this replicator cannot place, in words: called when a table is made.
    virtual Result<void> check(const Replication& replication) const noexcept = 0;
};

}  // namespace ashlar
