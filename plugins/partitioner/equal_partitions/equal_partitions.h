// Strategy 3 of the Dynamo paper: Q equal partitions, Q a power of two that never changes; nodes own whole ones.
//
// token = XXH3 of the key. A plan keeps every claim it can: the first ring is laid out so that any N partitions
// in a row lie on N nodes (and racks and data centres, where there are enough), and a later one moves exactly the
// claims that the new shares demand, each to a node that is not among its neighbours. One moved claim is one
// moved replica in each of the N preference lists it stands in, so nothing else moves. With no more nodes
// than N every node holds everything, moving claims costs nothing, and the ring is laid out anew. Shares follow
// capacity; measured loads do not change them.
//
// Pure, any thread, no state but Q. Source: DeCandia et al., Dynamo, SOSP 2007, section 6.2, strategy 3.
#pragma once

#include "ashlar/partitioner.h"

namespace ashlar::equal_partitions {

inline constexpr std::uint32_t partitions_max = 65'536;

class EqualPartitions final : public Partitioner {
public:
    /// `partitions`: a power of two from 1 to partitions_max.
    explicit EqualPartitions(std::uint32_t partitions) : partitions_(partitions) {}

    Token token(View key) const noexcept override;
    Result<Ring> plan(const PlanRequest& request) const noexcept override;

private:
    std::uint32_t partitions_;
};

}  // namespace ashlar::equal_partitions
