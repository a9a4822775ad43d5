// Flushes, syncs and starts on a disk that fails or is full.
#include "lsm_stage.h"

namespace ashlar::lsm {
namespace {

TEST_F(LsmTest, WhatWasAppliedIsSyncedThoughAFlushHasFailed) {
    ASSERT_TRUE(fine(open()));
    while (fact("frozen_memtables") == 0) fill(50, 'a');
    ASSERT_TRUE(fine(put(3, "last", "z")));
    disk->judge([](const sim::Call& call) -> std::optional<Code> {
        if (call.syncs() && call.path.starts_with("table-")) return Code::io;
        return std::nullopt;
    });
    EXPECT_FALSE(carry_out(engine->maintain(1 << 20, {})));
    auto refused = put(4, "more", "y");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::closed);
    EXPECT_FALSE(engine->stats().writable);
    ASSERT_TRUE(fine(sync()));
    disk = disk->crash(1, sim::Loss::everything);
    ASSERT_TRUE(fine(open()));
    EXPECT_EQ(get(3, "last"), "z");
}

TEST_F(LsmTest, AFlushThatFailedWithoutASyncIsTriedAgain) {
    for (auto kind : {sim::CallKind::open, sim::CallKind::create, sim::CallKind::append, sim::CallKind::read}) {
        SCOPED_TRACE(sim::name_of(kind));
        disk = std::make_unique<sim::FaultyDisk>();
        ASSERT_TRUE(fine(open()));
        while (fact("frozen_memtables") == 0) fill(50, 'a');
        disk->judge([kind](const sim::Call& call) -> std::optional<Code> {
            if (call.kind == kind && call.path.starts_with("table-")) return Code::io;
            return std::nullopt;
        });
        if (kind != sim::CallKind::read) {
            EXPECT_FALSE(carry_out(engine->maintain(1 << 20, {})));
            EXPECT_TRUE(engine->stats().writable) << engine->stats().why_not;
        }
        ASSERT_TRUE(fine(put(3, "last", "z")));
        ASSERT_TRUE(fine(sync()));
        disk->heal();
        maintain();
        EXPECT_EQ(fact("frozen_memtables"), 0);
        EXPECT_EQ(fact("flushes"), 1);
        EXPECT_EQ(files("table-").size(), 1u) << "what the failed one wrote is gone";
        disk = disk->crash(1, sim::Loss::everything);
        ASSERT_TRUE(fine(open()));
        EXPECT_EQ(get(3, "last"), "z");
    }
}

TEST_F(LsmTest, AFlushThatNeverSucceedsStopsWritesAtLast) {
    ASSERT_TRUE(fine(open()));
    while (fact("frozen_memtables") == 0) fill(50, 'a');
    disk->judge([](const sim::Call& call) -> std::optional<Code> {
        bool hit = call.kind == sim::CallKind::create && call.path.starts_with("table-");
        return hit ? std::optional(Code::io) : std::nullopt;
    });
    int tries = 0;
    for (; engine->stats().writable && tries < 100; ++tries) EXPECT_FALSE(carry_out(engine->maintain(1 << 20, {})));
    EXPECT_EQ(tries, 10);
    EXPECT_FALSE(put(4, "more", "y"));
    ASSERT_TRUE(fine(sync())) << "the log goes on";
}

TEST_F(LsmTest, AnEngineWhoseLogFailedSaysSoInsteadOfNothingToDo) {
    ASSERT_TRUE(fine(open()));
    ASSERT_TRUE(fine(put(3, "k", "z")));
    disk->fail_nth_sync(1);
    EXPECT_FALSE(sync());
    disk->heal();
    auto again = sync();
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, Code::closed);
    EXPECT_EQ(get(3, "k"), "z") << "reads go on";
}

