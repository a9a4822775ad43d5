// Every detector plugin in a town: what membership promises must hold whichever judges.
#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>

#include "phi_accrual.h"
#include "swim.h"
#include "town.h"

namespace ashlar::test {
namespace {

struct Judge {
    const char* name;
    DetectorMaker make;
    Duration promise;  ///< of five nodes one that falls silent is down after
};

void PrintTo(const Judge& judge, std::ostream* out) {
    *out << judge.name;
}

const Judge judges[] = {
    {"heartbeat", [](Random&) { return std::make_unique<heartbeat::Heartbeat>(heartbeat::Patience{}); }, seconds(10)},
    {"phi_accrual", [](Random&) { return std::make_unique<phi_accrual::PhiAccrual>(phi_accrual::Thresholds{}); },
     seconds(20)},
    {"swim", [](Random& random) { return std::make_unique<swim::Swim>(swim::Rules{}, random); }, milliseconds(25300)},
};

constexpr std::uint64_t nodes = 5;
/// Two rounds with their jitter, and a tick.
constexpr Duration rounds = milliseconds(2450);

class Detectors : public ::testing::TestWithParam<Judge> {
protected:
    Town town_of(std::uint64_t seed, std::uint64_t loss_percent = 0) {
        Town town(seed);
        town.make = GetParam().make;
        town.loss_percent = loss_percent;
        town.move_in_up_to(nodes);
        town.run(seconds(20));
        return town;
    }
    static bool all_find(Town& town, std::uint64_t node, PeerState state) {
        for (std::uint64_t other = 1; other <= nodes; ++other)
            if (other != node && !town.at(other).dead && town.at(other).state(node) != state) return false;
        return true;
    }
    static std::int64_t condemned(Town& town) {
        std::int64_t sum = 0;
        for (std::uint64_t node = 1; node <= nodes; ++node) sum += town.at(node).meter.value("member_condemned");
        return sum;
    }
};

TEST_P(Detectors, TheDeadAreDownInTimeAndTheReturnedAlive) {
    Duration slowest{0};
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        Town town = town_of(seed);
        ASSERT_TRUE(town.all_well());
        town.kill(2);
        const auto took = town.until([&] { return all_find(town, 2, PeerState::down); }, seconds(120));
        ASSERT_TRUE(took) << "seed " << seed;
        slowest = std::max(slowest, *took);
        town.run(seconds(60));
        EXPECT_TRUE(all_find(town, 2, PeerState::down));
        EXPECT_EQ(condemned(town), 4);
        town.move_in(2, 2);
        EXPECT_TRUE(town.until([&] { return town.all_well(); }, seconds(5))) << "seed " << seed;
    }
    RecordProperty("slowest_ms", static_cast<int>(slowest.us / 1000));
    EXPECT_LE(slowest.us, (GetParam().promise + rounds).us);
}

TEST_P(Detectors, LossCondemnsNobody) {
    Town town = town_of(81, 20);
    town.run(seconds(600));
    EXPECT_EQ(condemned(town), 0);
    town.loss_percent = 0;
    EXPECT_TRUE(town.until([&] { return town.all_well(); }, seconds(30)));
}

TEST_P(Detectors, StarvedNodesCondemnNobody) {
    Town town = town_of(82, 5);
    sim::SeededRandom chance(7);
    for (int i = 0; i < 300; ++i) {
        town.pause(1 + chance.next() % nodes, milliseconds(static_cast<std::int64_t>(chance.next() % 3000)));
        town.run(seconds(1));
    }
    EXPECT_EQ(condemned(town), 0);
    EXPECT_TRUE(town.until([&] { return town.all_well(); }, seconds(30)));
}

TEST_P(Detectors, WhoSleptCondemnsNobodyAndIsForgiven) {
    Town town = town_of(83);
    town.pause(4, seconds(90));
    town.run(seconds(90));
    EXPECT_TRUE(all_find(town, 4, PeerState::down));
    EXPECT_TRUE(town.until([&] { return town.all_well(); }, seconds(10)));
    town.run(seconds(60));
    EXPECT_TRUE(town.all_well());
    EXPECT_EQ(town.at(4).meter.value("member_condemned"), 0);
    EXPECT_EQ(condemned(town), 4);
}

TEST_P(Detectors, AOneWayCutCondemnsNobody) {
    Town town = town_of(84);
    town.cut(2, 1);
    for (int i = 0; i < 120; ++i) {
        town.at(1).members.data_path(NodeId{2}, false, seconds(1), town.now());
        town.run(seconds(1));
    }
    EXPECT_EQ(condemned(town), 0);
    EXPECT_EQ(town.at(1).state(2), PeerState::suspect);
    for (std::uint64_t node = 3; node <= nodes; ++node) EXPECT_EQ(town.at(node).state(2), PeerState::alive);
    town.heal();
    town.at(1).members.data_path(NodeId{2}, true, milliseconds(1), town.now());
    EXPECT_TRUE(town.until([&] { return town.all_well(); }, seconds(30)));
}

TEST_P(Detectors, OfTwoOneIsEnoughWithTwoChannels) {
    Town town(85);
    town.make = GetParam().make;
    town.move_in_up_to(2);
    town.run(seconds(20));
    town.kill(1);
    EXPECT_TRUE(town.until([&] { return town.at(2).state(1) == PeerState::down; }, GetParam().promise + rounds));
}

INSTANTIATE_TEST_SUITE_P(Each, Detectors, ::testing::ValuesIn(judges),
                         [](const auto& one) { return std::string(one.param.name); });

}  // namespace
}  // namespace ashlar::test
