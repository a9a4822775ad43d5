// Scans and snapshots: order, ends, direction, resuming, and a moment that stays as it was.
#include <algorithm>

#include "engine_test.h"

namespace ashlar::contract {
namespace {

ON_EVERY_ENGINE(EngineScan);

/// What a scan must visit, worked out from the model.
std::vector<std::pair<Key, Bytes>> expected(const Content& model, const ScanRange& range) {
    std::vector<std::pair<Key, Bytes>> out;
    Key after{range.after_token, range.after_table.value, range.after_key};
    for (const auto& [key, entry] : model) {
        if (!range.tokens.holds(key.token) || (range.table.value != 0 && range.table.value != key.table)) continue;
        if (range.resume && (range.reverse ? !(key < after) : !(after < key))) continue;
        out.emplace_back(key, entry);
    }
    if (range.reverse) std::reverse(out.begin(), out.end());
    return out;
}

/// Three tables, some of it flushed and compacted, some in memory only.
void lay_out(Rig& rig, Content& model) {
    std::uint64_t stamp = 0;
    for (std::uint64_t round = 0; round < 5; ++round) {
        for (std::uint64_t n = round; n < 150; n += 1 + round % 2) {
            Key key = key_of(n, static_cast<std::uint32_t>(1 + n % 3));
            ++stamp;
            Slot slot = slot_of(stamp, 350, static_cast<std::uint8_t>(stamp % 2));
            ASSERT_OK(rig.put_patiently({{key, slot}}));
            join_into(model, key, slot);
        }
        if (round == 4) break;
        ASSERT_OK(rig.sync());
        ASSERT_OK(rig.maintain());
    }
}

TEST_P(EngineScan, VisitsARangeInOrderBothWays) {
    Rig rig(GetParam(), disk_);
    ASSERT_TRUE(rig.open()) << rig.log();
    Content model;
    lay_out(rig, model);
    auto snapshot = rig->snapshot();
    const Token mid = Token{1} << 62;
    for (TokenRange tokens : {TokenRange{}, TokenRange{0, 0}, TokenRange{1, mid}, TokenRange{mid + 1, ~Token{0} - 1},
                              TokenRange{~Token{0}, ~Token{0}}, TokenRange{2, mid - 1}})
        for (std::uint32_t table : {0u, 1u, 3u, 9u})
            for (bool reverse : {false, true}) {
                ScanRange range;
                range.tokens = tokens;
                range.table = TableId{table};
                range.reverse = reverse;
                auto found = walk(*snapshot, range);
                ASSERT_OK(found);
                EXPECT_EQ(*found, expected(model, range)) << kit::hex16(tokens.first) << " table " << table;
            }
}

TEST_P(EngineScan, ResumesBehindAnyKey) {
    Rig rig(GetParam(), disk_);
    ASSERT_TRUE(rig.open()) << rig.log();
    Content model;
    lay_out(rig, model);
    auto snapshot = rig->snapshot();
    sim::SeededRandom random(5);
    std::vector<Key> keys;
    for (const auto& [key, entry] : model) keys.push_back(key);
    for (int i = 0; i < 200; ++i) {
        Key after = keys[random.below(keys.size())];
        if (random.one_in(3)) after.key += '\0';  // a key that is not there
        if (random.one_in(4)) after.table = static_cast<std::uint32_t>(random.below(5));
        ScanRange range;
        range.reverse = random.one_in(2);
        range.table = TableId{static_cast<std::uint32_t>(random.below(4))};
        range.resume = true;
        range.after_token = after.token;
        range.after_table = TableId{after.table};
        range.after_key = after.key;
        if (random.one_in(2)) range.tokens.first = keys[random.below(keys.size())].token;
        if (random.one_in(2)) range.tokens.last = std::max(range.tokens.first, keys[random.below(keys.size())].token);
        auto found = walk(*snapshot, range);
        ASSERT_OK(found);
        ASSERT_EQ(*found, expected(model, range)) << "behind " << show(after) << " reverse " << range.reverse;
    }
}

TEST_P(EngineScan, StaysAtItsMoment) {
    Rig rig(GetParam(), disk_);
    ASSERT_TRUE(rig.open()) << rig.log();
    Content model;
    lay_out(rig, model);
    auto before = rig->snapshot();
    auto cursor = before->scan({});
    ASSERT_OK(cursor);
    ASSERT_TRUE(taken((*cursor)->next()));
    Content later = model;
    fill(rig, later, 200, 6, 400, 100'000);
    ASSERT_OK(rig->retire({TokenRange{}, TableId{2}, true, WallTime{0}}));
    std::erase_if(later, [](const auto& held) { return held.first.table == 2; });
    ASSERT_OK(rig.sync());
    ASSERT_OK(rig.maintain());

    Content walked;
    do {
        EntryKey at = (*cursor)->key();
        walked.emplace(Key{at.token, at.table.value, Bytes(at.key)}, Bytes((*cursor)->entry()));
    } while (taken((*cursor)->next()));
    EXPECT_TRUE(same_content(model, walked));
    auto found = content_of(*before);
    ASSERT_OK(found);
    EXPECT_TRUE(same_content(model, *found));
    for (const auto& [key, entry] : model) ASSERT_EQ(taken(get_from(*before, key)), entry) << show(key);
    EXPECT_EQ(taken(get_from(*before, key_of(199))), "") << "written after the snapshot";
    auto now = rig.content();
    ASSERT_OK(now);
    EXPECT_TRUE(same_content(later, *now));
}

}  // namespace
}  // namespace ashlar::contract