TEST_F(LsmTest, StartsOnAFullDiskWithItsLogInMemory) {
    ASSERT_TRUE(fine(open()));
    fill(2000, 'a');
    ASSERT_TRUE(fine(sync()));
    disk = disk->crash(1, sim::Loss::everything);
    disk->set_capacity(disk->used());
    ASSERT_TRUE(fine(open()));
    EXPECT_FALSE(put(1, "k", "v"));
    for (std::uint64_t n = 0; n < 2000; n += 7) ASSERT_EQ(get(spread(n), kit::text("key-", n)), "a0123456789");
    // The log is all there is of it until it is flushed: a start that could not do so lets none of it go.
    disk = disk->crash(1, sim::Loss::everything);
    ASSERT_TRUE(fine(open()));
    for (std::uint64_t n = 0; n < 2000; n += 7) ASSERT_EQ(get(spread(n), kit::text("key-", n)), "a0123456789");
    disk->set_capacity(std::nullopt);
    maintain(WallTime{5'000'000});
    ASSERT_TRUE(fine(put(1, "k", "v")));
    ASSERT_TRUE(fine(sync()));
    disk = disk->crash(2, sim::Loss::everything);
    ASSERT_TRUE(fine(open()));
    EXPECT_EQ(get(1, "k"), "v");
    for (std::uint64_t n = 0; n < 2000; n += 7) ASSERT_EQ(get(spread(n), kit::text("key-", n)), "a0123456789");
}

/// Each start draws another identity for the directory, until one has put it down.
TEST_F(LsmTest, AFirstStartThatWasBrokenOffAnywhereDoesNotHinderTheNext) {
    for (Code code : {Code::no_space, Code::io}) {
        for (int good = 0;; ++good) {
            SCOPED_TRACE(good);
            disk = std::make_unique<sim::FaultyDisk>();
            int calls = 0;
            disk->judge([&calls, good, code](const sim::Call&) -> std::optional<Code> {
                return calls++ < good ? std::nullopt : std::optional(code);
            });
            seed = 1;
            const bool finished = open().has_value() && calls <= good;
            engine.reset();
            disk = disk->crash(1, sim::Loss::nothing);
            seed = 2;
            ASSERT_TRUE(fine(open()));
            ASSERT_TRUE(fine(put(3, "key", "a")));
            ASSERT_TRUE(fine(sync()));
            EXPECT_EQ(get(3, "key"), "a");
            if (finished) break;
        }
    }
}

TEST_F(LsmTest, KeepsTheReserveFree) {
    tuning.disk_reserve_bytes = 1 << 20;
    disk->set_capacity(3 << 20);
    ASSERT_TRUE(fine(open()));
    Result<Sequence> done = Sequence{0};
    for (std::uint64_t n = 0; done && n < 100'000; ++n) {
        done = put(spread(n), kit::text("key-", n), Bytes(200, 'x'));
        if (done || done.error().code == Code::overloaded) {
            ASSERT_TRUE(fine(sync()));
            maintain();
            done = n;
        }
    }
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, Code::no_space);
    EXPECT_NE(done.error().detail.find("1048576"), std::string::npos) << done.error().detail;
    EXPECT_GT(*disk->free_bytes(), 900u << 10);
    ASSERT_TRUE(fine(engine->retire({TokenRange{}, TableId{1}, true, {}})));
    ASSERT_TRUE(fine(sync()));
    maintain(WallTime{5'000'000});
    EXPECT_TRUE(fine(put(1, "k", "v"))) << "room again";
}

