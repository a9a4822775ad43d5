// The shape of what paces background work: how it rises, falls and settles; and the histogram that feeds it.
#include <gtest/gtest.h>

#include "base/latencies.h"
#include "base/pace.h"
#include "request/timings.h"
#include "stage.h"

namespace ashlar {
namespace {

using base::Pace;

/// Answers all that is under way.
void round(Pace& pace, std::uint32_t load) {
    for (std::uint32_t left = pace.window(); left != 0; --left) pace.answered(load);
}

TEST(Pace, DoublesEachRoundUntilTheMost) {
    Pace pace;
    std::uint32_t expected = Pace::least;
    while (expected < Pace::most) {
        EXPECT_EQ(pace.window(), expected);
        round(pace, 100);
        expected *= 2;
    }
    round(pace, 100);
    EXPECT_EQ(pace.window(), Pace::most);
}

TEST(Pace, ABusyReceiverHalvesItOncePerRoundAndThenItRisesBySteps) {
    Pace pace;
    for (int i = 0; i < 6; ++i) round(pace, 0);
    ASSERT_EQ(pace.window(), 256u);
    // All that was under way comes back with the same news.
    for (int i = 0; i < 256; ++i) pace.answered(900);
    EXPECT_EQ(pace.window(), 128u);
    round(pace, 900);
    EXPECT_EQ(pace.window(), 64u);
    for (int i = 0; i < 64; ++i) pace.answered(0);
    EXPECT_EQ(pace.window(), 64u + Pace::step);
}

TEST(Pace, NeverFallsToNothing) {
    Pace pace;
    for (int i = 0; i < 1000; ++i) pace.answered(1000);
    EXPECT_EQ(pace.window(), Pace::least);
    for (int i = 0; i < 1000; ++i) pace.refused();
    EXPECT_EQ(pace.window(), Pace::least);
}

TEST(Pace, SilenceBeginsAnewAndRemembersWhatWasGood) {
    Pace pace;
    for (int i = 0; i < 6; ++i) round(pace, 0);
    pace.lost();
    EXPECT_EQ(pace.window(), Pace::least);
    for (int i = 0; i < 5; ++i) round(pace, 0);
    EXPECT_EQ(pace.window(), 128u);
    round(pace, 0);
    EXPECT_EQ(pace.window(), 128u + Pace::step);
}

TEST(Pace, SettlesAroundWhatAReceiverCanTake) {
    // Busy while more than 300 are under way.
    Pace pace;
    std::uint32_t low = Pace::most, high = 0;
    for (int i = 0; i < 200; ++i) {
        round(pace, pace.window() > 300 ? 700 : 200);
        if (i < 50) continue;
        low = std::min(low, pace.window());
        high = std::max(high, pace.window());
    }
    EXPECT_GE(low, 150u);
    EXPECT_LE(high, 300u + Pace::step);
}

TEST(Latencies, TellsAQuantileWithinAQuarter) {
    base::Latencies lately;
    EXPECT_EQ(lately.quantile(990), Duration{0});
    for (int i = 1; i <= 1000; ++i) lately.add(microseconds(i * 10));
    const std::int64_t p99 = lately.quantile(990).us;
    EXPECT_GE(p99, 9'900);
    EXPECT_LE(p99, 12'400);
    EXPECT_GE(lately.quantile(500).us, 5'000);
    EXPECT_LE(lately.quantile(500).us, 6'250);
    for (std::int64_t us : {std::int64_t{0}, std::int64_t{3}, std::int64_t{-5}, std::int64_t{1} << 60}) {
        base::Latencies one;
        one.add(Duration{us});
        EXPECT_GE(one.quantile(1000).us, us < 0 ? 0 : std::min(us, std::int64_t{1} << 30));
    }
}

TEST(Latencies, ForgetsWhatLiesBack) {
    base::Latencies lately;
    for (int i = 0; i < 5000; ++i) lately.add(seconds(1));
    EXPECT_LE(lately.samples(), base::Latencies::remembered);
    for (int i = 0; i < 500'000; ++i) lately.add(milliseconds(1));
    EXPECT_LE(lately.quantile(990).us, 1'250);
    for (int i = 0; i < 20; ++i) lately.fade();
    EXPECT_EQ(lately.samples(), 0u);
}

TEST(Timings, AReadIsCoveredAtTheTablesOwnP99) {
    test::Stage stage;
    const port::Limits limits;
    request::Timings timings(limits, stage.host->meter());
    constexpr auto key = request::Timings::Read::key;
    constexpr auto page = request::Timings::Read::page;
    auto add = [&](int samples, Duration took) {
        for (int i = 0; i < samples; ++i) timings.replica(TableId{1}, key, took);
    };
    EXPECT_EQ(timings.speculate_after(TableId{1}, key), limits.speculate_after) << "nothing is known";
    add(1000, milliseconds(3));
    add(24, milliseconds(12));
    EXPECT_GE(timings.speculate_after(TableId{1}, key), milliseconds(12));
    EXPECT_LE(timings.speculate_after(TableId{1}, key), milliseconds(15));
    EXPECT_EQ(timings.speculate_after(TableId{2}, key), limits.speculate_after) << "each table has its own";
    add(400 * 64, microseconds(50));
    EXPECT_EQ(timings.speculate_after(TableId{1}, key), milliseconds(2)) << "no sooner than is worth it";
    add(400 * 64, seconds(1));
    EXPECT_EQ(timings.speculate_after(TableId{1}, key), limits.speculate_after) << "and never later";
    EXPECT_GT(timings.speculate_after(TableId{1}, page), limits.speculate_after) << "a page is no key";
    for (int i = 0; i < 1000; ++i) timings.replica(TableId{1}, page, milliseconds(20));
    EXPECT_LE(timings.speculate_after(TableId{1}, page), milliseconds(25));
}

TEST(Timings, ClientsThatWaitMakeANodeBusyUntilTheyDoNot) {
    test::Stage stage;
    const port::Limits limits;
    request::Timings timings(limits, stage.host->meter());
    const Instant start{5'000'000'000};
    timings.pump(start);
    EXPECT_EQ(timings.load_milli(), 0u);
    for (int i = 0; i < 1000; ++i) timings.client(limits.foreground_p99 + limits.foreground_p99);
    timings.pump(start + milliseconds(200));
    EXPECT_GT(timings.load_milli(), Pace::busy_milli);
    EXPECT_GE(stage.host->meter().value("request_client_p99_us"), 2 * limits.foreground_p99.us);
    timings.pump(start + seconds(60));
    EXPECT_EQ(timings.load_milli(), 0u) << "nobody was served for a minute";
}

}  // namespace
}  // namespace ashlar
