// What every partitioner promises, measured on rings of many shapes.
#include <gtest/gtest.h>

#include <ostream>
#include <string>

#include "made.h"
#include "partitioner/rings.h"

extern "C" {
extern const ashlar::Descriptor ashlar_plugin_partitioner_equal_partitions;
extern const ashlar::Descriptor ashlar_plugin_partitioner_hash_ring;
extern const ashlar::Descriptor ashlar_plugin_partitioner_ordered;
}

namespace ashlar::contract {
namespace {

struct PartitionerCase {
    const Descriptor* descriptor;
    Overrides settings;
    std::uint64_t imbalance_milli;  ///< busiest over mean, at 32 claims or more for every node
    std::uint64_t moved_milli;      ///< of the least possible, when a node joins or leaves
    bool hashed;                    ///< tokens tell nothing of their keys, and spread evenly
    bool chosen;                    ///< claims are dealt out: neighbours differ, a successor takes its predecessor's
};
void PrintTo(const PartitionerCase& c, std::ostream* out) {
    *out << c.descriptor->name;
}

class PartitionerContract : public testing::TestWithParam<PartitionerCase> {
protected:
    Ring plan(const std::vector<Member>& members, const Ring* current = nullptr, std::uint32_t replicas = 3) {
        PlanRequest request;
        request.members = members;
        request.current = current;
        request.replicas = replicas;
        Result<Ring> ring = partitioner_->plan(request);
        EXPECT_TRUE(ring) << ring.error().detail;
        return ring ? *ring : Ring{};
    }
    /// Claims alone, and all that a node holds as one of so many replicas.
    void expect_balanced(const Ring& ring, std::uint32_t replicas = 3) {
        EXPECT_LE(imbalance_milli(ring, 1), GetParam().imbalance_milli);
        EXPECT_LE(imbalance_milli(ring, replicas), GetParam().imbalance_milli);
    }

