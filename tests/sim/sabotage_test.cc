// The checker is proven by bugs planted on purpose: each must be caught, by a seed that is clean without it.
#include <gtest/gtest.h>

#include "world.h"

namespace ashlar::sim {
namespace {

struct Planted {
    Sabotage sabotage;
    const char* name;
    std::uint64_t first_seed;
};

class PlantedBug : public testing::TestWithParam<Planted> {};

Verdict run(std::uint64_t seed, Sabotage sabotage) {
    Plan plan;
    plan.seed = seed;
    plan.recipe.engine = "lsm";
    plan.recipe.sabotage = sabotage;
    return World(plan).run();
}

TEST_P(PlantedBug, IsCaughtBySeedsThatAreCleanWithoutIt) {
    constexpr std::uint64_t seeds_max = 100;
    for (std::uint64_t seed = GetParam().first_seed; seed < GetParam().first_seed + seeds_max; ++seed) {
        if (!run(seed, GetParam().sabotage).complaint) continue;
        RecordProperty("seed", std::to_string(seed));
        Verdict honest = run(seed, Sabotage::none);
        EXPECT_FALSE(honest.complaint) << "seed " << seed << ": " << *honest.complaint;
        return;
    }
    FAIL() << seeds_max << " seeds did not notice";
}

INSTANTIATE_TEST_SUITE_P(All, PlantedBug,
                         testing::Values(Planted{Sabotage::acknowledge_before_sync, "acknowledge_before_sync", 1000},
                                         Planted{Sabotage::reuse_counters, "reuse_counters", 1000},
                                         Planted{Sabotage::last_writer_wins, "last_writer_wins", 1000},
                                         Planted{Sabotage::drop_tombstones, "drop_tombstones", 1000},
                                         Planted{Sabotage::forget_requests, "forget_requests", 1000}),
                         [](const auto& param) { return std::string(param.param.name); });

TEST(Simulator, TheSameSeedLeavesTheSameTrace) {
    for (std::uint64_t seed : {1001u, 1002u, 1003u}) {
        EXPECT_EQ(run(seed, Sabotage::none).trace_hash, run(seed, Sabotage::none).trace_hash);
    }
    EXPECT_NE(run(1001, Sabotage::none).trace_hash, run(1002, Sabotage::none).trace_hash);
}

}  // namespace
}  // namespace ashlar::sim
