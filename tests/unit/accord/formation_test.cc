// How the first ring comes to be.
#include <gtest/gtest.h>

#include <algorithm>

#include "kit/text.h"
#include "parliament.h"

namespace ashlar::test {
namespace {

bool logged(Seat& seat, const char* piece) {
    for (const auto& [level, line] : seat.host->log().lines())
        if (line.find(piece) != std::string::npos) return true;
    return false;
}

TEST(Formation, InWhateverOrderTheyCome) {
    const std::vector<std::int64_t> gaps{0, 300, 900, 2'500};
    std::vector<std::size_t> order{0, 1, 2};
    std::uint64_t seed = 0;
    do {
        for (std::int64_t first : gaps) {
            for (std::int64_t second : gaps) {
                Parliament all(++seed);
                for (int i = 0; i < 3; ++i) all.add(3);
                all.seats[order[0]]->start();
                all.pass(milliseconds(first));
                all.seats[order[1]]->start();
                all.pass(milliseconds(second));
                EXPECT_TRUE(all.truths.empty()) << "two of three make no ring";
                all.seats[order[2]]->start();
                ASSERT_TRUE(all.pass_until([&] { return all.united(); }, seconds(30))) << "seed " << seed;
                EXPECT_EQ(all.newest().epoch().value, 1u);
                EXPECT_EQ(all.newest().ring.members.size(), 3u);
                EXPECT_NE(all.newest().origin, 0u);
                EXPECT_EQ(all.seats[0]->gazette.self().epoch.value, 1u);
            }
        }
    } while (std::next_permutation(order.begin(), order.end()));
}

TEST(Formation, PassesThroughCrashesAtEveryStore) {
    std::uint64_t crashes = 0;
    for (std::uint64_t seed = 1; seed <= 150; ++seed) {
        Parliament all(seed);
        all.weather.crash = 400'000;
        all.weather.loss = 100'000;
        all.weather.repeat = 100'000;
        all.weather.delay = milliseconds(80);
        for (int i = 0; i < 3; ++i) all.add(3);
        for (auto& seat : all.seats) seat->start();
        all.pass_until([&] { return all.united(); }, seconds(60));
        crashes += all.crashes;
        all.calm();
        ASSERT_TRUE(all.pass_until([&] { return all.united(); }, seconds(60))) << "seed " << seed;
        EXPECT_EQ(all.truths.size(), 1u);
    }
    EXPECT_GT(crashes, 100u);
}

TEST(Formation, MoreThanExpectedMakeNoneAndSayWhy) {
    Parliament all(1);
    for (int i = 0; i < 4; ++i) all.add(3);
    for (auto& seat : all.seats) seat->start();
    all.pass(seconds(30));
    EXPECT_TRUE(all.truths.empty());
    for (auto& seat : all.seats) {
        EXPECT_TRUE(logged(*seat, "cluster.expect is 3, but 4 nodes")) << seat->name;
        EXPECT_EQ(seat->state().vote.epoch.value, 0u) << "nobody is bound";
    }
    all.seats[1]->crash();
    EXPECT_TRUE(all.pass_until([&] { return all.united(); }, seconds(60))) << "the surplus node is gone";
}

TEST(Formation, WhoExpectsAnotherNumberIsNamedOnBothSides) {
    Parliament all(1);
    for (std::uint32_t expect : {3u, 3u, 5u}) all.add(expect);
    for (auto& seat : all.seats) seat->start();
    all.pass(seconds(20));
    EXPECT_TRUE(all.truths.empty()) << "two of three who agree are not enough";
    EXPECT_TRUE(logged(*all.seats[0], "expects 5 nodes, this node 3: make cluster.expect equal"));
    EXPECT_TRUE(logged(*all.seats[2], "expects 3, this node 5: make cluster.expect equal"));
    for (auto& seat : all.seats) {
        EXPECT_NE(seat->accord->problem().find("make cluster.expect equal"), std::string::npos) << seat->name;
        EXPECT_EQ(seat->state().vote.epoch.value, 0u) << "nobody is bound";
    }
    EXPECT_NE(all.seats[0]->accord->problem().find(all.seats[2]->name), std::string::npos);
    all.seats[2]->crash();
    all.seats[2]->expect = 3;
    all.seats[2]->start();
    EXPECT_TRUE(all.pass_until([&] { return all.united(); }, seconds(30)));
    for (auto& seat : all.seats) EXPECT_EQ(seat->gazette.self().expect, 0u) << "it has a ring";
}

TEST(Formation, WhoSeesOthersThanTheRestIsNamed) {
    Parliament all(1);
    for (int i = 0; i < 3; ++i) all.add(3);
    all.seats[2]->gazette.unseen.insert(all.seats[1]->id);
    for (auto& seat : all.seats) seat->start();
    all.pass(seconds(5));
    EXPECT_EQ(all.seats[0]->accord->problem(), "") << "it may be a matter of gossip";
    all.pass(seconds(15));
    EXPECT_TRUE(all.truths.empty());
    const std::string problem = all.seats[0]->accord->problem();
    EXPECT_NE(problem.find("do not see the same"), std::string::npos) << problem;
    EXPECT_NE(problem.find(all.seats[2]->name + " ("), std::string::npos) << problem;
    EXPECT_EQ(problem.find(all.seats[1]->name + " ("), std::string::npos) << problem;
    all.seats[2]->gazette.unseen.clear();
    EXPECT_TRUE(all.pass_until([&] { return all.united(); }, seconds(30)));
}

TEST(Formation, ALateComerIsToldThatItIsNotInTheRing) {
    Parliament all(1);
    for (int i = 0; i < 4; ++i) all.add(3);
    for (int i = 0; i < 3; ++i) all.seats[static_cast<std::size_t>(i)]->start();
    ASSERT_TRUE(all.pass_until([&] { return all.united(); }, seconds(30)));
    all.seats[3]->start();
    all.pass(seconds(20));
    EXPECT_EQ(all.seats[3]->agreed().epoch().value, 0u);
    EXPECT_NE(all.seats[3]->accord->problem().find("not among them"), std::string::npos);
}

TEST(Formation, TwoRingsOfOneNameTellEachOther) {
    Parliament all(1);
    for (int i = 0; i < 2; ++i) {
        Seat& seat = all.add();
        all.found({&seat}, 50 + static_cast<std::uint64_t>(i));
    }
    for (auto& seat : all.seats) {
        seat->noted = false;
        seat->start();
    }
    all.pass(seconds(10));
    for (auto& seat : all.seats) {
        EXPECT_NE(seat->accord->problem().find("another ring"), std::string::npos) << seat->name;
        EXPECT_EQ(seat->agreed().ring.members.size(), 1u);
    }
}

TEST(Formation, AFounderThatLostItsDiskIsNotReplacedInTheList) {
    std::uint64_t bound_seen = 0;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        Parliament all(seed);
        for (int i = 0; i < 4; ++i) all.add(3);
        for (std::size_t i = 0; i < 3; ++i) all.seats[i]->start();
        auto bound = [&] { return all.seats[1]->up && all.seats[1]->state().vote.epoch.value == 1; };
        ASSERT_TRUE(all.pass_until(bound, seconds(30)));
        if (!all.truths.empty()) continue;
        ++bound_seen;
        // The third goes for good before it can be known whether it voted; a new node comes in its place.
        all.seats[2]->crash();
        all.seats[3]->start();
        all.pass(seconds(40));
        for (const auto& [epoch, bytes] : all.truths) {
            auto made = ledger::decode_agreed(bytes);
            EXPECT_EQ(made->ring.member(all.seats[3]->id), nullptr) << "seed " << seed;
        }
        if (all.truths.empty()) {
            EXPECT_NE(all.seats[1]->accord->problem().find("another list"), std::string::npos);
        }
    }
    EXPECT_GT(bound_seen, 5u);
}

}  // namespace
}  // namespace ashlar::test
