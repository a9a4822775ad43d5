// Leaving: whole ranges at once, tombstones by permission, expired versions as tombstones.
#include "engine_test.h"

namespace ashlar::contract {
namespace {

ON_EVERY_ENGINE(EngineRetire);

constexpr std::int64_t day = 86'400'000'000;

Retirement whole(TokenRange tokens, std::uint32_t table) {
    return {tokens, TableId{table}, true, WallTime{0}};
}
Retirement forget(WallTime before, std::uint32_t table = 1) {
    return {TokenRange{}, TableId{table}, false, before};
}

void lay_in(Rig& rig, Content& model) {
    for (std::uint64_t n = 0; n < 300; ++n) {
        Key key = key_of(n, static_cast<std::uint32_t>(1 + n % 2));
        ASSERT_OK(rig.put_patiently({{key, slot_of(n + 1, 400)}}));
        join_into(model, key, slot_of(n + 1, 400));
    }
}

TEST_P(EngineRetire, TakesAWholeRangeOfATableAtOnce) {
    Rig rig(GetParam(), disk_);
    ASSERT_TRUE(rig.open()) << rig.log();
    Content model;
    lay_in(rig, model);
    const TokenRange half{0, (Token{1} << 63) - 1};
    ASSERT_OK(rig->retire(whole(half, 1)));
    std::erase_if(model, [&](const auto& held) { return held.first.table == 1 && half.holds(held.first.token); });
    for (int pass = 0; pass < 3; ++pass) {
        auto found = rig.content();
        ASSERT_OK(found);
        EXPECT_TRUE(same_content(model, *found)) << "pass " << pass;
        for (std::uint64_t n = 0; n < 300; ++n) {
            Key key = key_of(n, static_cast<std::uint32_t>(1 + n % 2));
            auto held = model.find(key);
            ASSERT_EQ(taken(rig.get(key)), held == model.end() ? "" : held->second) << show(key);
        }
        ScanRange backwards;
        backwards.reverse = true;
        EXPECT_EQ(taken(rig.content(backwards)).size(), model.size());
        ASSERT_OK(rig.sync());
        ASSERT_OK(rig.maintain());
    }
}

TEST_P(EngineRetire, TakesWhatIsWrittenAfterwards) {
    Rig rig(GetParam(), disk_);
    ASSERT_TRUE(rig.open()) << rig.log();
    Content model;
    lay_in(rig, model);
    ASSERT_OK(rig.sync());
    ASSERT_OK(rig.maintain());
    for (std::uint32_t table : {1u, 2u}) ASSERT_OK(rig->retire(whole(TokenRange{}, table)));
    model.clear();
    EXPECT_TRUE(taken(rig.content()).empty());
    // Stamps older than the retired ones: if a retired entry were joined in again, it would win.
    for (std::uint64_t n = 0; n < 300; n += 3) {
        ASSERT_OK(rig.put_patiently({{key_of(n), slot_of(0, 30)}}));
        join_into(model, key_of(n), slot_of(0, 30));
    }
    for (int pass = 0; pass < 3; ++pass) {
        auto found = rig.content();
        ASSERT_OK(found);
        EXPECT_TRUE(same_content(model, *found)) << "pass " << pass;
        for (std::uint64_t n = 0; n < 300; n += 3) ASSERT_EQ(taken(rig.get(key_of(n))), model.at(key_of(n)));
        if (pass == 1) fill(rig, model, 300, 4, 300, 1000);
        ASSERT_OK(rig.sync());
        ASSERT_OK(rig.maintain());
    }
}

TEST_P(EngineRetire, GivesTheRoomBack) {
    Rig rig(GetParam(), disk_);
    ASSERT_TRUE(rig.open()) << rig.log();
    Content model;
    fill(rig, model, 400, 3, 1000);
    EngineStats full = rig->stats();
    ASSERT_OK(rig->retire(whole(TokenRange{}, 1)));
    ASSERT_OK(rig.sync());
    ASSERT_OK(rig.maintain());
    model.clear();
    fill(rig, model, 50, 2, 1000, 10'000);
    EngineStats after = rig->stats();
    EXPECT_LT(after.disk_bytes + after.memory_bytes, (full.disk_bytes + full.memory_bytes) * 3 / 4);
    EXPECT_TRUE(same_content(model, taken(rig.content())));
}

TEST_P(EngineRetire, TurnsExpiredVersionsIntoTombstonesOnly) {
    Rig rig(GetParam(), disk_);
    ASSERT_TRUE(rig.open()) << rig.log();
    Content model;
    for (std::uint64_t n = 0; n < 200; ++n) {
        Slot slot = slot_of(n + 1, 400);
        slot.expires = WallTime{n % 2 == 0 ? day : 5 * day};
        ASSERT_OK(rig.put_patiently({{key_of(n), slot}}));
        join_into(model, key_of(n), slot);
    }
    ASSERT_OK(rig.sync());
    ASSERT_OK(rig.maintain(WallTime{2 * day}));
    for (std::uint64_t n = 0; n < 200; ++n) ASSERT_OK(rig.put_patiently({{key_of(n), slot_of(n + 1000, 400, 1)}}));
    ASSERT_OK(rig.sync());
    ASSERT_OK(rig.maintain(WallTime{3 * day}));
    for (std::uint64_t n = 0; n < 200; ++n) {
        auto found = rig.get(key_of(n));
        ASSERT_OK(found);
        auto slots = decode(*found);
        ASSERT_OK(slots) << "entry " << n << " went without permission";
        ASSERT_EQ(slots->size(), 2u);
        const Slot& first = (*slots)[0];
        EXPECT_EQ(first.stamp, n + 1);
        if (first.removed) {
            EXPECT_EQ(n % 2, 0u) << "expires later";
            EXPECT_EQ(first.wall, WallTime{day});
        } else {
            EXPECT_EQ(first.value, value_of(n + 1, 400));
        }
    }
}

/// Tombstones over values that lie deeper; some may leave, some must stay, and no value may come back.
TEST_P(EngineRetire, ForgetsTombstonesOnlyWithTheirValues) {
    Rig rig(GetParam(), disk_);
    ASSERT_TRUE(rig.open()) << rig.log();
    Content model;
    fill(rig, model, 200, 3, 400);
    for (std::uint64_t n = 0; n < 200; ++n)
        for (std::uint8_t slot = 0; slot < 3 && n % 4 != 3; ++slot) {
            Slot tombstone = tombstone_of(5000 + n, WallTime{n % 4 == 0 ? day : n % 4 == 1 ? 2 * day : 9 * day}, slot);
            ASSERT_OK(rig.put_patiently({{key_of(n), tombstone}}));
        }
    ASSERT_OK(rig.sync());
    ASSERT_OK(rig->retire(forget(WallTime{2 * day})));
    ASSERT_OK(rig.sync());
    Content others;
    for (std::uint64_t round = 0; round < 4; ++round) {
        ASSERT_OK(rig.maintain(WallTime{10 * day}));
        for (std::uint64_t n = 0; n < 200; ++n) {
            auto found = rig.get(key_of(n));
            ASSERT_OK(found);
            if (n % 4 == 0 && found->empty()) continue;  // forgotten, as was allowed
            auto slots = decode(*found);
            ASSERT_OK(slots) << "entry " << n << " of kind " << n % 4 << " went without permission";
            for (const Slot& s : *slots) ASSERT_EQ(s.removed, n % 4 != 3) << "entry " << n << " round " << round;
        }
        fill(rig, others, 150, 2, 500, 20'000 + round * 1000, 1000);
    }
}

TEST_P(EngineRetire, ForgetsNothingWhileASnapshotHoldsIt) {
    Rig rig(GetParam(), disk_);
    ASSERT_TRUE(rig.open()) << rig.log();
    Content model;
    fill(rig, model, 50, 2, 400);
    auto snapshot = rig->snapshot();
    for (std::uint64_t n = 0; n < 50; ++n)
        for (std::uint8_t slot = 0; slot < 3; ++slot)
            ASSERT_OK(rig.put_patiently({{key_of(n), tombstone_of(5000 + n, WallTime{day}, slot)}}));
    ASSERT_OK(rig->retire(forget(WallTime{2 * day})));
    ASSERT_OK(rig.sync());
    ASSERT_OK(rig.maintain(WallTime{10 * day}));
    for (std::uint64_t n = 0; n < 50; ++n) EXPECT_NE(taken(rig.get(key_of(n))), "");
    EXPECT_TRUE(same_content(model, taken(content_of(*snapshot))));
}

}  // namespace
}  // namespace ashlar::contract
