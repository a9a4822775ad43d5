// Blocks, filters and table files.
#include <set>

#include "block_cache.h"
#include "bloom.h"
#include "faulty_disk.h"
#include "joiner.h"
#include "names.h"
#include "run.h"
#include "table_builder.h"
#include "table_reader.h"

namespace ashlar::lsm {
namespace {

constexpr std::uint64_t table_home = 77;

TEST(Bloom, LetsFewAbsentKeysThroughAndAllPresentOnes) {
    std::vector<std::uint64_t> hashes;
    for (std::uint64_t n = 0; n < 20'000; ++n) hashes.push_back(bloom_hash(at(spread(n), kit::text("key", n))));
    Bytes filter = build_bloom(hashes, 10);
    EXPECT_LE(filter.size(), 20'000 * 10 / 8 + bloom_line_bytes);
    for (std::uint64_t hash : hashes) ASSERT_TRUE(bloom_may_hold(filter, hash));
    int through = 0;
    for (std::uint64_t n = 20'000; n < 40'000; ++n)
        through += bloom_may_hold(filter, bloom_hash(at(spread(n), kit::text("key", n)))) ? 1 : 0;
    EXPECT_LT(through, 20'000 * 3 / 100);
    EXPECT_TRUE(bloom_may_hold(build_bloom(hashes, 0), 1)) << "no filter excludes nothing";
}

TEST(Block, PacksOnlyWhatShrinks) {
    Bytes even(4000, 'x'), random;
    for (std::uint64_t n = 0; n < 500; ++n) random.append(kit::hex16(spread(n)).substr(0, 8));
    for (char& c : random) c = static_cast<char>(c * 37);
    Bytes sealed;
    EXPECT_LT(seal_block(sealed, even, true, 1), 200u);
    EXPECT_EQ(*open_block(sealed, 1), even);
    sealed.clear();
    EXPECT_EQ(seal_block(sealed, even, false, 1), even.size() + seal_bytes);
}

TEST(Block, RefusesAnotherPlaceAndEveryFlippedBit) {
    Bytes sealed;
    seal_block(sealed, "some bytes of a block, some bytes of a block", true, 1);
    EXPECT_FALSE(open_block(sealed, 2));
    for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
        Bytes bad = sealed;
        bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << bit % 8));
        EXPECT_FALSE(open_block(bad, 1)) << bit;
    }
}

class TableTest : public testing::Test {
protected:
    /// Entries n = 0, step, 2 * step ... with ascending tokens, two keys a token.
    std::shared_ptr<const Table> build(std::uint64_t count, Token step = 10) {
        auto builder = TableBuilder::create(disk, table_name(5), 5, table_home, tuning);
        EXPECT_TRUE(fine(builder));
        for (std::uint64_t n = 0; n < count; ++n)
            EXPECT_TRUE(fine((*builder)->add(at(n / 2 * step, n % 2 == 0 ? "a" : "b"), entry(n), Lasting::lives)));
        auto parts = (*builder)->finish(1000, WallTime{0});
        EXPECT_TRUE(fine(parts));
        auto table = Table::open(disk, table_name(5), parts->facts, table_home);
        EXPECT_TRUE(fine(table));
        return *table;
    }
    static Bytes entry(std::uint64_t n) { return kit::text("entry ", n, Bytes(40, 'e')); }
    Found::State look(const Table& table, const EntryKey& key, Reach reach, View* found = nullptr) {
        auto got = table.get(key, bloom_hash(key), reach, cache);
        EXPECT_TRUE(fine(got));
        if (found != nullptr) *found = got->entry;
        kept = got->pin;
        return got->state;
    }
    static Tuning small() {
        Tuning t;
        t.block_bytes = 300;
        return t;
    }

