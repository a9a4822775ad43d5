// Rings of equal partitions: shape, quotas, weights, and changes of several nodes at once.
#include "equal_partitions.h"

#include <gtest/gtest.h>

#include <numeric>

#include "partitioner/rings.h"
#include "quota.h"

namespace {

using namespace ashlar;
using namespace ashlar::contract;

Ring plan(std::uint32_t partitions, const std::vector<Member>& members, const Ring* current = nullptr,
          std::uint32_t replicas = 3) {
    PlanRequest request;
    request.members = members;
    request.current = current;
    request.replicas = replicas;
    return equal_partitions::EqualPartitions(partitions).plan(request).value();
}

TEST(EqualPartitions, AreEqualAndBeginAtZero) {
    for (std::uint32_t partitions : {1u, 2u, 8u, 1024u, equal_partitions::partitions_max}) {
        const Ring ring = plan(partitions, equals(2));
        ASSERT_EQ(ring.claims.size(), partitions);
        for (std::uint64_t i = 0; i < partitions; ++i)
            EXPECT_EQ(ring.claims[i].first, partitions == 1 ? 0 : i * (~Token{0} / partitions + 1));
    }
}

TEST(EqualPartitions, MoreNodesThanPartitionsLeaveSomeWithout) {
    const Ring ring = plan(4, equals(9));
    EXPECT_EQ(ring.claims.size(), 4u);
    EXPECT_EQ(repeats(ring, 3), 0u);
    const Ring next = plan(4, equals(12), &ring);
    EXPECT_EQ(next.claims, ring.claims) << "nobody is owed a part";
}

TEST(EqualPartitions, QuotasAddUpAndRoundTowardsWhoOwns) {
    const auto members = equals(3);
    const std::vector<std::uint32_t> owned{3, 2, 3};
    EXPECT_EQ(equal_partitions::quotas(members, 8, owned), owned);
    std::vector<Member> odd{member(0, 7), member(1, 0), member(2, 1), member(3, 4'000'000'000)};
    const auto shares = equal_partitions::quotas(odd, 1024, std::vector<std::uint32_t>(4));
    EXPECT_EQ(std::accumulate(shares.begin(), shares.end(), 0u), 1024u);
    EXPECT_EQ(shares[1], 0u);
}

TEST(EqualPartitions, OtherCutsThanTheCurrentOnesArePlannedAnew) {
    const Ring small = plan(64, equals(4));
    const Ring ring = plan(128, equals(4), &small);
    EXPECT_EQ(ring.claims.size(), 128u);
    EXPECT_EQ(ring.epoch.value, 2u);
    EXPECT_EQ(ring.claims, plan(128, equals(4)).claims);
}

TEST(EqualPartitions, SeveralNodesAtOnceComeAndGo) {
    const auto before = equals(10);
    const Ring ring = plan(1024, before);
    auto after = before;
    for (std::uint32_t i = 10; i < 14; ++i) after = with(after, member(i));
    const Ring grown = plan(1024, after, &ring);
    EXPECT_LE(imbalance_milli(grown, 3), 1030u);
    std::uint64_t least = 0;
    for (std::uint32_t i = 10; i < 14; ++i) least += held(grown, 3)[member(i).node];
    EXPECT_LE(moved(ring, grown, 3) * 10, least * 11);
    const Ring back = plan(1024, before, &grown);
    EXPECT_LE(imbalance_milli(back, 3), 1030u);
    EXPECT_LE(moved(grown, back, 3) * 10, least * 11);
}

TEST(EqualPartitions, AWeightCanOwnMoreThanItsWindowPermits) {
    auto members = equals(4);
    members[0].capacity = 10;  // 10 of 13: it must stand beside itself, and every list must still name three
    const Ring ring = plan(256, members);
    EXPECT_EQ(held(ring, 1)[members[0].node] >> 24, 197u) << "10 of 13 of 256";
    for (std::size_t i = 0; i < ring.claims.size(); ++i) EXPECT_EQ(walk(ring, i, 3).size(), 3u);
}

TEST(EqualPartitions, ALongLifeStaysBalanced) {
    auto members = equals(8, 4);
    Ring ring = plan(1024, members);
    for (std::uint32_t i = 0; i < 60; ++i) {
        if (i % 3 != 1 || members.size() <= 6)
            members = with(members, member(100 + i, 1, "dc0", "rack" + std::to_string(i % 4)));
        else
            members = without(members, members[i * 7 % members.size()].node);
        if (members.size() > 24) members = without(members, members[i % members.size()].node);
        ring = plan(1024, members, &ring);
        ASSERT_LE(imbalance_milli(ring, 1), 1030u) << i;
        ASSERT_LE(imbalance_milli(ring, 3), 1040u) << i;
        ASSERT_LE(repeats(ring, 3), 8u) << i;
    }
}

}  // namespace
