// Permits and hides: what may leave, and what is gone at once.
#include <map>

#include "hidden.h"
#include "joiner.h"
#include "permits.h"
#include "random.h"

namespace ashlar::lsm {
namespace {

TEST(Permits, KeepTheLatestForEachToken) {
    sim::SeededRandom random(4);
    Permits permits;
    std::map<Token, std::int64_t> model;
    for (int round = 0; round < 400; ++round) {
        Token first = random.next() % 60, last = first + random.next() % 20;
        WallTime before{static_cast<std::int64_t>(random.next() % 1000 + 1)};
        if (round % 10 == 9) {
            permits.clear(TableId{1}, {first, last});
            for (Token t = first; t <= last; ++t) model.erase(t);
        } else {
            permits.add(TableId{1}, {{first, last}, before, static_cast<Sequence>(round)});
            for (Token t = first; t <= last; ++t) model[t] = std::max(model[t], before.us);
        }
        for (Token t = 0; t < 90; ++t)
            ASSERT_EQ(permits.before(t, TableId{1}).us, model.count(t) != 0 ? model[t] : 0)
                << "round " << round << " token " << t;
    }
    EXPECT_EQ(permits.before(5, TableId{2}).us, 0);
    permits.add(TableId{0}, {{0, ~Token{0}}, WallTime{5000}, 500});
    EXPECT_EQ(permits.before(5, TableId{2}).us, 5000) << "table 0 is every table";
}

TEST(Permits, AreBoundedAndGiveUpTheOldest) {
    Permits permits;
    for (std::uint64_t n = 0; n < permits_max + 100; ++n)
        permits.add(TableId{1}, {{n * 10, n * 10 + 3}, WallTime{static_cast<std::int64_t>(n + 1)}, n});
    EXPECT_EQ(permits.size(), permits_max);
    EXPECT_EQ(permits.before(0, TableId{1}).us, 0);
    EXPECT_NE(permits.before(10 * (permits_max + 99), TableId{1}).us, 0);
}

TEST(Permits, CountOnlyWhenNoSnapshotIsOlder) {
    Permits permits;
    permits.add(TableId{1}, {{0, 9}, WallTime{100}, 7});
    permits.add(TableId{1}, {{10, 19}, WallTime{100}, 9});
    Permits counting = permits.given_by(8);
    EXPECT_EQ(counting.before(5, TableId{1}).us, 100);
    EXPECT_EQ(counting.before(15, TableId{1}).us, 0);
    EXPECT_TRUE(permits.news({0, 30}, 8, WallTime{100}));
    EXPECT_FALSE(permits.news({0, 30}, 9, WallTime{100})) << "a file written after the permission has had its chance";
    EXPECT_FALSE(permits.news({0, 30}, 8, WallTime{101}));
}

TEST(Hidden, HidesWhatCameBeforeOnly) {
    Hidden hidden{{{10, {100, 200}, TableId{3}}}};
    EXPECT_TRUE(hidden.holds(150, TableId{3}, 9));
    EXPECT_FALSE(hidden.holds(150, TableId{3}, 10));
    EXPECT_FALSE(hidden.holds(150, TableId{4}, 9));
    EXPECT_FALSE(hidden.holds(99, TableId{3}, 9));
    EXPECT_FALSE(hidden.holds_all(at(100, "", 3), at(200, "", 3), 9)) << "other tables may stand between";
    hidden.hides[0].table = TableId{0};
    EXPECT_TRUE(hidden.holds_all(at(100, "", 3), at(200, "", 7), 9));
    EXPECT_FALSE(hidden.holds_all(at(100, "", 3), at(201, "", 7), 9));
    EXPECT_FALSE(hidden.holds_all(at(100, "", 3), at(200, "", 7), 10));
}

}  // namespace
}  // namespace ashlar::lsm
