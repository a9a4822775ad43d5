// What every replicator promises of its walks: whom they name and in which order.
#include "placed.h"

namespace ashlar::contract {
namespace {

class WalkContract : public ReplicatorContract {};

TEST_P(WalkContract, IsClusterAffectingAndDeterministic) {
    EXPECT_NE(GetParam().descriptor->capabilities & Capability::deterministic, 0u);
    EXPECT_NE(GetParam().descriptor->capabilities & Capability::cluster_affecting, 0u);
}

TEST_P(WalkContract, WalksNameEveryNodeOnceOwnersFirst) {
    for (std::uint32_t nodes : {1u, 2u, 3u, 5u, 9u}) {
        const Ring ring = dealt(equals(nodes));
        for (std::uint64_t i = 0; i < 64; ++i) {
            const Walk w = walk(ring, (i << 58) + i * 12345, 3);
            EXPECT_EQ(w.owners, std::min(3u, nodes));
            EXPECT_EQ(w.nodes.size(), nodes) << "stand-ins are all the others";
            EXPECT_EQ(std::set<NodeId>(w.nodes.begin(), w.nodes.end()).size(), w.nodes.size());
            EXPECT_EQ(w.nodes.front(), ring.claims[i].owner);
        }
    }
}

/// Whatever the members and whoever made the ring: everybody with capacity once, and as many owners as there can be.
TEST_P(WalkContract, WalksOfGeneratedRingsAreWhole) {
    for (std::uint64_t seed = 0; seed < 150; ++seed) {
        SCOPED_TRACE(seed);
        sim::SeededRandom random(seed);
        const std::vector<Member> members = any_members(random);
        const auto replicas = static_cast<std::uint32_t>(1 + random.below(4));
        const Ring ring =
            planned(seed % 2 == 0 ? ashlar_plugin_partitioner_equal_partitions : ashlar_plugin_partitioner_hash_ring,
                    members, replicas);
        std::set<NodeId> able;
        std::map<std::string, std::uint32_t> in_centre;
        for (const Member& m : members)
            if (m.capacity > 0) {
                able.insert(m.node);
                ++in_centre[m.datacentre];
            }
        std::uint32_t owners = 0;
        for (const auto& [centre, nodes] : in_centre) owners += std::min(replicas, nodes);
        if (!GetParam().per_datacentre) owners = std::min(replicas, static_cast<std::uint32_t>(able.size()));
        const auto all = needs(ring, Level::all, replicas);
        ASSERT_TRUE(all);
        EXPECT_EQ(all->front().count, owners) << "levels count the owners the walk names";

        for (std::size_t p = 0; p < ring.claims.size(); ++p) {
            const Walk w = walk(ring, ring.claims[p].first, replicas);
            ASSERT_EQ(w.owners, owners);
            ASSERT_EQ(w.nodes.size(), able.size());
            ASSERT_EQ(std::set<NodeId>(w.nodes.begin(), w.nodes.end()), able);
            ASSERT_EQ(w.nodes.front(), ring.claims[p].owner) << "who claims a token is asked first";
            const Walk last = walk(ring, ring.range_of(p).last, replicas);
            ASSERT_EQ(w.nodes, last.nodes) << "one walk for all tokens of a partition";
        }
    }
}

TEST_P(WalkContract, WalksArePure) {
    const Made<Replicator> other(*GetParam().descriptor);
    const Ring ring = planned(ashlar_plugin_partitioner_hash_ring, equals(9, 2, 2), 3);
    for (const Claim& claim : ring.claims) {
        Walk again;
        other->walk(ring, claim.first, Replication{3, {}}, again);
        EXPECT_EQ(walk(ring, claim.first, 3).nodes, again.nodes);
    }
}

TEST_P(WalkContract, WalksGoClockwiseAndWrap) {
    const Ring ring = dealt(equals(5));
    for (std::size_t i = 0; i < ring.claims.size(); ++i) {
        const Walk w = walk(ring, ring.range_of(i).last, 3);
        EXPECT_EQ(w.nodes, contract::walk(ring, i, 5));
    }
}

TEST_P(WalkContract, MoreReplicasOnlyLengthenTheListOfOwners) {
    const Ring ring = dealt(equals(7, 3));
    for (std::uint32_t n = 1; n < 7; ++n) {
        EXPECT_EQ(walk(ring, 0, n).owners, n);
        EXPECT_EQ(walk(ring, 0, n).nodes, walk(ring, 0, n + 1).nodes);
    }
}

TEST_P(WalkContract, StandbysAreNobodysOwnersOrStandIns) {
    const Member standby = member(20, 0);
    const Ring ring = dealt(with(equals(2), standby));
    const Walk w = walk(ring, 5, 3);
    EXPECT_EQ(w.owners, 2u);
    EXPECT_EQ(std::count(w.nodes.begin(), w.nodes.end(), standby.node), 0);
    EXPECT_EQ(count(ring, Level::all, 3), 2u);
}

TEST_P(WalkContract, ANodeWithoutAClaimStillStandsIn) {
    Ring ring = dealt(equals(2));
    ring.members = with(ring.members, member(30, 1, "dc0"));
    const Walk w = walk(ring, 5, 3);
    EXPECT_EQ(w.nodes.size(), 3u);
    EXPECT_EQ(w.owners, 3u);
}

TEST_P(WalkContract, TheMemoryOfAWalkIsReused) {
    const Ring ring = dealt(equals(4));
    Walk w{std::vector<NodeId>(9, NodeId{77}), 9};
    replicator_->walk(ring, 0, Replication{3, {}}, w);
    EXPECT_EQ(w.nodes.size(), 4u);
    EXPECT_EQ(w.owners, 3u);
}

/// Equal nodes hold equal shares, not only of the claims but of all that they own.
TEST_P(WalkContract, OwnershipIsSpreadAsTheRingSpreadsIt) {
    const Ring ring = planned(ashlar_plugin_partitioner_equal_partitions, equals(8), 3);
    std::map<NodeId, std::uint32_t> owned;
    for (const Claim& claim : ring.claims) {
        const Walk w = walk(ring, claim.first, 3);
        for (std::uint32_t i = 0; i < w.owners; ++i) ++owned[w.nodes[i]];
    }
    for (const auto& [node, partitions] : owned) EXPECT_LE(partitions * 8 * 1000, 256 * 3 * 1030u);
}

INSTANTIATE_TEST_SUITE_P(, WalkContract, all_replicators, case_name);

}  // namespace
}  // namespace ashlar::contract