    Tuning tuning = small();
    sim::FaultyDisk disk;
    BlockCache cache{1 << 20, 300};
    BlockPtr kept;
};

TEST_F(TableTest, FindsEachKeyOnTheDiskAndThenInTheCache) {
    auto table = build(500);
    EXPECT_GT(table->index().size(), 50u);
    EXPECT_EQ(look(*table, at(0, "a"), Reach::memory), Found::State::needs_disk);
    for (std::uint64_t n = 0; n < 500; ++n) {
        View found;
        ASSERT_EQ(look(*table, at(n / 2 * 10, n % 2 == 0 ? "a" : "b"), Reach::disk, &found), Found::State::present);
        EXPECT_EQ(found, entry(n));
        EXPECT_EQ(look(*table, at(n / 2 * 10, n % 2 == 0 ? "a" : "b"), Reach::memory), Found::State::present);
        EXPECT_EQ(look(*table, at(n / 2 * 10 + 5, "a"), Reach::disk), Found::State::absent);
        EXPECT_EQ(look(*table, at(n / 2 * 10, "aa"), Reach::disk), Found::State::absent);
    }
    EXPECT_EQ(look(*table, at(99'999, "a"), Reach::memory), Found::State::absent);
}

TEST_F(TableTest, TellsKeysOfOneTokenApartAcrossBlocks) {
    auto builder = TableBuilder::create(disk, table_name(5), 5, table_home, tuning);
    for (int n = 0; n < 300; ++n)
        ASSERT_TRUE(fine((*builder)->add(at(42, kit::text("key-", 1000 + n)), entry(static_cast<std::uint64_t>(n)),
                                         Lasting::lives)));
    auto parts = (*builder)->finish(1, WallTime{0});
    auto table = *Table::open(disk, table_name(5), parts->facts, table_home);
    for (int n = 0; n < 300; ++n) {
        View found;
        ASSERT_EQ(look(*table, at(42, kit::text("key-", 1000 + n)), Reach::disk, &found), Found::State::present) << n;
        EXPECT_EQ(found, entry(static_cast<std::uint64_t>(n)));
    }
    EXPECT_EQ(look(*table, at(42, "key-1000x"), Reach::disk), Found::State::absent);
}

TEST_F(TableTest, WalksAnyPieceBothWays) {
    auto table = build(200);
    for (std::uint64_t first : {0u, 5u, 10u, 333u, 995u})
        for (std::uint64_t last : {0u, 10u, 500u, 990u, 5000u})
            for (bool reverse : {false, true}) {
                ScanRange range;
                range.tokens = {first, last};
                range.reverse = reverse;
                if (last < first) continue;
                auto run = run_of({table}, std::make_shared<const Hidden>(), Span::of(range), scan_readahead, nullptr);
                std::vector<Bytes> found;
                for (auto more = run->next(); *more; more = run->next()) found.emplace_back(run->entry());
                std::vector<Bytes> wanted;
                for (std::uint64_t n = 0; n < 200; ++n)
                    if (n / 2 * 10 >= first && n / 2 * 10 <= last) wanted.push_back(entry(n));
                if (reverse) std::reverse(wanted.begin(), wanted.end());
                EXPECT_EQ(found, wanted) << first << ".." << last << (reverse ? " reverse" : "");
            }
}

TEST_F(TableTest, AHideCoversBadBlocksSoThatTheRestCanBeRead) {
    auto table = build(200);
    BlockPlace place = table->index().place(3);
    ASSERT_TRUE(disk.flip_bit(table_name(5), (place.offset + 20) * 8));
    auto walk = [&](const Hidden& hidden) -> Result<std::uint64_t> {
        auto run = run_of({table}, std::make_shared<const Hidden>(hidden), Span::everything(), scan_readahead, nullptr);
        for (std::uint64_t n = 0;; ++n) {
            auto more = run->next();
            if (!more) return more.error();
            if (!*more) return n;
        }
    };
    auto bad = walk({});
    ASSERT_FALSE(bad);
    EXPECT_EQ(bad.error().code, Code::corrupt);
    EXPECT_TRUE(table->damaged());
    Hidden hidden{{{2000, {table->index().last_token(2), table->index().last_token(3)}, TableId{0}}}};
    auto rest = walk(hidden);
    ASSERT_TRUE(fine(rest));
    EXPECT_LT(*rest, 200u);
    EXPECT_GT(*rest, 180u);
}

TEST_F(TableTest, RefusesAnotherDirectoryAndANewerFormat) {
    auto table = build(50);
    EXPECT_TRUE((*Table::open(disk, table_name(5), table->facts(), table_home + 1))->broken());
    Bytes content = disk.contents(table_name(5));
    ++content[content.size() - 12];
    ++content[content.size() - 20];  // of the checksum, which a later format makes otherwise
    auto newer = disk.create("newer");
    ASSERT_TRUE(fine((*newer)->append(content)));
    auto refused = Table::open(disk, "newer", table->facts(), table_home);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::unsupported);
    EXPECT_NE(refused.error().detail.find("format 2"), std::string::npos) << refused.error().detail;
    auto missing = Table::open(disk, "nowhere", table->facts(), table_home);
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, Code::corrupt);
}

TEST_F(TableTest, DamagedEndsMakeEveryReadFailButNotTheStart) {
    auto table = build(50);
    const std::uint64_t end = table->facts().file_bytes;
    for (std::uint64_t at_byte = end - footer_bytes; at_byte < end; ++at_byte) {
        SCOPED_TRACE(at_byte);
        ASSERT_TRUE(disk.flip_bit(table_name(5), at_byte * 8));
        auto opened = Table::open(disk, table_name(5), table->facts(), table_home);
        ASSERT_TRUE(fine(opened)) << "the number of the format too";
        auto got = (*opened)->get(at(0, "a"), bloom_hash(at(0, "a")), Reach::disk, cache);
        ASSERT_FALSE(got);
        EXPECT_EQ(got.error().code, Code::corrupt);
        EXPECT_FALSE((*opened)->excludes(at(0, "a"), bloom_hash(at(0, "a"))));
        ASSERT_TRUE(disk.flip_bit(table_name(5), at_byte * 8));
    }
}

TEST(BlockCache, KeepsWithinItsBudgetAndForgetsWhatIsNotUsed) {
    BlockCache cache(160'000, 1000);
    auto block = [](std::uint64_t n) { return std::make_shared<const Bytes>(1000, static_cast<char>(n)); };
    cache.keep(1, 0, block(7));
    for (std::uint64_t n = 1; n < 2000; ++n) {
        ASSERT_NE(cache.find(1, 0), nullptr) << "what is used stays";
        cache.keep(2, n * 1000, block(n));
        ASSERT_LE(cache.bytes(), 160'000u);
    }
    std::uint64_t held = 0;
    for (std::uint64_t n = 1; n < 2000; ++n)
        if (auto found = cache.find(2, n * 1000)) {
            ++held;
            EXPECT_EQ((*found)[0], static_cast<char>(n));
        }
    EXPECT_GT(held, 40u);
    BlockCache none(0, 1000);
    none.keep(1, 0, block(1));
    EXPECT_EQ(none.find(1, 0), nullptr);
}

}  // namespace
}  // namespace ashlar::lsm
