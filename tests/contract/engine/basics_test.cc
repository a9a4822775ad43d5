// What every storage engine promises while nothing fails: look-ups, joins, batches, order.
#include <algorithm>

#include "engine_test.h"

namespace ashlar::contract {
namespace {

ON_EVERY_ENGINE(EngineBasics);

TEST_P(EngineBasics, DescriptorIsWhole) {
    const Descriptor& d = *GetParam().descriptor;
    EXPECT_EQ(d.magic, descriptor_magic);
    EXPECT_EQ(d.layout, descriptor_layout);
    EXPECT_EQ(d.size, sizeof(Descriptor));
    EXPECT_EQ(d.kind, PluginKind::storage_engine);
    EXPECT_STREQ(d.contract, fingerprint::storage_engine);
    for (std::uint32_t i = 0; i < d.settings_count; ++i) {
        EXPECT_NE(d.settings[i].sentence, nullptr);
        EXPECT_GT(std::string(d.settings[i].sentence).size(), 10u) << d.settings[i].name;
    }
    fill_settings(d, {});  // stops if a default does not pass its own check
}

TEST_P(EngineBasics, HoldsNothingAtFirst) {
    Rig rig(GetParam(), disk_);
    ASSERT_TRUE(rig.open()) << rig.log();
    EXPECT_EQ(taken(rig.get(key_of(1))), "");
    EXPECT_TRUE(taken(rig.content()).empty());
    EXPECT_TRUE(rig->stats().writable);
    EXPECT_EQ(rig->stats().applied, 0u);
    EXPECT_EQ(rig->sync(SyncDepth::synced), nullptr);
}

TEST_P(EngineBasics, FindsWhatWasApplied) {
    Rig rig(GetParam(), disk_);
    ASSERT_TRUE(rig.open()) << rig.log();
    ASSERT_OK(rig.put(key_of(1), slot_of(1)));
    ASSERT_OK(rig.put(key_of(2), slot_of(2)));
    EXPECT_EQ(taken(rig.get(key_of(1))), encode(slot_of(1)));
    EXPECT_EQ(taken(rig.get(key_of(2))), encode(slot_of(2)));
    EXPECT_EQ(taken(rig.get(key_of(3))), "");
    EXPECT_EQ(taken(rig.get(Key{key_of(1).token, 2, key_of(1).key})), "") << "the same key in another table";
    EXPECT_EQ(taken(rig.get(Key{key_of(1).token + 1, 1, key_of(1).key})), "") << "the same key under another token";
}

TEST_P(EngineBasics, KeepsAnyBytesApart) {
    Rig rig(GetParam(), disk_);
    ASSERT_TRUE(rig.open()) << rig.log();
    Content model;
    std::uint64_t stamp = 0;
    const Bytes names[] = {Bytes(1, '\0'),      Bytes(2, '\0'),     Bytes("\0a", 2),   Bytes("a"),
                           Bytes("a\0", 2),     Bytes("aa"),        Bytes("\x7f"),     Bytes("\x80"),
                           Bytes("\xff"),       Bytes("\xff\0", 2), Bytes("\xff\xff"), Bytes(3000, '\xff'),
                           Bytes(3001, '\xff'), Bytes(9000, 'k')};
    for (Token token : {Token{0}, Token{255}, Token{256}, ~Token{0}})
        for (std::uint32_t table : {1u, 2u, 255u, 256u, ~0u})
            for (const Bytes& name : names) {
                Key key{token, table, name};
                ++stamp;
                Slot slot = slot_of(stamp, stamp % 5 == 0 ? 0 : 100);
                ASSERT_OK(rig.put_patiently({{key, slot}}));
                join_into(model, key, slot);
            }
    for (int pass = 0; pass < 2; ++pass) {
        auto found = rig.content();
        ASSERT_OK(found);
        EXPECT_TRUE(same_content(model, *found));
        for (const auto& [key, entry] : model) ASSERT_EQ(taken(rig.get(key)), entry) << show(key);
        ASSERT_OK(rig.sync());
        ASSERT_OK(rig.maintain());
    }
}

TEST_P(EngineBasics, CountsWritesInOrder) {
    Rig rig(GetParam(), disk_);
    ASSERT_TRUE(rig.open()) << rig.log();
    EXPECT_EQ(taken(rig.put(key_of(1), slot_of(1))), 1u);
    EXPECT_EQ(taken(rig.put_patiently({{key_of(2), slot_of(2)}, {key_of(3), slot_of(3)}})), 3u);
    EXPECT_EQ(taken(rig.put(key_of(1), slot_of(4))), 4u);
    EXPECT_EQ(rig->stats().applied, 4u);
    ASSERT_OK(rig.sync());
    EXPECT_EQ(rig->stats().synced, 4u);
    EXPECT_EQ(rig->sync(SyncDepth::synced), nullptr) << "nothing was applied since";
}

TEST_P(EngineBasics, TakesABatchWithOneKeyTwice) {
    Rig rig(GetParam(), disk_);
    ASSERT_TRUE(rig.open()) << rig.log();
    ASSERT_OK(rig.put_patiently(
        {{key_of(1), slot_of(1, 20, 0)}, {key_of(1), slot_of(2, 20, 1)}, {key_of(1), slot_of(3, 20, 0)}}));
    EXPECT_EQ(taken(rig.get(key_of(1))), encode({slot_of(3, 20, 0), slot_of(2, 20, 1)}));
}

TEST_P(EngineBasics, JoinsBlindWritesAcrossFlushes) {
    Rig rig(GetParam(), disk_);
    ASSERT_TRUE(rig.open()) << rig.log();
    Content model;
    fill(rig, model, 120, 9, 300);
    auto found = rig.content();
    ASSERT_OK(found);
    EXPECT_TRUE(same_content(model, *found));
    for (const auto& [key, entry] : model) ASSERT_EQ(taken(rig.get(key)), entry) << show(key);
    // Older stamps arrive late, as repair sends them: they must not win over what compaction has moved down.
    for (std::uint64_t n = 0; n < 120; ++n) ASSERT_OK(rig.put_patiently({{key_of(n), slot_of(1, 300, 0)}}));
    for (std::uint64_t n = 0; n < 120; ++n) join_into(model, key_of(n), slot_of(1, 300, 0));
    found = rig.content();
    ASSERT_OK(found);
    EXPECT_TRUE(same_content(model, *found));
}

TEST_P(EngineBasics, DropsWorkThatNeverRan) {
    Rig rig(GetParam(), disk_);
    ASSERT_TRUE(rig.open()) << rig.log();
    Content model;
    fill(rig, model, 100, 3, 400);
    for (std::uint64_t stamp = 10'000; stamp < 10'400; ++stamp) {
        ASSERT_OK(rig.put_patiently({{key_of(stamp % 100), slot_of(stamp, 400)}}));
        join_into(model, key_of(stamp % 100), slot_of(stamp, 400));
        rig->sync(SyncDepth::synced).reset();
        rig->sync(SyncDepth::written).reset();
        rig->maintain(1 << 16, WallTime{0}).reset();
        rig->checkpoint(kit::text("copy-", stamp)).reset();
        rig->scrub().reset();
    }
    ASSERT_OK(rig.sync());
    ASSERT_OK(rig.maintain());
    EXPECT_EQ(rig->stats().synced, rig->stats().applied);
    auto found = rig.content();
    ASSERT_OK(found);
    EXPECT_TRUE(same_content(model, *found));
}

TEST_P(EngineBasics, ReportsWhatItHolds) {
    Rig rig(GetParam(), disk_);
    ASSERT_TRUE(rig.open()) << rig.log();
    Content model;
    fill(rig, model, 300, 2, 500);
    EngineStats stats = rig->stats();
    EXPECT_GE(stats.entries_estimate, 150u);
    EXPECT_LE(stats.entries_estimate, 1200u);
    EXPECT_EQ(stats.applied, 600u);
    EXPECT_TRUE(stats.writable);
    if (GetParam().persistent()) {
        EXPECT_GE(stats.disk_bytes + stats.log_bytes + stats.memory_bytes, 300u * 250u);
        EXPECT_LE(stats.disk_bytes + stats.log_bytes, rig.disk().used() * 3 / 2 + 4096);
    }
}

}  // namespace
}  // namespace ashlar::contract
