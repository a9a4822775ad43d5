#include "request/quorum.h"

#include <gtest/gtest.h>

namespace ashlar::request {
namespace {

Quorum counting(std::vector<Need> groups, std::uint32_t replicas) {
    auto needs = std::make_shared<ring::Needs>();
    for (const Need& need : groups) needs->needed += need.count;
    needs->groups = std::move(groups);
    Quorum quorum;
    quorum.init(needs, replicas, Epoch{4});
    return quorum;
}
Quorum::Answer yes(View datacentre = "") {
    return {true, true, true, false, datacentre};
}
Quorum::Answer no(View datacentre = "") {
    return {false, true, false, false, datacentre};
}

TEST(Quorum, TwoOfThree) {
    Quorum quorum = counting({{"", 2, 3, false}}, 3);
    EXPECT_FALSE(quorum.enough());
    EXPECT_FALSE(quorum.impossible());
    quorum.add(yes());
    quorum.add(no());
    EXPECT_FALSE(quorum.enough());
    EXPECT_FALSE(quorum.impossible());
    quorum.add(yes());
    EXPECT_TRUE(quorum.enough());
    port::Achieved achieved = quorum.achieved();
    EXPECT_EQ(achieved.answered, 2u);
    EXPECT_EQ(achieved.owners, 2u);
    EXPECT_EQ(achieved.synced, 2u);
    EXPECT_EQ(achieved.needed, 2u);
    EXPECT_EQ(achieved.replicas, 3u);
    EXPECT_EQ(achieved.epoch.value, 4u);
}

TEST(Quorum, ImpossibleAsSoonAsTooManyFailed) {
    Quorum quorum = counting({{"", 2, 3, false}}, 3);
    quorum.add(no());
    EXPECT_FALSE(quorum.impossible());
    quorum.add(no());
    EXPECT_TRUE(quorum.impossible());
}

TEST(Quorum, EveryGroupMustBeSatisfied) {
    Quorum quorum = counting({{"east", 2, 3, false}, {"west", 1, 1, false}}, 4);
    quorum.add(yes("east"));
    quorum.add(yes("east"));
    quorum.add(yes("east"));
    EXPECT_FALSE(quorum.enough());
    EXPECT_FALSE(quorum.impossible());
    quorum.add(no("west"));
    EXPECT_TRUE(quorum.impossible()) << "the other group's answers do not help";
    EXPECT_EQ(quorum.achieved().needed, 3u);
}

TEST(Quorum, AHintCountsOnlyWhereTheLevelSaysSo) {
    Quorum::Answer hint{true, false, true, true, ""};
    Quorum any = counting({{"", 1, 3, true}}, 4);
    any.add(hint);
    EXPECT_TRUE(any.enough());
    EXPECT_EQ(any.achieved().hints, 1u);
    EXPECT_EQ(any.achieved().owners, 0u);
    Quorum one = counting({{"", 1, 3, false}}, 4);
    one.add(hint);
    EXPECT_FALSE(one.enough());
}

TEST(Quorum, InitStartsAnew) {
    Quorum quorum = counting({{"", 1, 1, false}}, 1);
    quorum.add(yes());
    quorum.mark_merged();
    auto needs = std::make_shared<ring::Needs>(ring::Needs{{{"", 1, 2, false}}, 1});
    quorum.init(needs, 2, Epoch{5});
    EXPECT_FALSE(quorum.enough());
    EXPECT_EQ(quorum.achieved().answered, 0u);
    EXPECT_FALSE(quorum.achieved().merged);
}

}  // namespace
}  // namespace ashlar::request
