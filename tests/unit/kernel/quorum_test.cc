#include "request/quorum.h"

#include <gtest/gtest.h>

namespace ashlar::request {
namespace {

/// Asks an owner in each of the data centres named.
Quorum counting(std::vector<Need> groups, const std::vector<View>& asked, bool sloppy = false) {
    auto needs = std::make_shared<ring::Needs>();
    for (const Need& need : groups) needs->needed += need.count;
    needs->groups = std::move(groups);
    Quorum quorum;
    quorum.init(needs, static_cast<std::uint32_t>(asked.size()), Epoch{4}, sloppy);
    for (View datacentre : asked) quorum.ask(datacentre, false);
    return quorum;
}
Quorum::Answer yes(View datacentre = "") {
    return {true, true, true, false, datacentre};
}
Quorum::Answer no(View datacentre = "") {
    return {false, true, false, false, datacentre};
}
Quorum::Answer hint(View datacentre = "") {
    return {true, false, true, true, datacentre};
}

TEST(Quorum, TwoOfThree) {
    Quorum quorum = counting({{"", 2, 3, false}}, {"", "", ""});
    EXPECT_FALSE(quorum.enough());
    EXPECT_FALSE(quorum.impossible({}));
    quorum.add(yes());
    quorum.add(no());
    EXPECT_FALSE(quorum.enough());
    EXPECT_FALSE(quorum.impossible({}));
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
    Quorum quorum = counting({{"", 2, 3, false}}, {"", "", ""});
    quorum.add(no());
    EXPECT_FALSE(quorum.impossible({}));
    quorum.add(no());
    EXPECT_TRUE(quorum.impossible({}));
    std::vector<View> one_more{""};
    EXPECT_FALSE(quorum.impossible(one_more)) << "somebody else may still be asked";
}

TEST(Quorum, WantsAsManyAsAreMissingIfAllSayYes) {
    Quorum quorum = counting({{"", 2, 3, false}}, {""});
    EXPECT_TRUE(quorum.wants(""));
    quorum.ask("", false);
    EXPECT_FALSE(quorum.wants(""));
    quorum.add(no());
    EXPECT_TRUE(quorum.wants("")) << "one that failed needs another";
}

TEST(Quorum, EveryGroupMustBeSatisfied) {
    Quorum quorum = counting({{"east", 2, 3, false}, {"west", 1, 1, false}}, {"east", "east", "east", "west"});
    quorum.add(yes("east"));
    quorum.add(yes("east"));
    quorum.add(yes("east"));
    EXPECT_FALSE(quorum.enough());
    EXPECT_FALSE(quorum.impossible({}));
    quorum.add(no("west"));
    std::vector<View> more_east{"east"};
    EXPECT_TRUE(quorum.impossible(more_east)) << "the other group's answers do not help";
    EXPECT_FALSE(quorum.wants("east"));
    EXPECT_TRUE(quorum.wants("west"));
    EXPECT_EQ(quorum.achieved().needed, 3u);
}

TEST(Quorum, AHintCountsWhereRequestOrLevelSayso) {
    Quorum any = counting({{"", 1, 3, true}}, {});
    any.ask("", true);
    any.add(hint());
    EXPECT_TRUE(any.enough());
    EXPECT_EQ(any.achieved().hints, 1u);
    EXPECT_EQ(any.achieved().owners, 0u);
    Quorum sloppy = counting({{"", 1, 3, false}}, {}, true);
    sloppy.ask("", true);
    sloppy.add(hint());
    EXPECT_TRUE(sloppy.enough());
    Quorum strict = counting({{"", 1, 3, false}}, {});
    strict.ask("", true);
    EXPECT_TRUE(strict.impossible({})) << "a stand-in cannot help a strict request";
    strict.add(hint());
    EXPECT_FALSE(strict.enough());
    EXPECT_EQ(strict.achieved().hints, 1u) << "it is kept all the same";
}

TEST(Quorum, InitStartsAnew) {
    Quorum quorum = counting({{"", 1, 1, false}}, {""});
    quorum.add(yes());
    quorum.mark_merged();
    auto needs = std::make_shared<ring::Needs>(ring::Needs{{{"", 1, 2, false}}, 1});
    quorum.init(needs, 2, Epoch{5}, true);
    EXPECT_FALSE(quorum.enough());
    EXPECT_EQ(quorum.achieved().answered, 0u);
    EXPECT_FALSE(quorum.achieved().merged);
}

}  // namespace
}  // namespace ashlar::request
