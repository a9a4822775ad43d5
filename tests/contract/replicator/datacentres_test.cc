// What replicators promise that place a count in each data centre: the counts, the racks, and where stand-ins are
// found.
#include "placed.h"

namespace ashlar::contract {
namespace {

class DatacentreContract : public ReplicatorContract {
protected:
    static View centre_of(const Ring& ring, NodeId node) { return ring.member(node)->datacentre; }
    /// Owners of a walk in each data centre.
    static std::map<std::string, std::vector<NodeId>> owners(const Ring& ring, const Walk& w) {
        std::map<std::string, std::vector<NodeId>> out;
        for (std::uint32_t i = 0; i < w.owners; ++i) out[ring.member(w.nodes[i])->datacentre].push_back(w.nodes[i]);
        return out;
    }
};

/// Members with capacity in each rack of each data centre.
std::map<std::string, std::map<std::string, std::uint32_t>> able_by_rack(const Ring& ring) {
    std::map<std::string, std::map<std::string, std::uint32_t>> out;
    for (const Member& m : ring.members)
        if (m.capacity > 0) ++out[m.datacentre][m.rack];
    return out;
}

TEST_P(DatacentreContract, EveryDataCentreHasItsCountOnAsManyRacksAsItCan) {
    for (std::uint64_t seed = 0; seed < 150; ++seed) {
        SCOPED_TRACE(seed);
        sim::SeededRandom random(seed * 31 + 7);
        const Replication replication =
            seed % 3 == 0 ? Replication{static_cast<std::uint32_t>(1 + random.below(4)), {}}
                          : Replication{9, {{"dc0", 3}, {"dc2", static_cast<std::uint32_t>(1 + random.below(3))}}};
        const Ring ring =
            planned(seed % 2 == 0 ? ashlar_plugin_partitioner_equal_partitions : ashlar_plugin_partitioner_hash_ring,
                    any_members(random), 3);
        const auto able = able_by_rack(ring);
        for (const Claim& claim : ring.claims) {
            const auto placed = owners(ring, walk(ring, claim.first, replication));
            for (const auto& [centre, racks] : able) {
                std::uint32_t there = 0, wanted = replication.per_datacentre.empty() ? replication.replicas : 0;
                for (const auto& [rack, nodes] : racks) there += nodes;
                for (const auto& [name, count] : replication.per_datacentre)
                    if (name == centre) wanted = count;
                const auto found = placed.find(centre);
                const std::size_t has = found == placed.end() ? 0 : found->second.size();
                ASSERT_EQ(has, std::min(wanted, there)) << centre;
                if (has == 0) continue;
                std::set<std::string> distinct;
                for (NodeId node : found->second) distinct.insert(ring.member(node)->rack);
                ASSERT_EQ(distinct.size(), std::min<std::size_t>(has, racks.size())) << centre;
            }
        }
    }
}

TEST_P(DatacentreContract, OneNumberMeansSoManyInEveryDataCentre) {
    const Ring ring = planned(ashlar_plugin_partitioner_equal_partitions, equals(12, 2, 3), 9);
    EXPECT_EQ(walk(ring, 0, 3).owners, 9u);
    EXPECT_EQ(count(ring, Level::all, 3), 9u);
    EXPECT_EQ(count(ring, Level::quorum, 3), 5u);
    EXPECT_EQ(count(ring, Level::local_one, 3), 1u);
    EXPECT_EQ(count(ring, Level::local_quorum, 3), 2u);
    EXPECT_EQ(count(ring, Level::each_quorum, 3), 6u);
    EXPECT_EQ(needs(ring, Level::each_quorum, 3)->size(), 3u);
}

TEST_P(DatacentreContract, LocalLevelsAskTheCoordinatorsDataCentre) {
    const Ring ring = dealt(equals(8, 1, 2));
    const Replication replication{3, {{"dc0", 3}, {"dc1", 1}}};
    for (const auto& [centre, of] : replication.per_datacentre) {
        const auto quorum = needs(ring, Level::local_quorum, replication, 0, centre);
        ASSERT_TRUE(quorum);
        ASSERT_EQ(quorum->size(), 1u);
        EXPECT_EQ(quorum->front().datacentre, centre);
        EXPECT_EQ(quorum->front().of, of);
        EXPECT_EQ(quorum->front().count, of / 2 + 1);
        EXPECT_EQ(needs(ring, Level::local_one, replication, 0, centre)->front().datacentre, centre);
    }
    EXPECT_EQ(needs(ring, Level::quorum, replication)->front().count, 3u) << "of four in all";
    EXPECT_TRUE(needs(ring, Level::quorum, replication)->front().datacentre.empty());
}

TEST_P(DatacentreContract, EachQuorumAsksAMajorityOfEach) {
    const Ring ring = dealt(equals(10, 1, 2));
    const auto each = needs(ring, Level::each_quorum, Replication{3, {{"dc0", 3}, {"dc1", 2}}});
    ASSERT_TRUE(each);
    std::map<std::string, std::uint32_t> counts;
    for (const Need& need : *each) counts[need.datacentre] = need.count;
    EXPECT_EQ(counts, (std::map<std::string, std::uint32_t>{{"dc0", 2}, {"dc1", 2}}));
}

TEST_P(DatacentreContract, WhatADataCentreCannotGiveIsRefusedByName) {
    const Ring ring = dealt(equals(8, 1, 2));
    const Replication east{3, {{"dc0", 3}}}, lost{3, {{"dc0", 3}, {"dc7", 2}}};
    expect_refused(needs(ring, Level::each_quorum, east), {"each_quorum", "3 in dc0"});
    expect_refused(needs(ring, Level::local_one, east, 0, "dc1"), {"'dc1'", "3 in dc0"});
    expect_refused(needs(ring, Level::each_quorum, lost), {"'dc7'", "no node"});
    expect_refused(needs(ring, Level::local_quorum, lost, 0, "dc7"), {"'dc7'"});
    expect_refused(needs(ring, Level::count, Replication{3, {{"dc0", 3}, {"dc1", 2}}}, 6),
                   {"6", "3 in dc0 and 2 in dc1", "1 to 5"});
    EXPECT_EQ(needs(ring, Level::quorum, lost)->front().of, 3u) << "those there are";
    const auto none = needs(ring, Level::one, Replication{3, {{"dc7", 2}}});
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().code, Code::unavailable);
}

/// Whoever is absent, the first of its data centre behind the owners stands in: all data centres are found quickly.
TEST_P(DatacentreContract, StandInsOfAllDataCentresTakeTurns) {
    const Ring ring = planned(ashlar_plugin_partitioner_equal_partitions, equals(15, 2, 3), 3);
    for (const Claim& claim : ring.claims) {
        const Walk w = walk(ring, claim.first, 2);
        ASSERT_EQ(w.owners, 6u);
        for (std::size_t i = w.owners; i + 3 <= w.nodes.size(); i += 3) {
            std::set<View> three;
            for (std::size_t k = i; k < i + 3; ++k) three.insert(centre_of(ring, w.nodes[k]));
            ASSERT_EQ(three.size(), 3u);
        }
    }
}

TEST_P(DatacentreContract, NodesOfOtherDataCentresStandInLast) {
    const Ring ring = dealt(equals(8, 1, 2));
    for (const Claim& claim : ring.claims) {
        const Walk w = walk(ring, claim.first, Replication{9, {{"dc1", 2}}});
        ASSERT_EQ(w.owners, 2u);
        ASSERT_EQ(w.nodes.size(), 8u);
        for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(centre_of(ring, w.nodes[i]), "dc1");
    }
}

/// Equal nodes of equal data centres hold near equal shares when the ring deals them out in turn.
TEST_P(DatacentreContract, SharesAreEvenInsideADataCentre) {
    const Ring ring = planned(ashlar_plugin_partitioner_equal_partitions, equals(12, 1, 2), 6);
    std::map<NodeId, std::uint32_t> owned;
    for (const Claim& claim : ring.claims) {
        const Walk w = walk(ring, claim.first, 3);
        for (std::uint32_t i = 0; i < w.owners; ++i) ++owned[w.nodes[i]];
    }
    std::uint32_t busiest = 0;
    for (const auto& [node, partitions] : owned) busiest = std::max(busiest, partitions);
    RecordProperty("busiest_over_mean_milli", static_cast<int>(busiest * 12 * 1000 / (256 * 6)));
    EXPECT_LE(busiest * 12 * 1000, 256 * 6 * 1250u);
}

INSTANTIATE_TEST_SUITE_P(, DatacentreContract,
                         testing::Values(ReplicatorCase{&ashlar_plugin_replicator_datacentre_aware, true}), case_name);

}  // namespace
}  // namespace ashlar::contract
