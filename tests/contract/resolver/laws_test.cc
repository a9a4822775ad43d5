// The laws of a join, and that no version is lost or comes back, on generated histories.
#include "cases.h"
#include "history.h"

namespace ashlar::contract {
namespace {

class Laws : public ResolverContract {
protected:
    History::Rule rule() const { return GetParam().one_wins() ? History::Rule::latest : History::Rule::exact; }
};

TEST_P(Laws, ReadersSeeExactlyWhatNothingReplaced) {
    for (std::uint64_t seed = 1; seed <= rounds(60, 3000); ++seed) {
        History history(*resolver_, rule(), seed, 4);
        for (int i = 0; i < 150 && history.complaint().empty(); ++i) history.step();
        EXPECT_GT(history.writes(), 10u);
        EXPECT_TRUE(history.converge()) << "seed " << seed;
        ASSERT_EQ(history.complaint(), "") << "seed " << seed;
    }
}

TEST_P(Laws, JoinIsCommutativeAssociativeAndIdempotent) {
    for (std::uint64_t seed = 1; seed <= rounds(30, 1000); ++seed) {
        History history(*resolver_, rule(), seed, 4);
        for (int i = 0; i < 100; ++i) history.step();
        sim::SeededRandom random(seed);
        const std::vector<Bytes>& pool = history.pool();
        ASSERT_FALSE(pool.empty());
        for (int i = 0; i < 100; ++i) {
            const Bytes &a = pool[random.below(pool.size())], &b = pool[random.below(pool.size())],
                        &c = pool[random.below(pool.size())];
            const Bytes ab = join(a, b);
            expect_sound(ab);
            ASSERT_EQ(ab, join(b, a)) << "seed " << seed;
            ASSERT_EQ(join(a, a), a) << "seed " << seed;
            ASSERT_EQ(join(ab, c), join(a, join(b, c))) << "seed " << seed;
            ASSERT_EQ(join(ab, b), ab) << "seed " << seed;
        }
    }
}

TEST_P(Laws, SettlingCommutesWithJoining) {
    for (std::uint64_t seed = 1; seed <= rounds(30, 1000); ++seed) {
        History history(*resolver_, rule(), seed, 3);
        for (int i = 0; i < 100; ++i) history.step();
        sim::SeededRandom random(seed);
        const std::vector<Bytes>& pool = history.pool();
        for (int i = 0; i < 50; ++i) {
            const Bytes &a = pool[random.below(pool.size())], &b = pool[random.below(pool.size())];
            const Keep early{WallTime{1'000'000 + static_cast<std::int64_t>(random.below(600))}, WallTime{0}};
            const Keep late{WallTime{early.now.us + 50}, WallTime{0}};
            ASSERT_EQ(settle(join(a, b), early), join(settle(a, early), settle(b, early))) << "seed " << seed;
            ASSERT_EQ(settle(settle(a, early), early), settle(a, early));
            ASSERT_EQ(settle(settle(a, early), late), settle(a, late));
            ASSERT_EQ(values(settle(a, early), early.now), values(a, early.now));
            expect_sound(settle(a, early));
        }
    }
}

TEST_P(Laws, BytesThatWereChangedAreRefusedOrJoinLikeAnyOther) {
    History history(*resolver_, rule(), 7, 4);
    for (int i = 0; i < 60; ++i) history.step();
    for (std::size_t e = 0; e < history.pool().size(); e += 5) {
        const Bytes& entry = history.pool()[e];
        for (std::size_t n = 0; n < entry.size(); ++n) EXPECT_FALSE(resolver_->check(View(entry).substr(0, n)));
        EXPECT_FALSE(resolver_->check(entry + '\0'));
        for (std::size_t at = 0; at < entry.size(); ++at)
            for (int bit = 0; bit < 8; ++bit) {
                Bytes bad = entry;
                bad[at] = static_cast<char>(bad[at] ^ (1 << bit));
                Reading reading;
                const bool fine = resolver_->check(bad).has_value();
                EXPECT_LE(fine, resolver_->read(bad, WallTime{0}, reading).has_value());
                const Result<Bytes> joined = resolver_->join(bad, entry);
                ASSERT_EQ(joined.has_value(), fine);
                if (!fine) continue;
                expect_sound(*joined);
                ASSERT_EQ(*joined, join(entry, bad));
                ASSERT_EQ(join(bad, bad), bad);
            }
    }
}

INSTANTIATE_TEST_SUITE_P(, Laws, testing::ValuesIn(all_resolvers()), resolver_name);

}  // namespace
}  // namespace ashlar::contract
