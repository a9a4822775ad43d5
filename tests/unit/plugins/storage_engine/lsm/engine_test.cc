// What is this engine's own, beside what the contract suite asks of every engine.
#include "faulty_disk.h"
#include "joiner.h"
#include "lsm.h"
#include "plain_host.h"

extern std::size_t allocations;  // counted_new.cc

namespace ashlar::lsm {
namespace {

class LsmTest : public testing::Test {
protected:
    LsmTest() {
        tuning.memtable_bytes = 64 << 10;
        tuning.log_segment_bytes = 32 << 10;
        tuning.log_reserve_bytes = 8 << 10;
        tuning.block_bytes = 512;
        tuning.table_bytes = 32 << 10;
        tuning.level_base_bytes = 128 << 10;
        tuning.level_ratio = 4;
        tuning.disk_reserve_bytes = 0;
    }
    Result<void> open() {
        engine.reset();
        host = std::make_unique<sim::PlainHost>(*disk, joiner);
        auto made = Lsm::open(*host, tuning);
        if (!made) return made.error();
        engine = std::move(*made);
        return {};
    }
    static Result<void> carry_out(std::unique_ptr<Work> work) {
        if (work == nullptr) return {};
        work->run();
        return work->finish();
    }
    Result<void> sync() { return carry_out(engine->sync(SyncDepth::synced)); }
    void maintain(WallTime now = {}) {
        while (auto work = engine->maintain(64 << 10, now)) {
            work->run();
            ASSERT_TRUE(fine(work->finish()));
        }
    }
    Result<Sequence> put(Token token, View key, View entry) {
        Write write{at(token, key), entry};
        return engine->apply({&write, 1});
    }
    Bytes get(Token token, View key) {
        auto found = engine->snapshot()->get(at(token, key));
        EXPECT_TRUE(fine(found));
        return found && found->state == Found::State::present ? Bytes(found->entry()) : Bytes("-");
    }
    /// Writes keys 0..count, 100 times the letter.
    void fill(std::uint64_t count, char letter, std::uint64_t from = 0) {
        for (std::uint64_t n = from; n < from + count; ++n) {
            while (!put(spread(n), kit::text("key-", n), Bytes(1, letter) + pad(n))) {
                ASSERT_TRUE(fine(sync()));
                maintain();
            }
        }
    }
    /// Digits that make entries of some length and survive the joiner.
    static Bytes pad(std::uint64_t) { return "0123456789"; }
    std::int64_t fact(const std::string& name) {
        for (const auto& [n, value] : engine->stats().facts)
            if (n == name) return value;
        return 0;
    }
    std::vector<std::string> files(View prefix) {
        std::vector<std::string> out;
        for (const std::string& name : disk->files())
            if (name.starts_with(prefix)) out.push_back(name);
        return out;
    }