    Made<Partitioner> partitioner_{*GetParam().descriptor, GetParam().settings};
};

void expect_sound(const Ring& ring, const std::vector<Member>& members) {
    EXPECT_EQ(ring.members, members);
    ASSERT_FALSE(ring.claims.empty());
    EXPECT_EQ(ring.claims.front().first, 0u) << "the circle is covered from 0";
    for (std::size_t i = 0; i < ring.claims.size(); ++i) {
        if (i > 0) {
            EXPECT_LT(ring.claims[i - 1].first, ring.claims[i].first);
        }
        const Member* owner = ring.member(ring.claims[i].owner);
        ASSERT_NE(owner, nullptr);
        EXPECT_GT(owner->capacity, 0u);
    }
}

TEST_P(PartitionerContract, IsPure) {
    EXPECT_NE(GetParam().descriptor->capabilities & Capability::deterministic, 0u);
    EXPECT_NE(GetParam().descriptor->capabilities & Capability::cluster_affecting, 0u);
    Made<Partitioner> other(*GetParam().descriptor, GetParam().settings);
    EXPECT_EQ(partitioner_->token("key"), other->token("key"));
    const auto members = equals(7, 3, 2);
    const Ring first = plan(members);
    PlanRequest request;
    request.members = members;
    EXPECT_EQ(*other->plan(request), first);
}

TEST_P(PartitionerContract, TokensSpreadOverTheCircle) {
    if (!GetParam().hashed) GTEST_SKIP() << "it keeps the order of keys";
    std::array<int, 16> sixteenth{};
    for (int i = 0; i < 16'000; ++i) ++sixteenth[partitioner_->token("key" + std::to_string(i)) >> 60];
    for (int count : sixteenth) EXPECT_NEAR(count, 1000, 200);
}

TEST_P(PartitionerContract, RingsAreSound) {
    for (std::uint32_t nodes : {1u, 2u, 3u, 4u, 5u, 10u, 31u}) {
        const auto members = equals(nodes);
        const Ring ring = plan(members);
        EXPECT_EQ(ring.epoch.value, 1u);
        expect_sound(ring, members);
        EXPECT_EQ(plan(members, &ring).epoch.value, 2u);
        for (std::size_t i = 0; i < ring.claims.size(); ++i)
            EXPECT_EQ(walk(ring, i, 3).size(), std::min<std::size_t>(3, nodes));
    }
}

TEST_P(PartitionerContract, NobodyWithCapacityIsRefusedInWords) {
    PlanRequest request;
    EXPECT_EQ(partitioner_->plan(request).error().code, Code::invalid_request);
    const std::vector<Member> standby{member(1, 0)};
    request.members = standby;
    EXPECT_EQ(partitioner_->plan(request).error().code, Code::invalid_request);
    EXPECT_FALSE(partitioner_->plan(request).error().detail.empty());
}

TEST_P(PartitionerContract, StandbysOwnNothing) {
    const auto members = with(equals(4), member(9, 0));
    expect_sound(plan(members), members);
}

TEST_P(PartitionerContract, SharesAreEqual) {
    for (std::uint32_t nodes : {2u, 3u, 4u, 5u, 7u, 12u, 20u, 31u, 32u}) expect_balanced(plan(equals(nodes)));
}

TEST_P(PartitionerContract, SharesFollowCapacity) {
    std::vector<Member> members;
    for (std::uint32_t i = 0; i < 9; ++i) members.push_back(member(i, 1 + i % 3));
    EXPECT_LE(imbalance_milli(plan(sorted(members)), 1), GetParam().imbalance_milli);
}

TEST_P(PartitionerContract, TheSameMembersMoveNothing) {
    const auto members = equals(6, 3);
    const Ring ring = plan(members);
    EXPECT_EQ(plan(members, &ring).claims, ring.claims);
}

TEST_P(PartitionerContract, JoiningMovesLittleMoreThanItMust) {
    for (std::uint32_t replicas : {2u, 3u}) {
        std::vector<Member> members = equals(1);
        Ring ring = plan(members, nullptr, replicas);
        for (std::uint32_t i = 1; i < 16; ++i) {
            members = with(members, member(i));
            const Ring next = plan(members, &ring, replicas);
            expect_sound(next, members);
            const std::uint64_t least = held(next, replicas)[member(i).node];
            EXPECT_LE(moved(ring, next, replicas) * 1000, least * GetParam().moved_milli) << i + 1 << " nodes";
            ring = next;
        }
        expect_balanced(ring, replicas);
    }
}

TEST_P(PartitionerContract, LeavingMovesLittleMoreThanItMust) {
    for (std::uint32_t replicas : {2u, 3u}) {
        std::vector<Member> members = equals(16);
        Ring ring = plan(members, nullptr, replicas);
        while (members.size() > replicas) {
            const NodeId gone = members[members.size() / 2].node;
            const std::uint64_t least = held(ring, replicas)[gone];
            members = without(members, gone);
            const Ring next = plan(members, &ring, replicas);
            expect_sound(next, members);
            EXPECT_LE(moved(ring, next, replicas) * 1000, least * GetParam().moved_milli) << members.size() << " nodes";
            if (members.size() >= 2 * replicas - 1) expect_balanced(next, replicas);
            // Fewer leave no room to keep neighbours apart without moving more: a little balance is the price.
            EXPECT_LE(imbalance_milli(next, 1), GetParam().imbalance_milli);
            EXPECT_LE(imbalance_milli(next, replicas), GetParam().imbalance_milli * 11 / 10);
            ring = next;
        }
    }
}

TEST_P(PartitionerContract, ReplacingMovesTheShareOfTheTwo) {
    const auto before = equals(9, 3);
    const Ring ring = plan(before);
    const NodeId gone = before[4].node;
    const auto after = with(without(before, gone), member(50, 1, before[4].datacentre, before[4].rack));
    const Ring next = plan(after, &ring);
    // Where chance places nodes, the newcomer's places are others than the leaver's: both shares move.
    const std::uint64_t least = held(ring, 3)[gone] + (GetParam().chosen ? 0 : held(next, 3)[member(50).node]);
    EXPECT_LE(moved(ring, next, 3) * 1000, least * GetParam().moved_milli);
    expect_balanced(next);
}

TEST_P(PartitionerContract, AHeavierNodeGetsItsShare) {
    auto members = equals(8);
    const Ring ring = plan(members);
    members[2].capacity = 2;
    const Ring next = plan(members, &ring);
    expect_balanced(next);
    const auto before = held(ring, 3), after = held(next, 3);
    const std::uint64_t least = after.at(members[2].node) - before.at(members[2].node);
    EXPECT_LE(moved(ring, next, 3), 2 * least) << "its old claims stand in the way of new ones, so some go round";
}

TEST_P(PartitionerContract, NeighboursAreDistinctNodes) {
    if (!GetParam().chosen) GTEST_SKIP() << "its claims fall where chance puts them; the walk skips repeats";
    for (std::uint32_t replicas : {2u, 3u, 5u})
        for (std::uint32_t nodes = replicas; nodes <= 20; ++nodes) {
            // Where N nodes own everything in turn, a power of two is no multiple of N: the wrap repeats.
            const std::size_t allowed = nodes <= replicas + 2 ? replicas - 1 : 0;
            EXPECT_LE(repeats(plan(equals(nodes), nullptr, replicas), replicas), allowed) << nodes << " nodes";
        }
}

TEST_P(PartitionerContract, NeighboursStayDistinctWhenNodesComeAndGo) {
    if (!GetParam().chosen) GTEST_SKIP() << "its claims fall where chance puts them; the walk skips repeats";
    auto members = equals(5);
    Ring ring = plan(members);
    for (std::uint32_t i = 5; i < 14; ++i) {
        members = with(members, member(i));
        ring = plan(members, &ring);
        EXPECT_EQ(repeats(ring, 3), 0u) << members.size() << " nodes";
    }
    while (members.size() > 6) {
        members = without(members, members[members.size() / 3].node);
        ring = plan(members, &ring);
        EXPECT_EQ(repeats(ring, 3), 0u) << members.size() << " nodes";
    }
}

TEST_P(PartitionerContract, NeighboursAreDistinctRacksAndDataCentres) {
    if (!GetParam().chosen) GTEST_SKIP() << "its claims fall where chance puts them";
    const auto members = equals(12, 2, 3);  // three data centres of two racks of two nodes
    for (std::uint32_t replicas : {3u, 6u}) {
        const Ring ring = plan(members, nullptr, replicas);
        std::size_t crowded = 0;
        for (std::size_t i = 0; i + replicas <= ring.claims.size(); ++i) {
            std::set<std::string> centres, racks;
            for (std::size_t k = 0; k < replicas; ++k) {
                const Member* m = ring.member(ring.claims[i + k].owner);
                centres.insert(m->datacentre);
                racks.insert(m->datacentre + m->rack);
            }
            crowded += centres.size() < 3 || racks.size() < replicas ? 1 : 0;
        }
        EXPECT_LE(crowded, replicas) << "but where the wrap forbids it";
    }
}

INSTANTIATE_TEST_SUITE_P(
    , PartitionerContract,
    testing::Values(PartitionerCase{&ashlar_plugin_partitioner_equal_partitions, {}, 1030, 1100, true, true},
                    PartitionerCase{&ashlar_plugin_partitioner_hash_ring, {}, 1350, 1001, true, false},
                    PartitionerCase{
                        &ashlar_plugin_partitioner_ordered, {{"alphabet", "bytes"}}, 1035, 1100, false, true}),
    [](const auto& made) { return std::string(made.param.descriptor->name); });

}  // namespace
}  // namespace ashlar::contract
