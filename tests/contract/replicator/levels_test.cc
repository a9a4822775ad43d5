// What every replicator promises of consistency levels: how many must answer, and what is refused in which words.
#include "placed.h"

namespace ashlar::contract {
namespace {

class LevelContract : public ReplicatorContract {};

TEST_P(LevelContract, LevelsCountWhatTheySay) {
    const Ring ring = dealt(equals(6));
    for (std::uint32_t n = 1; n <= 5; ++n) {
        EXPECT_EQ(count(ring, Level::one, n), 1u);
        EXPECT_EQ(count(ring, Level::quorum, n), n / 2 + 1);
        EXPECT_EQ(count(ring, Level::all, n), n);
        EXPECT_EQ(count(ring, Level::local_one, n), 1u);
        EXPECT_EQ(count(ring, Level::local_quorum, n), n / 2 + 1) << "one data centre: the same as quorum";
        for (std::uint32_t k = 1; k <= n; ++k) EXPECT_EQ(count(ring, Level::count, n, k), k);
        EXPECT_GE(count(ring, Level::all, n), count(ring, Level::quorum, n));
        EXPECT_GE(count(ring, Level::quorum, n), count(ring, Level::one, n));
        EXPECT_GT(2 * count(ring, Level::quorum, n), n) << "any two quorums meet";
    }
    EXPECT_EQ(count(ring, Level::two, 3), 2u);
    EXPECT_EQ(count(ring, Level::three, 3), 3u);
}

TEST_P(LevelContract, AnyTakesAHint) {
    const auto result = needs(dealt(equals(4)), Level::any, 3);
    ASSERT_TRUE(result);
    ASSERT_EQ(result->size(), 1u);
    EXPECT_EQ(result->front().count, 1u);
    EXPECT_TRUE(result->front().hints_count);
    for (Level level :
         {Level::one, Level::two, Level::three, Level::quorum, Level::all, Level::local_one, Level::local_quorum})
        EXPECT_FALSE(needs(dealt(equals(4)), level, 3)->front().hints_count);
}

TEST_P(LevelContract, SmallRingsCountTheNodesThereAre) {
    const Ring one = dealt(equals(1));
    EXPECT_EQ(count(one, Level::quorum, 3), 1u);
    EXPECT_EQ(count(one, Level::all, 3), 1u);
    EXPECT_EQ(needs(one, Level::quorum, 3)->front().of, 1u);
    EXPECT_EQ(count(dealt(equals(2)), Level::quorum, 3), 2u);
}

TEST_P(LevelContract, WhatCannotBeIsRefusedWithWhatCan) {
    const Ring ring = dealt(equals(2));
    expect_refused(needs(ring, Level::three, 3), {"3", "ask for 1 to 2"});
    expect_refused(needs(ring, Level::count, 3, 0), {"1 or more"});
    expect_refused(needs(ring, Level::count, 3, 3), {"3", "ask for 1 to 2"});
    expect_refused(needs(ring, Level::count, 3, ~0u), {"ask for 1 to 2"});
    expect_refused(needs(ring, static_cast<Level>(99), 3), {"99", GetParam().descriptor->name});
    expect_refused(needs(ring, Level::table_default, 3));
}

TEST_P(LevelContract, ARingWithoutCapacityIsUnavailableNotAMistake) {
    for (const Ring& ring : {dealt({}), dealt({member(1, 0)})}) {
        ASSERT_FALSE(needs(ring, Level::one, 3));
        EXPECT_EQ(needs(ring, Level::one, 3).error().code, Code::unavailable);
    }
}

TEST_P(LevelContract, EachQuorumOnOneSiteIsRefusedWithWhatIsPossible) {
    expect_refused(needs(dealt(equals(4)), Level::each_quorum, 3), {"each_quorum", "two data centres", "quorum"});
}

TEST_P(LevelContract, LocalLevelsOfAnUnknownDataCentreAreRefusedByName) {
    for (Level level : {Level::local_one, Level::local_quorum})
        for (const Ring& ring : {dealt(equals(4)), dealt(equals(4, 1, 2))})
            expect_refused(needs(ring, level, Replication{3, {}}, 0, "atlantis"), {"'atlantis'", "ask for"});
}

TEST_P(LevelContract, AStandbyOfAnotherDataCentreMakesNoSecondSite) {
    const Ring ring = dealt(with(equals(3), member(40, 0, "dc9")));
    EXPECT_EQ(count(ring, Level::local_quorum, 3), 2u);
    expect_refused(needs(ring, Level::each_quorum, 3));
    expect_refused(needs(ring, Level::local_one, Replication{3, {}}, 0, "dc9"), {"'dc9'"});
}

TEST_P(LevelContract, LevelsAmongDataCentresAreKeptOrRefused) {
    const Ring ring = dealt(equals(8, 1, 2));
    for (Level level : {Level::local_one, Level::local_quorum, Level::each_quorum}) {
        const auto result = needs(ring, level, 3);
        if (!GetParam().per_datacentre) {
            expect_refused(result, {"datacentre_aware", "ask for"});
            continue;
        }
        ASSERT_TRUE(result);
        // Every group is satisfiable: each walk has so many owners in that data centre.
        for (const Need& need : *result)
            for (const Claim& claim : ring.claims) {
                const Walk w = walk(ring, claim.first, 3);
                std::uint32_t there = 0;
                for (std::uint32_t i = 0; i < w.owners; ++i)
                    there += ring.member(w.nodes[i])->datacentre == need.datacentre ? 1 : 0;
                ASSERT_EQ(there, need.of);
            }
    }
}

TEST_P(LevelContract, ReplicationsItCannotPlaceAreRefused) {
    EXPECT_TRUE(replicator_->check(Replication{1, {}}));
    EXPECT_TRUE(replicator_->check(Replication{3, {}}));
    EXPECT_FALSE(replicator_->check(Replication{0, {}}));
    EXPECT_FALSE(replicator_->check(Replication{1'000'000, {}}));
    EXPECT_EQ(replicator_->check(Replication{3, {{"east", 2}}}).has_value(), GetParam().per_datacentre);
    EXPECT_EQ(replicator_->check(Replication{0, {{"east", 2}, {"west", 1}}}).has_value(), GetParam().per_datacentre);
    for (const Replication& bad :
         {Replication{3, {{"east", 0}}}, Replication{3, {{"", 2}}}, Replication{3, {{"east", 2}, {"east", 2}}},
          Replication{3, {{"west", 2}, {"east", 2}}}, Replication{3, {{"east", 1'000'000}}}}) {
        const auto result = replicator_->check(bad);
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().code, Code::invalid_request);
        EXPECT_FALSE(result.error().detail.empty());
    }
}

INSTANTIATE_TEST_SUITE_P(, LevelContract, all_replicators, case_name);

}  // namespace
}  // namespace ashlar::contract
