// The hash ring: places follow from the node alone, as many as it has capacity.
#include "hash_ring.h"

#include <gtest/gtest.h>

#include "partitioner/rings.h"

namespace {

using namespace ashlar;
using namespace ashlar::contract;

Result<Ring> ring_of(std::uint32_t tokens, const std::vector<Member>& members) {
    PlanRequest request;
    request.members = members;
    return hash_ring::HashRing(tokens).plan(request);
}

TEST(HashRing, PlacesDependOnNoOtherNode) {
    const Ring alone = *ring_of(16, {member(1)}), among = *ring_of(16, equals(5));
    for (const Claim& claim : alone.claims) {
        const bool cut = claim.first == 0;  // not a place of its own
        EXPECT_TRUE(cut || std::find(among.claims.begin(), among.claims.end(), claim) != among.claims.end());
    }
}

TEST(HashRing, CapacityAddsPlacesAndTakesNoneAway) {
    const Ring light = *ring_of(16, {member(1)}), heavy = *ring_of(16, {member(1, 3)});
    EXPECT_EQ(light.claims.size(), 17u) << "and the cut at 0";
    EXPECT_EQ(heavy.claims.size(), 49u);
    for (const Claim& claim : light.claims)
        EXPECT_NE(std::find(heavy.claims.begin(), heavy.claims.end(), claim), heavy.claims.end());
}

TEST(HashRing, TheCutAtZeroGoesOnWithTheLastOwner) {
    const Ring ring = *ring_of(16, equals(5));
    EXPECT_EQ(ring.claims.front().first, 0u);
    EXPECT_EQ(ring.claims.front().owner, ring.claims.back().owner);
}

TEST(HashRing, RingsThatWouldBeHugeAreRefusedWithTheNumbers) {
    const Result<Ring> ring = ring_of(128, {member(1, 4'000'000'000)});
    ASSERT_FALSE(ring);
    EXPECT_EQ(ring.error().code, Code::invalid_request);
    EXPECT_NE(ring.error().detail.find("4000000000"), std::string::npos);
}

}  // namespace
