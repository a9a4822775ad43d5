// What a coordinator remembers of named writes, and since when it remembers all.
#include "request/recent.h"

#include <gtest/gtest.h>

namespace ashlar::request {
namespace {

Recent::Name name(std::uint64_t n) {
    Recent::Name out;
    out.key_hash = n;
    return out;
}

TEST(Recent, KnowsNothingOfWhatCameBeforeItsFirstOrder) {
    Recent recent;
    EXPECT_FALSE(recent.knows_all_since(Instant{0}));
    recent.begin(Instant{1000});
    recent.begin(Instant{2000});
    EXPECT_FALSE(recent.knows_all_since(Instant{999}));
    EXPECT_TRUE(recent.knows_all_since(Instant{1000}));
}

TEST(Recent, SaysWhenItHadToForget) {
    Recent recent;
    recent.begin(Instant{0});
    for (std::uint64_t n = 0; n < recent_max; ++n) recent.add(name(n), {}, Instant{static_cast<std::int64_t>(n)});
    EXPECT_TRUE(recent.knows_all_since(Instant{0}));
    recent.add(name(0), {}, Instant{1'000'000});
    EXPECT_TRUE(recent.knows_all_since(Instant{0})) << "a name it knows takes no more room";
    recent.add(name(recent_max), {}, Instant{1'000'000});
    EXPECT_EQ(recent.find(name(0)), nullptr);
    EXPECT_NE(recent.find(name(1)), nullptr);
    EXPECT_FALSE(recent.knows_all_since(Instant{0}));
    EXPECT_TRUE(recent.knows_all_since(Instant{1}));
}

TEST(Recent, IsBoundedByTheBytesOfItsContexts) {
    Recent recent;
    recent.begin(Instant{0});
    Recent::Outcome outcome;
    outcome.context = Bytes(16 * 1024, 'c');
    const std::size_t fit = recent_bytes_max / outcome.context.size();
    for (std::uint64_t n = 0; n <= fit; ++n) recent.add(name(n), outcome, Instant{static_cast<std::int64_t>(n)});
    EXPECT_EQ(recent.find(name(0)), nullptr);
    EXPECT_NE(recent.find(name(1)), nullptr);
    EXPECT_FALSE(recent.knows_all_since(Instant{0}));
}

}  // namespace
}  // namespace ashlar::request