    LetterJoiner joiner;
    std::unique_ptr<sim::FaultyDisk> disk = std::make_unique<sim::FaultyDisk>();
    Tuning tuning;
    std::unique_ptr<sim::PlainHost> host;
    std::unique_ptr<Lsm> engine;
};

TEST_F(LsmTest, AGetFromMemoryAllocatesNothing) {
    ASSERT_TRUE(fine(open()));
    ASSERT_TRUE(fine(put(7, "key", "abc")));
    std::size_t before = allocations;
    for (int i = 0; i < 100; ++i) {
        auto found = engine->get(at(7, "key"));
        ASSERT_EQ(found->entry(), "abc");
        ASSERT_TRUE(found->owned.empty());
        ASSERT_EQ(engine->get(at(7, "none"))->state, Found::State::absent);
    }
    EXPECT_EQ(allocations, before);
}

TEST_F(LsmTest, AnApplyAllocatesLessThanOnceInAWhile) {
    tuning.memtable_bytes = tuning.log_segment_bytes = 8 << 20;
    ASSERT_TRUE(fine(open()));
    for (std::uint64_t n = 0; n < 100; ++n) ASSERT_TRUE(fine(put(spread(n), "key", Bytes(100, 'x'))));
    std::size_t before = allocations;
    Bytes entry(1000, 'x');
    for (std::uint64_t n = 1000; n < 2000; ++n) ASSERT_TRUE(fine(put(spread(n), "key", entry)));
    EXPECT_LT(allocations - before, 20u) << "for 1000 writes";
}

TEST_F(LsmTest, ASyncAllocatesOnceOnTheLoop) {
    tuning.memtable_bytes = tuning.log_segment_bytes = 8 << 20;
    ASSERT_TRUE(fine(open()));
    Bytes entry(1000, 'x');
    std::size_t count = 0;
    for (std::uint64_t n = 0; n < 500; ++n) {
        ASSERT_TRUE(fine(put(spread(n), "key", entry)));
        std::size_t before = allocations;
        auto work = engine->sync(SyncDepth::synced);
        std::size_t made = allocations - before;
        work->run();
        before = allocations;
        ASSERT_TRUE(fine(work->finish()));
        ASSERT_EQ(engine->synced(), n + 1);
        if (n >= 100) count += made + allocations - before;
    }
    EXPECT_LE(count, 420u) << "for 400 syncs: the work itself";
}

TEST_F(LsmTest, StatsCountTheSnapshotsThatAreHeld) {
    ASSERT_TRUE(fine(open()));
    auto first = engine->snapshot();
    auto second = engine->snapshot();
    EXPECT_EQ(fact("snapshots"), 2);
    first.reset();
    EXPECT_EQ(fact("snapshots"), 1);
}

TEST_F(LsmTest, CompactionKeepsLevelsInBoundsAndRewritesLittle) {
    ASSERT_TRUE(fine(open()));
    for (char letter = 'a'; letter < 'i'; ++letter) fill(8000, letter);
    ASSERT_TRUE(fine(sync()));
    maintain();
    EXPECT_LE(fact("level_0_tables"), 4);
    EXPECT_LE(fact("level_1_bytes"), 160 << 10);
    EXPECT_GT(fact("compactions"), 3);
    std::int64_t flushed = fact("flushed_bytes"), compacted = fact("compacted_bytes");
    EXPECT_LT(compacted, flushed * 12) << "write amplification";
    for (std::uint64_t n = 0; n < 8000; n += 13)
        ASSERT_EQ(get(spread(n), kit::text("key-", n)), "0123456789abcdefgh") << n;
    ASSERT_TRUE(fine(open()));
    for (std::uint64_t n = 0; n < 8000; n += 17)
        ASSERT_EQ(get(spread(n), kit::text("key-", n)), "0123456789abcdefgh") << n;
}

TEST_F(LsmTest, ASnapshotKeepsItsFilesAndNoLonger) {
    ASSERT_TRUE(fine(open()));
    fill(3000, 'a');
    maintain();
    auto snapshot = engine->snapshot();
    std::size_t held = files("table-").size();
    ASSERT_GT(held, 0u);
    ASSERT_TRUE(fine(engine->retire({TokenRange{}, TableId{0}, true, {}})));
    maintain();
    EXPECT_EQ(files("table-").size(), held);
    EXPECT_EQ(get(spread(5), "key-5"), "-");
    auto old = snapshot->get(at(spread(5), "key-5"));
    ASSERT_TRUE(fine(old));
    EXPECT_EQ(old->entry(), "a0123456789");
    old->pin.reset();
    snapshot.reset();
    maintain();
    EXPECT_EQ(files("table-").size(), 0u);
}

TEST_F(LsmTest, ATombstoneStaysWhileAnotherRunHoldsTheKey) {
    tuning.l0_compact_tables = 64;
    ASSERT_TRUE(fine(open()));
    auto flush = [&] {
        for (int n = 0; engine->stats().facts.size() != 0 && n < 20000 && fact("frozen_memtables") == 0; ++n)
            ASSERT_TRUE(fine(put(spread(static_cast<std::uint64_t>(n)), "filler", "f")));
        maintain(WallTime{10});
    };
    ASSERT_TRUE(fine(put(1, "covered", "v")));
    flush();
    ASSERT_TRUE(fine(put(1, "covered", "T")));
    ASSERT_TRUE(fine(put(1, "alone", "T")));
    ASSERT_TRUE(fine(engine->retire({TokenRange{}, TableId{0}, false, WallTime{5}})));
    flush();
    EXPECT_EQ(get(1, "covered"), "Tv") << "the older run holds what it covers";
    EXPECT_EQ(get(1, "alone"), "-");
    EXPECT_GT(fact("forgotten_entries"), 0);
}

TEST_F(LsmTest, ADamagedTableIsSetAsideAndHealedByRetiringItsRange) {
    ASSERT_TRUE(fine(open()));
    fill(4000, 'a');
    ASSERT_TRUE(fine(sync()));
    maintain();
    ASSERT_TRUE(fine(open()));
    maintain();
    std::string table = files("table-").front();
    ASSERT_TRUE(disk->flip_bit(table, 300 * 8));
    auto scrub = engine->scrub();
    scrub->run();
    ASSERT_TRUE(fine(scrub->finish()));
    ASSERT_EQ(scrub->bad.size(), 1u);
    EXPECT_EQ(scrub->bad[0].file, table);
    fill(4000, 'b');
    maintain();
    EXPECT_EQ(fact("damaged_tables"), 1) << "the rest went on without it";
    TokenRange tokens = scrub->bad[0].tokens;
    std::uint64_t crossing = 0;
    auto snapshot = engine->snapshot();
    for (std::uint64_t n = 0; n < 4000; ++n) {
        auto found = snapshot->get(at(spread(n), kit::text("key-", n)));
        if (!found) {
            EXPECT_EQ(found.error().code, Code::corrupt);
            EXPECT_TRUE(tokens.holds(spread(n)));
            ++crossing;
        }
    }
    EXPECT_GT(crossing, 0u) << "an error, never the newer half alone";
    snapshot.reset();
    ASSERT_TRUE(fine(engine->retire({tokens, TableId{0}, true, {}})));
    for (std::uint64_t n = 0; n < 4000; ++n) {
        if (!tokens.holds(spread(n))) continue;
        ASSERT_TRUE(fine(put(spread(n), kit::text("key-", n), "adehl")));
    }
    maintain();
    EXPECT_EQ(fact("damaged_tables"), 0);
    for (std::uint64_t n = 0; n < 4000; ++n)
        ASSERT_EQ(get(spread(n), kit::text("key-", n)), tokens.holds(spread(n)) ? "adehl" : "0123456789ab") << n;
}

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

}  // namespace
}  // namespace ashlar::lsm
