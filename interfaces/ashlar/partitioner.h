// Contract of a partitioner: keys to tokens, members to rings.
//
// Pure and deterministic: the same arguments give the same answer on every node, compiler and day (no
// floating point, std::hash or <random> in a decision). Cluster-affecting: nodes with different
// partitioners or settings of theirs refuse each other. Source: DeCandia et al., Dynamo, SOSP 2007, 6.2.
#pragma once

#include <cstdint>
#include <span>

#include "ashlar/result.h"
#include "ashlar/ring.h"
#include "ashlar/types.h"

namespace ashlar {

/// Measured weight of one claim of the current ring, in any unit as long as all use the same.
struct ClaimLoad {
    std::uint64_t requests = 0;
    std::uint64_t bytes = 0;
};

struct PlanRequest {
    std::span<const Member> members;    ///< who should share the ring, sorted by node, at least one with capacity
    const Ring* current = nullptr;      ///< nullptr before the first ring
    std::span<const ClaimLoad> loads;   ///< one per claim of `current`, or empty: spread by capacity alone
    std::uint32_t replicas = 3;         ///< the largest N in use: so many consecutive claims should differ
};

class Partitioner {
public:
    virtual ~Partitioner() = default;

    /// Position of a key of 1 byte or more. Any thread; the hottest call of all: no allocation.
    virtual Token token(View key) const noexcept = 0;

    /// The next ring: epoch of current + 1 (1 if none), members as given, claims covering the circle.
    /// Moves as little as it can: a node that joins or leaves should move at most 1.1 x the least
    /// possible. Any `replicas` consecutive claims lie on distinct nodes, and on distinct racks and data
    /// centres, where the members allow it. Loop or lane; may take milliseconds.
    /// Fails with invalid_request if no member has capacity.
    virtual Result<Ring> plan(const PlanRequest& request) const noexcept = 0;
};

}  // namespace ashlar
