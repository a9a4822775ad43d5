// Which partition is compared next, and how old the oldest proof is.
#include <gtest/gtest.h>

#include "repair/ages.h"

namespace ashlar::repair {
namespace {

constexpr TableId table{7};
constexpr Duration interval = seconds(20);
constexpr Instant start{1'000'000};
Instant after(std::int64_t s) {
    return start + seconds(s);
}

Age owned(const TokenRange& tokens) {
    Age age;
    age.tokens = tokens;
    age.owners = {NodeId{1}, NodeId{2}};
    return age;
}

Ages two() {
    Ages ages;
    ages.replace({{{table, 0}, owned({0, 99})}, {{table, 100}, owned({100, 199})}}, start);
    return ages;
}

bool always(const Age&) {
    return true;
}

TEST(Ages, TheOneProvenLongestAgoIsNext) {
    Ages ages = two();
    EXPECT_FALSE(ages.next(after(19), interval, false, always));
    ages.equal(*ages.find(table, {0, 99}), after(10));
    EXPECT_EQ(ages.next(after(40), interval, false, always), (Ages::Place{table, 100}));
    ages.equal(*ages.find(table, {100, 199}), after(40));
    EXPECT_EQ(ages.next(after(60), interval, false, always), (Ages::Place{table, 0}));
    EXPECT_EQ(ages.oldest(after(60)), seconds(50));
}

TEST(Ages, HastenedOnesGoFirstAndInsideNoWindowAlone) {
    Ages ages = two();
    ages.hasten(table, {150, 150}, after(1));
    EXPECT_EQ(ages.next(after(1), interval, true, always), (Ages::Place{table, 100}));
    EXPECT_EQ(ages.next(after(30), interval, false, always), (Ages::Place{table, 100}));
    ages.find(Ages::Place{table, 100})->hastened = false;
    EXPECT_FALSE(ages.next(after(30), interval, true, always));
}

TEST(Ages, WhatOthersKeepYoungIsNotPassedOverForEver) {
    Ages ages = two();
    ages.hasten(table, {0, 199}, after(1));
    int begun = 0;
    for (int second = 2; second < 40; ++second) {
        ages.equal(*ages.find(table, {100, 199}), after(second));
        auto place = ages.next(after(second), interval, true, always);
        ASSERT_TRUE(place);
        if (place->second == 100) ++begun;
        ages.find(*place)->not_before = after(second + 1);
    }
    EXPECT_GE(begun, 15);
}

TEST(Ages, ManyThatAreDueComeInOrderAndWhatIsHastenedComesBetween) {
    constexpr Token count = 300;
    std::map<Ages::Place, Age> all;
    for (Token token = 0; token < count; ++token) all.emplace(Ages::Place{table, token}, owned({token, token}));
    Ages ages;
    ages.replace(std::move(all), start);
    for (Token token = 0; token < count; ++token)
        ages.equal(*ages.find(Ages::Place{table, token}), after(static_cast<std::int64_t>(count - token)));
    std::vector<Token> order;
    for (int round = 0; round < 200; ++round) {
        if (round == 10) ages.hasten(table, {7, 7}, after(1000));
        auto place = ages.next(after(1000), interval, false, always);
        ASSERT_TRUE(place);
        order.push_back(place->second);
        ages.find(*place)->running = true;
    }
    std::vector<Token> wanted;
    for (Token token = count; wanted.size() < 200; --token) {
        if (wanted.size() == 10) wanted.push_back(7);
        wanted.push_back(token - 1);
    }
    EXPECT_EQ(order, wanted);
}

TEST(Ages, WhatRunsOrMustWaitIsPassedOver) {
    Ages ages = two();
    ages.find(Ages::Place{table, 0})->running = true;
    ages.find(Ages::Place{table, 100})->not_before = after(50);
    EXPECT_FALSE(ages.next(after(49), interval, false, always));
    EXPECT_EQ(ages.next(after(50), interval, false, always), (Ages::Place{table, 100}));
    EXPECT_FALSE(ages.next(after(50), interval, false, [](const Age&) { return false; }));
}

TEST(Ages, AnotherRingKeepsWhatIsKnownOfTheSameTokens) {
    Ages ages = two();
    ages.equal(*ages.find(table, {0, 99}), after(10));
    ages.find(table, {0, 99})->running = true;
    ages.replace({{{table, 0}, owned({0, 99})}, {{table, 100}, owned({100, 149})}}, after(30));
    EXPECT_EQ(ages.find(table, {0, 99})->equal_at, after(10));
    EXPECT_TRUE(ages.find(table, {0, 99})->proven);
    // The round under way is over with the ring it began in.
    EXPECT_FALSE(ages.find(table, {0, 99})->running);
    EXPECT_EQ(ages.find(table, {100, 149})->equal_at, after(30));
    EXPECT_FALSE(ages.find(table, {100, 149})->proven);
    EXPECT_EQ(ages.find(table, {100, 199}), nullptr);
}

TEST(Ages, ToldByTable) {
    Ages ages = two();
    ages.equal(*ages.find(table, {0, 99}), after(10));
    Convergence told;
    ages.tell(told, after(30));
    ASSERT_EQ(told.tables.size(), 1u);
    EXPECT_EQ(told.tables[0].partitions, 2u);
    EXPECT_EQ(told.tables[0].never_proven, 1u);
    EXPECT_EQ(told.oldest, seconds(30));
}

}  // namespace
}  // namespace ashlar::repair
