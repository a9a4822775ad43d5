// What every replicator promises: whom it names, in which order, and how many must answer.
#include <gtest/gtest.h>

#include <ostream>
#include <string>

#include "ashlar/replicator.h"
#include "made.h"
#include "partitioner/rings.h"

extern "C" {
extern const ashlar::Descriptor ashlar_plugin_replicator_simple;
}

namespace ashlar::contract {
namespace {

struct ReplicatorCase {
    const Descriptor* descriptor;
    bool per_datacentre;  ///< places a count in each data centre
};
void PrintTo(const ReplicatorCase& c, std::ostream* out) {
    *out << c.descriptor->name;
}

/// 64 claims, dealt out in turn.
Ring ring_of(std::vector<Member> members) {
    Ring ring{Epoch{1}, std::move(members), {}};
    std::vector<NodeId> able;
    for (const Member& m : ring.members)
        if (m.capacity > 0) able.push_back(m.node);
    for (std::uint64_t i = 0; i < 64 && !able.empty(); ++i) ring.claims.push_back({i << 58, able[i * 7 % able.size()]});
    return ring;
}

class ReplicatorContract : public testing::TestWithParam<ReplicatorCase> {
protected:
    Walk walk(const Ring& ring, Token token, std::uint32_t replicas) const {
        Walk out;
        replicator_->walk(ring, token, Replication{replicas, {}}, out);
        return out;
    }
    Result<std::vector<Need>> needs(const Ring& ring, Level level, std::uint32_t replicas,
                                    std::uint32_t count = 0) const {
        return replicator_->needs(Consistency{level, count}, ring, Replication{replicas, {}}, "dc0");
    }
    /// Acknowledgements in all; 0 if refused.
    std::uint32_t count(const Ring& ring, Level level, std::uint32_t replicas, std::uint32_t asked = 0) const {
        const auto result = needs(ring, level, replicas, asked);
        std::uint32_t sum = 0;
        if (!result) return 0;
        for (const Need& need : *result) {
            EXPECT_LE(need.count, need.of);
            sum += need.count;
        }
        return sum;
    }
    void expect_refused(const Result<std::vector<Need>>& result) const {
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().code, Code::invalid_request);
        EXPECT_FALSE(result.error().detail.empty());
    }

