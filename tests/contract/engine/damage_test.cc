// Damage that no call reports: a bit flips in a file, a file is cut short or gone. It is refused at the start, answered
// as an error or found by a scrub; it is never served as other data.
#include <set>

#include "engine_test.h"

namespace ashlar::contract {
namespace {

ON_PERSISTENT_ENGINES(EngineDamage);

/// An engine's files at rest: several tables, a log with writes of its own.
std::shared_ptr<sim::FaultyDisk> at_rest(const EngineCase& engine, Content& model) {
    auto disk = std::make_shared<sim::FaultyDisk>();
    Rig rig(engine, disk);
    fill(rig, model, 120, 3, 700);
    for (std::uint64_t n = 0; n < 30; ++n) {
        EXPECT_OK(rig.put_patiently({{key_of(n), slot_of(50'000 + n, 200)}}));
        join_into(model, key_of(n), slot_of(50'000 + n, 200));
    }
    EXPECT_OK(rig.sync());
    return rig.crash(0, sim::Loss::nothing);
}

/// Opens a damaged copy and reads everything three ways: whatever is answered must be right.
/// Whether anybody noticed.
bool noticed(const EngineCase& engine, const std::shared_ptr<sim::FaultyDisk>& disk, const Content& model) {
    Rig rig(engine, disk);
    if (!rig.open()) {
        EXPECT_NE(rig.why_not().detail, "");
        return true;
    }
    bool error = false;
    for (const auto& [key, entry] : model) {
        auto found = rig.get(key);
        error = error || !found;
        if (found) {
            EXPECT_EQ(*found, entry) << show(key);
        }
    }
    for (bool reverse : {false, true}) {
        ScanRange range;
        range.reverse = reverse;
        auto found = rig.content(range);
        error = error || !found;
        if (found) {
            EXPECT_TRUE(same_content(model, *found));
        }
    }
    auto scrub = rig->scrub();
    scrub->run();
    bool scrubbed = scrub->finish().has_value();
    EXPECT_TRUE(!error || !scrub->bad.empty() || !scrubbed) << "reads fail, but a scrub finds nothing";
    return error || !scrub->bad.empty() || !scrubbed;
}

TEST_P(EngineDamage, AFlippedBitIsNeverServed) {
    Content model;
    auto disk = at_rest(GetParam(), model);
    ASSERT_FALSE(noticed(GetParam(), std::shared_ptr<sim::FaultyDisk>(disk->crash(0, sim::Loss::nothing)), model));
    sim::SeededRandom random(3);
    for (const std::string& path : disk->files()) {
        std::uint64_t length = disk->contents(path).size();
        std::uint64_t found = 0, tried = 0;
        std::set<std::uint64_t> offsets;
        for (std::uint64_t i = 0; i < std::min<std::uint64_t>(length, scaled(24, 24)); ++i) {
            offsets.insert(i);
            offsets.insert(length - 1 - i);
        }
        for (std::uint64_t i = 0; i < scaled(24, 1000) && length != 0; ++i) offsets.insert(random.below(length));
        for (std::uint64_t offset : offsets) {
            SCOPED_TRACE(kit::text("a bit of ", path, " at ", offset, " of ", length));
            auto copy = std::shared_ptr<sim::FaultyDisk>(disk->crash(0, sim::Loss::nothing));
            bool zero = copy->contents(path)[static_cast<std::size_t>(offset)] == 0;
            ASSERT_TRUE(copy->flip_bit(path, offset * 8 + random.below(8)));
            bool seen = noticed(GetParam(), copy, model);
            if (HasFailure()) return;
            if (zero) continue;  // may be room set aside, which means nothing
            ++tried;
            found += seen ? 1 : 0;
        }
        EXPECT_GE(found * 10, tried * 9) << path << ": " << found << " of " << tried << " noticed";
    }
}

TEST_P(EngineDamage, AMissingFileIsNoticed) {
    Content model;
    auto disk = at_rest(GetParam(), model);
    for (const std::string& path : disk->files()) {
        auto copy = std::shared_ptr<sim::FaultyDisk>(disk->crash(0, sim::Loss::nothing));
        bool empty = copy->contents(path).find_first_not_of('\0') == Bytes::npos;
        ASSERT_OK(copy->remove(path));
        if (disk->files().size() == 1) continue;  // an engine of one file starts afresh without it
        SCOPED_TRACE(path);
        EXPECT_TRUE(noticed(GetParam(), copy, model) || empty);
    }
}

TEST_P(EngineDamage, AFileCutShortIsNeverServed) {
    Content model;
    auto disk = at_rest(GetParam(), model);
    sim::SeededRandom random(4);
    for (const std::string& path : disk->files()) {
        std::uint64_t length = disk->contents(path).size();
        for (int i = 0; i < 6 && length > 0; ++i) {
            auto copy = std::shared_ptr<sim::FaultyDisk>(disk->crash(0, sim::Loss::nothing));
            std::uint64_t end = i == 0 ? 0 : i == 1 ? length - 1 : random.below(length);
            if (copy->contents(path).find_first_not_of('\0', static_cast<std::size_t>(end)) == Bytes::npos) continue;
            ASSERT_TRUE(copy->truncate(path, end));
            SCOPED_TRACE(kit::text(path, " cut at ", end, " of ", length));
            EXPECT_TRUE(noticed(GetParam(), copy, model));
            if (HasFailure()) return;
        }
    }
}

TEST_P(EngineDamage, AFailingReadIsAnErrorNotAnAbsence) {
    Content model;
    auto disk = at_rest(GetParam(), model);
    Rig rig(GetParam(), disk);
    ASSERT_TRUE(rig.open()) << rig.log();
    ASSERT_OK(rig.maintain());
    disk->fail_reads("");
    for (const auto& [key, entry] : model) {
        auto found = rig.get(key);
        if (found) {
            ASSERT_EQ(*found, entry) << show(key);
        }
    }
    auto all = rig.content();
    if (all) {
        EXPECT_TRUE(same_content(model, *all));
    }
    disk->heal();
    EXPECT_TRUE(same_content(model, taken(rig.content()))) << "after the reads work again";
}

TEST_P(EngineDamage, AScrubOfAHealthyEngineReadsItAll) {
    Content model;
    auto disk = at_rest(GetParam(), model);
    Rig rig(GetParam(), disk);
    ASSERT_TRUE(rig.open()) << rig.log();
    auto scrub = rig->scrub();
    scrub->run();
    ASSERT_OK(scrub->finish());
    EXPECT_TRUE(scrub->bad.empty());
    EXPECT_GT(scrub->blocks, 10u);
    EXPECT_GT(scrub->bytes, 10'000u);
}

}  // namespace
}  // namespace ashlar::contract
