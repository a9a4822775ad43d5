// phi_accrual: its arithmetic against the real functions, its window against a plain one, and what its thresholds mean.
#include "phi_accrual.h"

#include <gtest/gtest.h>

#include <cmath>
#include <deque>

#include "phi.h"

namespace {

using namespace ashlar;
using namespace ashlar::phi_accrual;

double true_phi(double y) {
    return -std::log10(std::erfc(y / std::sqrt(2.0)) / 2);
}

TEST(Phi, IsTheLogarithmOfTheNormalTail) {
    for (std::int64_t y = -3000; y <= 8000; y += 7)
        EXPECT_NEAR(static_cast<double>(phi_milli(y)) / 1000, true_phi(static_cast<double>(y) / 1000), 0.0085) << y;
    for (std::int64_t y = 8000; y <= 30'000; y += 111) {
        const double real = true_phi(static_cast<double>(y) / 1000);
        EXPECT_NEAR(static_cast<double>(phi_milli(y)) / 1000, real, real * 0.006) << y;
    }
}

TEST(Phi, NeverFalls) {
    std::int64_t before = 0;
    for (std::int64_t y = -10'000; y < 1'100'000; y += 13) {
        EXPECT_GE(phi_milli(y), before);
        before = phi_milli(y);
    }
    EXPECT_EQ(phi_milli(-4'000'000'000'000), 0);
    EXPECT_LE(phi_milli(4'000'000'000'000), phi_milli_max);
}

TEST(Phi, ThresholdsAreFoundExactly) {
    for (std::int64_t phi : {500, 1000, 3000, 8000, 12'345, 100'000}) {
        const std::int64_t y = y_milli_of(phi);
        EXPECT_GE(phi_milli(y), phi);
        EXPECT_LT(phi_milli(y - 1), phi);
    }
    EXPECT_EQ(y_milli_of(1), 0) << "not below the mean";
}

TEST(ArrivalsTest, AreTheMeanAndDeviationOfTheLastIntervals) {
    Arrivals arrivals(10, seconds(1));
    EXPECT_EQ(arrivals.mean().us, 1'000'000);
    EXPECT_EQ(arrivals.deviation().us, 250'000);
    std::deque<std::int64_t> window{750'000, 1'250'000};
    std::uint64_t chance = 7;
    for (int i = 0; i < 1000; ++i) {
        chance = chance * 6364136223846793005u + 1442695040888963407u;
        const auto interval = static_cast<std::int64_t>((chance >> 33) % 60'000'000);
        arrivals.add(Duration{interval});
        window.push_back(interval);
        if (window.size() > 10) window.pop_front();
        double mean = 0, variance = 0;
        for (std::int64_t us : window) mean += static_cast<double>(us) / static_cast<double>(window.size());
        for (std::int64_t us : window)
            variance += std::pow(static_cast<double>(us) - mean, 2) / static_cast<double>(window.size());
        EXPECT_NEAR(static_cast<double>(arrivals.mean().us), mean, 1);
        EXPECT_NEAR(static_cast<double>(arrivals.deviation().us), std::sqrt(variance), 20);
    }
}

TEST(ArrivalsTest, TheLongestIntervalsDoNotOverflow) {
    Arrivals arrivals(window_max, interval_max);
    for (std::size_t i = 0; i < 2 * window_max; ++i) arrivals.add(i % 2 == 0 ? seconds(1'000'000) : Duration{-5});
    EXPECT_EQ(arrivals.mean().us, interval_max.us / 2);
    EXPECT_EQ(arrivals.deviation().us, interval_max.us / 2);
}

class PhiAccrualTest : public testing::Test {
protected:
    void SetUp() override { detector_.watch(peer_, 1, now_); }
    void beat(Duration after) {
        now_ = now_ + after;
        detector_.heard(peer_, Evidence{Channel::gossip, true, NodeId{1}, ++heartbeat_, {}}, now_);
    }
    /// Silence until the state is reached.
    Duration until(PeerState state) const {
        Duration silence{0};
        while (detector_.suspicion(peer_, now_ + silence).state != state && silence < seconds(100))
            silence = silence + milliseconds(1);
        return silence;
    }

    PhiAccrual detector_{Thresholds{}};
    NodeId peer_{2};
    Instant now_{0};
    std::uint64_t heartbeat_ = 0;
};

TEST_F(PhiAccrualTest, RegularHeartbeatsAreJudgedByTheLeastDeviation) {
    for (int i = 0; i < 300; ++i) beat(seconds(1));
    // y(3) = 3.09, y(8) = 5.61
    EXPECT_NEAR(static_cast<double>(until(PeerState::suspect).us), 1e6 + 3.09 * 5e5, 1e4);
    EXPECT_NEAR(static_cast<double>(until(PeerState::down).us), 1e6 + 5.61 * 5e5 + 5e6, 1e4);
    EXPECT_NEAR(detector_.suspicion(peer_, now_ + until(PeerState::suspect)).level_milli, 3000, 10);
}

TEST_F(PhiAccrualTest, IrregularHeartbeatsEarnPatienceUpToABound) {
    const Duration regular = until(PeerState::down);
    for (int i = 0; i < 300; ++i) beat(i % 2 == 0 ? milliseconds(200) : seconds(4));
    EXPECT_GT(until(PeerState::down), regular);
    EXPECT_LE(until(PeerState::down), seconds(20));
    EXPECT_LT(until(PeerState::suspect), until(PeerState::down));
}

TEST_F(PhiAccrualTest, AnOutageTeachesNothing) {
    for (int i = 0; i < 100; ++i) beat(seconds(1));
    const Duration before = until(PeerState::suspect);
    beat(seconds(600));
    beat(seconds(1));
    EXPECT_EQ(until(PeerState::suspect), before);
}

TEST_F(PhiAccrualTest, ABurstAfterAPauseTeachesNothing) {
    for (int i = 0; i < 100; ++i) beat(seconds(1));
    const Duration before = until(PeerState::suspect);
    now_ = now_ + seconds(60);
    detector_.paused(seconds(60), now_);
    for (int i = 0; i < 60; ++i) beat({});
    EXPECT_EQ(until(PeerState::suspect), before);
}

}  // namespace
