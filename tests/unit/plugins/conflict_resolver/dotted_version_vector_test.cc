// What only dotted version vectors do: fold, refuse used dots, and keep an entry small.
#include "dotted_version_vector.h"

#include <gtest/gtest.h>

#include <deque>

#include "kit/entry.h"
#include "kit/resolve.h"
#include "random.h"

namespace {

using namespace ashlar;

const Actor self{NodeId{1}, 1, 0};

class Dotted : public testing::Test {
protected:
    Change put(View value, const Dot& dot, View context = {}) {
        Change change;
        change.value = value;
        change.dot = dot;
        change.context = kept_.emplace_back(context);
        change.wall = WallTime{1000};
        return change;
    }
    kit::CausalContext context(View entry) { return kit::open_entry(entry)->context; }

    std::deque<Bytes> kept_;  // contexts of changes, which only borrow them
    dotted_version_vector::DottedVersionVector resolver_;
};

TEST_F(Dotted, OnlyCausalWritesNeedTheHeldEntry) {
    EXPECT_FALSE(resolver_.needs_held(put("a", {self, 1})));
    EXPECT_TRUE(resolver_.needs_held(put("a", {self, 1}, kit::CausalContext().encoded())));
}

TEST_F(Dotted, ABlindPutIsItsDotAlone) {
    const Bytes entry = *resolver_.update("", put("value", {self, 77}));
    EXPECT_EQ(context(entry).seen().size(), 1u);
    EXPECT_EQ(context(entry).of(self)->base, 0u);
    EXPECT_EQ(context(entry).of(self)->dots, std::vector<std::uint64_t>{77});
}

TEST_F(Dotted, FoldsOwnDotsUpToWhatWasComplete) {
    const Bytes first = *resolver_.update("", put("a", {self, 10}));
    const Bytes seen = context(first).encoded();
    Change change = put("b", {self, 20}, seen);
    change.complete_through = 19;
    EXPECT_EQ(context(*resolver_.update(first, change)).of(self)->base, 20u);
    change.complete_through = 15;
    const kit::CausalContext partly = context(*resolver_.update(first, change));
    EXPECT_EQ(partly.of(self)->base, 15u);
    EXPECT_EQ(partly.of(self)->dots, std::vector<std::uint64_t>{20});
    change.complete_through = 0;
    EXPECT_EQ(context(*resolver_.update(first, change)).of(self)->dots, (std::vector<std::uint64_t>{10, 20}));
    change.complete_through = 500;  // never beyond the write itself
    EXPECT_EQ(context(*resolver_.update(first, change)).of(self)->base, 20u);
}

TEST_F(Dotted, AJoinThatCopiesTheNewerSideIsTheJoin) {
    // Histories of three writers who read, write with what they read or without, expire and exchange entries.
    int copied = 0;
    int opened = 0;
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        sim::SeededRandom random(seed);
        std::vector<Bytes> pool{*resolver_.update("", put("first", {self, 1}))};
        for (std::uint64_t counter = 2; counter < 40; ++counter) {
            const Bytes held = pool[random.below(pool.size())];
            const Actor writer{NodeId{1 + random.below(3)}, 1, 0};
            Change change = put("v", {writer, counter}, random.below(3) == 0 ? Bytes() : context(held).encoded());
            if (random.below(3) == 0) change.expires = WallTime{static_cast<std::int64_t>(counter)};
            if (auto made = resolver_.update(held, change); made) pool.push_back(*made);
            if (random.below(4) == 0) pool.push_back(*resolver_.settle(held, Keep{WallTime{20}, WallTime{0}}));
            const Bytes &a = pool[random.below(pool.size())], &b = pool[random.below(pool.size())];
            kit::EntryParts left = *kit::open_entry(a), right = *kit::open_entry(b);
            const auto versions = kit::join_versions(left, right);
            left.context.merge(right.context);
            const Bytes joined = kit::write_entry(left.head, left.context, versions);
            ASSERT_EQ(*resolver_.join(a, b), joined) << "seed " << seed << " counter " << counter;
            (kit::covers(a, b, left.head) || kit::covers(b, a, left.head) ? copied : opened)++;
            pool.push_back(joined);
        }
    }
    EXPECT_GT(copied, 100);
    EXPECT_GT(opened, 100);
}

TEST_F(Dotted, FoldsOnlyTheWritersDots) {
    const Actor other{NodeId{2}, 1, 0};
    const Bytes first = *resolver_.update("", put("a", {other, 10}));
    Change change = put("b", {self, 20}, context(first).encoded());
    change.complete_through = 19;
    const kit::CausalContext after = context(*resolver_.update(first, change));
    EXPECT_EQ(after.of(other)->dots, std::vector<std::uint64_t>{10});
    EXPECT_EQ(after.of(self)->base, 20u);
}

TEST_F(Dotted, RefusesADotThatWasUsedOrIsNone) {
    const Bytes first = *resolver_.update("", put("a", {self, 10}));
    kit::CausalContext claims;
    claims.raise(self, 30);
    for (const Change& change :
         {put("b", {self, 10}, kit::CausalContext().encoded()), put("b", {self, 20}, claims.encoded()),
          put("b", {self, 0}), put("b", {self, kit::counter_max + 1})}) {
        const Result<Bytes> made = resolver_.update(first, change);
        ASSERT_FALSE(made);
        EXPECT_EQ(made.error().code, Code::invalid_request);
    }
}

TEST_F(Dotted, RefusesEntriesWithAnExtra) {
    kit::StoredVersion version;
    version.dot = {self, 1};
    version.extra = "surplus";
    const Bytes entry = kit::write_single(dotted_version_vector::head, version);
    EXPECT_FALSE(resolver_.check(entry));
    EXPECT_FALSE(resolver_.join(entry, entry));
}

TEST_F(Dotted, AThousandByteValueCostsFewBytesMore) {
    const Bytes value(1000, 'x');
    Change change = put(value, {self, 1'000'000});
    EXPECT_LE(resolver_.update("", change)->size(), value.size() + 40);
}

}  // namespace