TEST_F(LsmTest, LooksForRoomAgainAfterItRefusedWhatWouldNotFit) {
    // Above the reserve, but not by enough for a large write.
    tuning.disk_reserve_bytes = 150 << 10;
    disk->set_capacity(250 << 10);
    ASSERT_TRUE(fine(open()));
    maintain(WallTime{1'000'000});
    auto refused = put(2, "large", Bytes(40'000, 'x'));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::no_space);
    EXPECT_GT(*disk->free_bytes(), 150u << 10);
    disk->set_capacity(std::nullopt);
    maintain(WallTime{5'000'000});
    EXPECT_TRUE(fine(put(2, "large", Bytes(40'000, 'x')))) << "nothing else had to be written in between";
}

TEST_F(LsmTest, KnowsOfNewRoomBeforeAnythingIsRefused) {
    // It saw the disk nearly full, and then nobody wrote.
    tuning.disk_reserve_bytes = 150 << 10;
    disk->set_capacity(250 << 10);
    ASSERT_TRUE(fine(open()));
    maintain(WallTime{1'000'000});
    disk->set_capacity(std::nullopt);
    maintain(WallTime{5'000'000});
    EXPECT_TRUE(fine(put(2, "large", Bytes(40'000, 'x'))));
}

TEST_F(LsmTest, AFullDiskPassesWithoutARestart) {
    tuning.memtable_bytes = 16 << 10;
    tuning.compress = false;
    for (std::uint64_t room : {100u, 5'000u, 20'000u, 50'000u}) {
        SCOPED_TRACE(room);
        disk = std::make_unique<sim::FaultyDisk>();
        ASSERT_TRUE(fine(open()));
        disk->set_capacity(disk->used() + room);
        std::int64_t clock = 1'000'000;
        auto patiently = [&](std::uint64_t n) {
            (void)carry_out(engine->maintain(1 << 20, WallTime{clock += 2'000'000}));
            auto done = put(spread(n), kit::text("key-", n), Bytes(500, 'x'));
            return done ? sync() : Result<void>(done.error());
        };
        std::vector<std::uint64_t> written;
        // However long it is asked, the answer of a full disk is the same. (It may find some room by a flush.)
        for (std::uint64_t n = 1; n <= 500; ++n) {
            if (auto done = patiently(n))
                written.push_back(n);
            else
                ASSERT_EQ(done.error().code, Code::no_space) << n << ": " << done.error().detail;
        }
        ASSERT_LT(written.size(), 450u);
        EXPECT_FALSE(engine->stats().writable);
        EXPECT_FALSE(engine->stats().why_not.empty());
        disk->set_capacity(std::nullopt);
        ASSERT_TRUE(fine(sync()));
        maintain(WallTime{clock += 2'000'000});
        EXPECT_TRUE(engine->stats().writable) << engine->stats().why_not;
        ASSERT_TRUE(fine(patiently(20'000)));
        disk = disk->crash(1, sim::Loss::everything);
        ASSERT_TRUE(fine(open()));
        for (std::uint64_t n : written) ASSERT_EQ(get(spread(n), kit::text("key-", n)), Bytes(500, 'x')) << n;
        EXPECT_EQ(get(spread(20'000), "key-20000"), Bytes(500, 'x'));
    }
}

TEST_F(LsmTest, TakesNoWriteBehindALogThatWasNeverSynced) {
    ASSERT_TRUE(fine(open()));
    fill(500, 'a');
    ASSERT_TRUE(fine(carry_out(engine->sync(SyncDepth::written))));
    disk = disk->crash(1, sim::Loss::nothing);  // the process dies: what was written is there, but not for good
    disk->set_capacity(disk->used());
    ASSERT_TRUE(fine(open()));
    disk->set_capacity(std::nullopt);
    // There is room again, but the old log was not flushed yet: a synced record behind it would stand behind a hole
    // after a power cut.
    auto early = put(1, "k", "v");
    ASSERT_FALSE(early);
    EXPECT_EQ(early.error().code, Code::no_space);
    maintain(WallTime{5'000'000});
    ASSERT_TRUE(fine(put(1, "k", "v")));
    ASSERT_TRUE(fine(sync()));
    disk = disk->crash(2, sim::Loss::everything);
    ASSERT_TRUE(fine(open()));
    EXPECT_EQ(get(1, "k"), "v");
    EXPECT_EQ(get(spread(499), "key-499"), "a0123456789");
}

TEST_F(LsmTest, RefusesADirectoryThatLostItsNameOfTheManifest) {
    ASSERT_TRUE(fine(open()));
    ASSERT_TRUE(fine(put(1, "k", "v")));
    ASSERT_TRUE(fine(sync()));
    engine.reset();
    ASSERT_TRUE(fine(disk->remove("current")));
    auto refused = open();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::corrupt);
    EXPECT_NE(refused.error().detail.find("current"), std::string::npos);
}

// A seed of the simulator: a compaction saw writes that were never synced, the power went, and a table dropped in the next
// life was shown still, for its file bore a later sequence than the retirement.
TEST_F(LsmTest, ARetirementHidesFilesThatAreAheadOfALostLog) {
    ASSERT_TRUE(fine(open()));
    for (char letter : {'a', 'b', 'c', 'd'}) {
        fill(2'000, letter);
        ASSERT_TRUE(fine(sync()));
    }
    for (std::uint64_t n = 0; n < 200; ++n) ASSERT_TRUE(fine(put(spread(n), "never synced", "x")));
    maintain();
    ASSERT_GT(fact("compactions"), 0);
    disk = disk->crash(1, sim::Loss::everything);
    ASSERT_TRUE(fine(open()));
    Bytes before = get(spread(1), "key-1");
    EXPECT_NE(before, "-");
    Retirement all;
    all.table = at(0, "").table;
    all.whole = true;
    ASSERT_TRUE(fine(engine->retire(all)));
    for (std::uint64_t n = 0; n < 2'000; ++n) ASSERT_EQ(get(spread(n), kit::text("key-", n)), "-") << n;
}

}  // namespace
}  // namespace ashlar::lsm
