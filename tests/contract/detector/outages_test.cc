// What no failure detector may do, whatever the weather: hold a living peer down. Loss, jitter, stalls of the observer.
#include "neighbourhood.h"

namespace ashlar::contract {
namespace {

class WeatherContract : public testing::TestWithParam<DetectorCase> {
protected:
    /// Hours with each number of neighbours; none that lives is ever down, and seldom even suspect.
    void expect_nobody_wronged(const Weather& weather, Duration time, int suspect_percent) {
        for (std::size_t neighbours : {1u, 2u, 4u, 9u}) {
            SCOPED_TRACE(std::to_string(neighbours) + " neighbours");
            Neighbourhood here(GetParam(), neighbours, weather, neighbours * 7 + 1);
            std::size_t wronged = 0, avoided = 0, looks = 0;
            here.run(time, [&] {
                wronged += here.wronged();
                for (NodeId id : here.all()) avoided += here.state(id) == PeerState::suspect ? 1 : 0;
                looks += neighbours;
            });
            RecordProperty("suspect_ppm_" + std::to_string(neighbours), static_cast<int>(avoided * 1'000'000 / looks));
            EXPECT_EQ(wronged, 0u);
            EXPECT_LE(avoided * 100, looks * static_cast<std::size_t>(suspect_percent));
        }
    }
};

TEST_P(WeatherContract, AQuietNetworkHasNoSuspects) {
    expect_nobody_wronged(Weather{}, seconds(3600), 0);
}

TEST_P(WeatherContract, LossOfAFifthOfAllMessagesCondemnsNobody) {
    Weather weather;
    weather.lost_percent = 20;
    expect_nobody_wronged(weather, seconds(4 * 3600), 5);
}

TEST_P(WeatherContract, NorDoesItWithoutRequestsToHelp) {
    Weather weather;
    weather.lost_percent = 20;
    weather.requests = weather.time_outs_told = false;
    expect_nobody_wronged(weather, seconds(4 * 3600), 10);
}

TEST_P(WeatherContract, JitterCondemnsNobody) {
    Weather weather;
    weather.delay_most = milliseconds(1500);
    expect_nobody_wronged(weather, seconds(3600), 5);
}

TEST_P(WeatherContract, AnObserverThatStallsForSecondsCondemnsNobody) {
    Weather weather;
    weather.stall_most = seconds(30);
    weather.lost_percent = 5;
    expect_nobody_wronged(weather, seconds(2 * 3600), 10);
}

TEST_P(WeatherContract, AStarvedObserverCondemnsNobodyThoughItIsNotToldOfItsHiccups) {
    Weather weather;
    weather.stall_most = milliseconds(1900);
    weather.awake_most = seconds(2);
    weather.stalls_told = false;
    weather.lost_percent = 5;
    expect_nobody_wronged(weather, seconds(3600), 10);
}

TEST_P(WeatherContract, ADeathIsFoundInBadWeatherToo) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        SCOPED_TRACE(seed);
        Weather weather;
        weather.lost_percent = 20;
        weather.stall_most = seconds(5);
        Neighbourhood here(GetParam(), 4, weather, seed);
        here.run(seconds(300));
        const NodeId dead = here.all()[seed % 4];
        here.kill(dead);
        here.run(seconds(180));
        EXPECT_EQ(here.state(dead), PeerState::down);
        EXPECT_EQ(here.wronged(), 0u);
    }
}

/// The same story twice leads to the same opinions, moment by moment.
TEST_P(WeatherContract, OpinionsFollowFromTheSeed) {
    auto story = [&](std::uint64_t seed) {
        Weather weather;
        weather.lost_percent = 20;
        weather.stall_most = seconds(8);
        Neighbourhood here(GetParam(), 6, weather, seed);
        std::vector<std::uint64_t> told;
        auto note = [&] {
            for (NodeId id : here.all()) {
                const Opinion o = here.opinion(id);
                told.push_back(static_cast<std::uint64_t>(o.state) + o.level_milli * std::uint64_t{8} +
                               o.against.size() * std::uint64_t{1000});
            }
        };
        here.run(seconds(120), note);
        here.kill(NodeId{102});
        here.run(seconds(60), note);
        here.restart(NodeId{102});
        here.run(seconds(60), note);
        return told;
    };
    EXPECT_EQ(story(5), story(5));
    EXPECT_NE(story(5), story(6)) << "or this test compares nothing";
}

INSTANTIATE_TEST_SUITE_P(, WeatherContract, testing::ValuesIn(all_detectors()), case_name);

}  // namespace
}  // namespace ashlar::contract
