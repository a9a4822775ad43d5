// Consistent hashing as in the original notes: every node stands at many random places of the ring (virtual nodes),
// and a token belongs to the place it follows.
//
// A node's places are hashes of its id and a running number, `tokens` of them for each unit of capacity, so they
// depend on no other node: who joins or leaves moves only its own share, and a ring follows from its members
// alone. Chance spreads them: with 128 a node's share varies by about 9 % around the mean (one part in the
// square root of the count). The circle is cut at token 0 too, where the owner of the last place goes on, so
// that no range wraps.
//
// Pure, any thread, no state but the setting. Source: Karger et al., "Consistent Hashing and Random Trees", 1997;
// DeCandia et al., Dynamo, SOSP 2007, section 6.2, strategy 1.
#pragma once

#include "ashlar/partitioner.h"

namespace ashlar::hash_ring {

inline constexpr std::uint64_t claims_max = 1u << 20;  ///< in all; a ring is kept in memory and sent to peers

class HashRing final : public Partitioner {
public:
    explicit HashRing(std::uint32_t tokens) : tokens_(tokens) {}

    Token token(View key) const noexcept override;
    /// Fails with invalid_request also when tokens times capacity would make more than claims_max claims.
    Result<Ring> plan(const PlanRequest& request) const noexcept override;

private:
    std::uint32_t tokens_;  ///< places of a node of capacity 1
};

}  // namespace ashlar::hash_ring
