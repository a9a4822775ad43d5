// The hybrid clock of tables where the latest stamp wins, alone and in a cluster whose clocks disagree.
#include <gtest/gtest.h>

#include <limits>

#include "request/stamps.h"
#include "troupe.h"

namespace ashlar::test {
namespace {

constexpr WallTime noon{1'000'000'000'000};

class StampClock : public testing::Test {
protected:
    static Reading reading(WallTime wall) {
        Reading out;
        Version version;
        version.dot = Dot{Actor{NodeId{7}, 1, 0}, 1};
        version.wall = wall;
        out.versions.push_back(version);
        return out;
    }
    void pump(WallTime wall) {
        const Now now{Instant{1}, wall};
        stamps.pump(port::Turn{now, stage});
    }
    Stage stage;
    request::Stamps stamps{seconds(60), stage.host->log()};
};

TEST_F(StampClock, FollowsTheWallAndNeverRunsBack) {
    EXPECT_EQ(stamps.next(noon, {}), noon);
    EXPECT_EQ(stamps.next(noon, {}), noon + microseconds(1));
    EXPECT_EQ(stamps.next(noon + seconds(-5), {}), noon + microseconds(2)) << "the clock was set back";
    EXPECT_EQ(stamps.next(noon + seconds(1), {}), noon + seconds(1));
}

TEST_F(StampClock, ComesBehindWhatWasReadOrJoined) {
    stamps.meet(reading(noon + seconds(60)), noon);
    EXPECT_EQ(stamps.next(noon, {}), noon + seconds(60) + microseconds(1));
}

TEST_F(StampClock, RefusesFromAClientWhatLiesBeyondTheBound) {
    EXPECT_TRUE(stamps.admit(noon + seconds(60), noon));
    auto refused = stamps.admit(noon + seconds(61), noon);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::invalid_request);
    EXPECT_NE(refused.error().detail.find("61 s ahead"), std::string::npos) << refused.error().detail;
    EXPECT_EQ(stamps.next(noon, {}), noon + seconds(60) + microseconds(1));
    EXPECT_FALSE(stamps.admit(WallTime{std::numeric_limits<std::int64_t>::max()}, noon));
    EXPECT_TRUE(stamps.admit(WallTime{std::numeric_limits<std::int64_t>::min()}, noon));
}

TEST_F(StampClock, IsNotDrawnBeyondTheBoundByWhatReplicasHoldButBeatsItWhereItBuildsOnIt) {
    const WallTime far = noon + seconds(3600);
    stamps.meet(reading(far), noon);
    EXPECT_EQ(stamps.next(noon, far), far + microseconds(1));
    EXPECT_EQ(stamps.next(noon, {}), noon + microseconds(1));
    const WallTime last{std::numeric_limits<std::int64_t>::max()};
    EXPECT_EQ(stamps.next(noon, last), last) << "there is none behind it";
}

TEST_F(StampClock, TellsOfAClockThatIsWrongUntilItIsCaughtUpWith) {
    pump(noon);
    EXPECT_EQ(stamps.problem(), "");
    stamps.meet(reading(noon + seconds(90)), noon);
    pump(noon);
    EXPECT_NE(stamps.problem().find("90 s ahead"), std::string::npos) << stamps.problem();
    EXPECT_NE(stamps.problem().find("7 is"), std::string::npos) << stamps.problem();
    pump(noon + seconds(30));
    EXPECT_EQ(stamps.problem(), "");
}

Answer put_with(Troupe& troupe, std::uint32_t node, View key, View value, View context) {
    return troupe.call(node, Stage::order_of(port::Call::put, key, value, context));
}

TEST(StampsInACluster, AWriteThatSawAnotherBeatsItThoughItsClockIsBehind) {
    Troupe troupe(Cast{3, 3, "last_write_wins"});
    troupe.at(2).now.wall = troupe.at(2).now.wall + seconds(-20);
    ASSERT_TRUE(troupe.put(1, "key", "old").ok());
    Bytes seen = troupe.get(1, "key").item.context;
    // Where the clocks alone decide, the later write would be gone.
    ASSERT_TRUE(put_with(troupe, 2, "key", "new", seen).ok());
    for (std::uint32_t node : {1u, 2u, 3u}) EXPECT_EQ(troupe.get(node, "key").value(), "new") << node;
}

TEST(StampsInACluster, AContextAloneCarriesTheStampToANodeThatHeldNothing) {
    Troupe troupe(Cast{4, 3, "last_write_wins"});
    troupe.at(2).now.wall = troupe.at(2).now.wall + seconds(-20);
    troupe.silence(1, 2);
    troupe.silence(2, 3);
    ASSERT_TRUE(troupe.put(1, "key", "old", Consistency{Level::one, 0}).ok());
    Bytes seen = troupe.get(1, "key", Consistency{Level::one, 0}).item.context;
    ASSERT_TRUE(put_with(troupe, 2, "key", "new", seen).refusal.has_value()) << "one of three";
    troupe.cut(1, 2, false);
    troupe.cut(2, 3, false);
    EXPECT_EQ(troupe.get(3, "key", Consistency{Level::all, 0}).value(), "new");
    // By way of a node that is no replica.
    seen = troupe.get(1, "key").item.context;
    troupe.at(4).now.wall = troupe.at(4).now.wall + seconds(-40);
    ASSERT_TRUE(put_with(troupe, 4, "key", "newest", seen).ok());
    EXPECT_EQ(troupe.get(1, "key").value(), "newest");
}

TEST(StampsInACluster, AStampFarAheadIsRefusedWhereAClientBringsItAndReportedWhereItIsJoined) {
    Troupe troupe(Cast{3, 3, "last_write_wins"});
    troupe.at(1).now.wall = troupe.at(1).now.wall + seconds(600);
    ASSERT_TRUE(troupe.put(1, "key", "far", Consistency{Level::all, 0}).ok()) << "replicas join it";
    Bytes seen = troupe.get(1, "key").item.context;
    Answer refused = put_with(troupe, 2, "key", "new", seen);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.refusal->error.code, Code::invalid_request);
    EXPECT_NE(troupe.at(2).node->facts().problem.find("clock"), std::string::npos);
    EXPECT_EQ(troupe.at(1).node->facts().problem, "");
    // The way out that the refusal names.
    port::Order over = Stage::put_order("key", "new");
    over.item.overwrite = true;
    ASSERT_TRUE(troupe.call(2, over).ok());
    EXPECT_EQ(troupe.get(3, "key").value(), "new");
}

}  // namespace
}  // namespace ashlar::test
