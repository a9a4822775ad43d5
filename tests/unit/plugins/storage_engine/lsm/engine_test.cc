// What is this engine's own, beside what the contract suite asks of every engine.
#include "lsm_stage.h"

extern std::size_t allocations;  // counted_new.cc

namespace ashlar::lsm {
namespace {

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

}  // namespace
}  // namespace ashlar::lsm