    Made<Replicator> replicator_{*GetParam().descriptor};
};

TEST_P(ReplicatorContract, IsClusterAffectingAndDeterministic) {
    EXPECT_NE(GetParam().descriptor->capabilities & Capability::deterministic, 0u);
    EXPECT_NE(GetParam().descriptor->capabilities & Capability::cluster_affecting, 0u);
}

TEST_P(ReplicatorContract, WalksNameEveryNodeOnceOwnersFirst) {
    for (std::uint32_t nodes : {1u, 2u, 3u, 5u, 9u}) {
        const Ring ring = ring_of(equals(nodes));
        for (std::uint64_t i = 0; i < 64; ++i) {
            const Walk w = walk(ring, (i << 58) + i * 12345, 3);
            EXPECT_EQ(w.owners, std::min(3u, nodes));
            EXPECT_EQ(w.nodes.size(), nodes) << "stand-ins are all the others";
            EXPECT_EQ(std::set<NodeId>(w.nodes.begin(), w.nodes.end()).size(), w.nodes.size());
            EXPECT_EQ(w.nodes.front(), ring.claims[i].owner);
        }
    }
}

TEST_P(ReplicatorContract, WalksGoClockwiseAndWrap) {
    const Ring ring = ring_of(equals(5));
    for (std::size_t i = 0; i < ring.claims.size(); ++i) {
        const Walk w = walk(ring, ring.range_of(i).last, 3);
        EXPECT_EQ(w.nodes, contract::walk(ring, i, 5));
    }
}

TEST_P(ReplicatorContract, MoreReplicasOnlyLengthenTheListOfOwners) {
    const Ring ring = ring_of(equals(7));
    for (std::uint32_t n = 1; n < 7; ++n) {
        EXPECT_EQ(walk(ring, 0, n).owners, n);
        EXPECT_EQ(walk(ring, 0, n).nodes, walk(ring, 0, n + 1).nodes);
    }
}

TEST_P(ReplicatorContract, StandbysAreNobodysOwnersOrStandIns) {
    const Member standby = member(20, 0);
    const Ring ring = ring_of(with(equals(2), standby));
    const Walk w = walk(ring, 5, 3);
    EXPECT_EQ(w.owners, 2u);
    EXPECT_EQ(std::count(w.nodes.begin(), w.nodes.end(), standby.node), 0);
    EXPECT_EQ(count(ring, Level::all, 3), 2u);
}

TEST_P(ReplicatorContract, ANodeWithoutAClaimStillStandsIn) {
    Ring ring = ring_of(equals(2));
    ring.members = with(ring.members, member(30));
    const Walk w = walk(ring, 5, 3);
    EXPECT_EQ(w.nodes.size(), 3u);
    EXPECT_EQ(w.owners, 3u);
}

TEST_P(ReplicatorContract, TheMemoryOfAWalkIsReused) {
    const Ring ring = ring_of(equals(4));
    Walk w{std::vector<NodeId>(9, NodeId{77}), 9};
    replicator_->walk(ring, 0, Replication{3, {}}, w);
    EXPECT_EQ(w.nodes.size(), 4u);
    EXPECT_EQ(w.owners, 3u);
}

TEST_P(ReplicatorContract, LevelsCountWhatTheySay) {
    const Ring ring = ring_of(equals(6));
    for (std::uint32_t n = 1; n <= 5; ++n) {
        EXPECT_EQ(count(ring, Level::one, n), 1u);
        EXPECT_EQ(count(ring, Level::quorum, n), n / 2 + 1);
        EXPECT_EQ(count(ring, Level::all, n), n);
        EXPECT_EQ(count(ring, Level::local_one, n), 1u);
        for (std::uint32_t k = 1; k <= n; ++k) EXPECT_EQ(count(ring, Level::count, n, k), k);
        EXPECT_GE(count(ring, Level::all, n), count(ring, Level::quorum, n));
        EXPECT_GE(count(ring, Level::quorum, n), count(ring, Level::one, n));
        EXPECT_GT(2 * count(ring, Level::quorum, n), n) << "any two quorums meet";
    }
    EXPECT_EQ(count(ring, Level::two, 3), 2u);
    EXPECT_EQ(count(ring, Level::three, 3), 3u);
    EXPECT_EQ(count(ring, Level::local_quorum, 3), 2u);
    EXPECT_EQ(count(ring, Level::each_quorum, 3), 2u) << "one data centre";
}

TEST_P(ReplicatorContract, AnyTakesAHint) {
    const auto result = needs(ring_of(equals(4)), Level::any, 3);
    ASSERT_TRUE(result);
    ASSERT_EQ(result->size(), 1u);
    EXPECT_EQ(result->front().count, 1u);
    EXPECT_TRUE(result->front().hints_count);
    EXPECT_FALSE(needs(ring_of(equals(4)), Level::one, 3)->front().hints_count);
}

TEST_P(ReplicatorContract, SmallRingsCountTheNodesThereAre) {
    const Ring one = ring_of(equals(1));
    EXPECT_EQ(count(one, Level::quorum, 3), 1u);
    EXPECT_EQ(count(one, Level::all, 3), 1u);
    EXPECT_EQ(needs(one, Level::quorum, 3)->front().of, 1u);
    EXPECT_EQ(count(ring_of(equals(2)), Level::quorum, 3), 2u);
}

TEST_P(ReplicatorContract, WhatCannotBeIsRefusedWithTheNumbers) {
    const Ring ring = ring_of(equals(2));
    expect_refused(needs(ring, Level::three, 3));
    EXPECT_NE(needs(ring, Level::three, 3).error().detail.find('2'), std::string::npos);
    expect_refused(needs(ring, Level::count, 3, 0));
    expect_refused(needs(ring, Level::count, 3, 3));
    expect_refused(needs(ring, static_cast<Level>(99), 3));
    expect_refused(needs(ring, Level::table_default, 3));
    EXPECT_FALSE(needs(ring_of({}), Level::one, 3));
}

TEST_P(ReplicatorContract, ReplicationsItCannotPlaceAreRefused) {
    EXPECT_TRUE(replicator_->check(Replication{3, {}}));
    EXPECT_FALSE(replicator_->check(Replication{0, {}}));
    EXPECT_FALSE(replicator_->check(Replication{1'000'000, {}}));
    EXPECT_EQ(replicator_->check(Replication{3, {{"east", 2}}}).has_value(), GetParam().per_datacentre);
}

TEST_P(ReplicatorContract, EachQuorumIsNotPromisedWhereItIsNotKept) {
    if (GetParam().per_datacentre) GTEST_SKIP() << "it keeps it";
    expect_refused(needs(ring_of(equals(4, 1, 2)), Level::each_quorum, 3));
}

INSTANTIATE_TEST_SUITE_P(, ReplicatorContract, testing::Values(ReplicatorCase{&ashlar_plugin_replicator_simple, false}),
                         [](const auto& made) { return std::string(made.param.descriptor->name); });

}  // namespace
}  // namespace ashlar::contract
