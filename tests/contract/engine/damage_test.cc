// Damage that no call reports: a bit flips in a file, a file is cut short or gone. It is refused at the start, answered
// as an error or found by a scrub; it is never served as other data.
#include <algorithm>
#include <set>
#include <vector>

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

bool touches(const BadBlock& bad, const Key& key) {
    return bad.tokens.holds(key.token);
}

/// Spread over the circle, so that a block holds a small part of it.
Key spread_key(std::uint64_t n) {
    return Key{kit::hash64(kit::text("spread ", n)), 1, kit::text("key-", n)};
}

/// An engine at rest all of whose data is in files.
std::shared_ptr<sim::FaultyDisk> in_files(const EngineCase& engine, Content& model) {
    auto disk = std::make_shared<sim::FaultyDisk>();
    Rig rig(engine, disk);
    for (std::uint64_t n = 0; n < 400; ++n) {
        EXPECT_OK(rig.put_patiently({{spread_key(n), slot_of(n, 300)}}));
        join_into(model, spread_key(n), slot_of(n, 300));
    }
    EXPECT_OK(rig.sync());
    EXPECT_OK(rig.maintain());
    return rig.crash(0, sim::Loss::nothing);
}

/// A file given up as a whole or in part: what is left is right, and no read fails.
void expect_healed(Rig& rig, const Content& model, const std::vector<BadBlock>& bad) {
    std::uint64_t lost = 0;
    Content expected;
    for (const auto& [key, entry] : model) {
        auto found = rig.get(key);
        ASSERT_TRUE(found) << show(key) << ": " << found.error().detail;
        const bool may_miss = std::any_of(bad.begin(), bad.end(), [&](const BadBlock& b) { return touches(b, key); });
        if (!may_miss) {
            ASSERT_EQ(*found, entry) << show(key);
        } else if (!found->empty()) {
            ASSERT_EQ(*found, entry) << "another's bytes for " << show(key);
        }
        lost += found->empty() ? 1 : 0;
        if (!found->empty()) expected[key] = *found;
    }
    EXPECT_LT(lost, model.size());
    for (bool reverse : {false, true}) {
        ScanRange range;
        range.reverse = reverse;
        EXPECT_TRUE(same_content(expected, taken(rig.content(range))));
    }
}

TEST_P(EngineDamage, ABlockGivenUpHoldsNothingAndTheRestIsServed) {
    Content model;
    auto disk = in_files(GetParam(), model);
    sim::SeededRandom random(11);
    std::uint64_t given_up = 0;
    for (std::uint64_t round = 0; round < scaled(40, 400); ++round) {
        auto copy = std::shared_ptr<sim::FaultyDisk>(disk->crash(0, sim::Loss::nothing));
        const std::vector<std::string> files = copy->files();
        const std::string& path = files[random.below(files.size())];
        const std::uint64_t length = copy->contents(path).size();
        if (length == 0) continue;
        const std::uint64_t offset = random.below(length);
        ASSERT_TRUE(copy->flip_bit(path, offset * 8 + random.below(8)));
        SCOPED_TRACE(kit::text("a bit of ", path, " at ", offset, " of ", length));
        Rig rig(GetParam(), copy);
        if (!rig.open()) continue;
        auto scrub = rig->scrub();
        scrub->run();
        ASSERT_OK(scrub->finish());
        const std::vector<BadBlock> bad = rig->bad_blocks();
        if (bad.empty()) continue;  // not in what holds data
        for (const BadBlock& block : bad) {
            BadBlock narrow = block;
            if (narrow.tokens.first != narrow.tokens.last) {
                narrow.tokens.last = narrow.tokens.first;
                EXPECT_FALSE(rig->give_up(narrow)) << "more would go than was said";
            }
            ASSERT_OK(rig->give_up(block));
            ++given_up;
        }
        EXPECT_TRUE(rig->bad_blocks().empty());
        expect_healed(rig, model, bad);
        ASSERT_FALSE(HasFailure());
        // Replicas bring it back, clean-up writes the file anew, and a start finds all of it.
        for (const auto& [key, entry] : model) {
            auto found = rig.get(key);
            if (found && found->empty()) {
                Write write{key.at(), entry};
                ASSERT_TRUE(rig->apply(std::span<const Write>(&write, 1)));
            }
        }
        ASSERT_OK(rig.sync());
        EXPECT_TRUE(same_content(model, taken(rig.content())));
        ASSERT_OK(rig.maintain());
        EXPECT_TRUE(same_content(model, taken(rig.content())));
        auto again = rig->scrub();
        again->run();
        ASSERT_OK(again->finish());
        EXPECT_TRUE(again->bad.empty()) << again->bad.front().file << " " << again->bad.front().detail;
        ASSERT_TRUE(rig.reopen()) << rig.log();
        EXPECT_TRUE(same_content(model, taken(rig.content())));
        ASSERT_FALSE(HasFailure());
    }
    EXPECT_GT(given_up, 5u);
}

TEST_P(EngineDamage, AReadThatMeetsABadBlockTellsOfIt) {
    Content model;
    auto disk = in_files(GetParam(), model);
    for (const std::string& path : disk->files()) {
        auto copy = std::shared_ptr<sim::FaultyDisk>(disk->crash(0, sim::Loss::nothing));
        const std::uint64_t length = copy->contents(path).size();
        if (length < 1000) continue;
        ASSERT_TRUE(copy->flip_bit(path, length / 3 * 8));
        Rig rig(GetParam(), copy);
        if (!rig.open()) continue;
        std::vector<Key> failed;
        for (const auto& [key, entry] : model)
            if (!rig.get(key)) failed.push_back(key);
        const std::vector<BadBlock> bad = rig->bad_blocks();
        EXPECT_EQ(failed.empty(), bad.empty()) << path;
        for (const Key& key : failed)
            EXPECT_TRUE(std::any_of(bad.begin(), bad.end(), [&](const BadBlock& b) { return touches(b, key); }))
                << show(key);
    }
}

TEST_P(EngineDamage, HoweverManyBlocksOfOneFileAreBadAllAreGivenUp) {
    Content model;
    auto disk = in_files(GetParam(), model);
    std::uint64_t given_up = 0;
    for (const std::string& path : disk->files()) {
        auto copy = std::shared_ptr<sim::FaultyDisk>(disk->crash(0, sim::Loss::nothing));
        // What tells where the blocks are stands at the end.
        const std::uint64_t length = copy->contents(path).size() * 3 / 4;
        for (std::uint64_t i = 0; i < 60; ++i) ASSERT_TRUE(copy->flip_bit(path, length * i / 60 * 8));
        Rig rig(GetParam(), copy);
        if (length < 1000 || !rig.open()) continue;
        for (bool more = true; more;) {
            auto scrub = rig->scrub();
            scrub->run();
            ASSERT_OK(scrub->finish());
            const std::vector<BadBlock> bad = rig->bad_blocks();
            more = !bad.empty();
            for (const BadBlock& block : bad) {
                ASSERT_OK(rig->give_up(block));
                ASSERT_LT(++given_up, 1000u);
            }
        }
        for (const auto& [key, entry] : model) ASSERT_TRUE(rig.get(key)) << show(key);
    }
    EXPECT_GT(given_up, 30u);
}

TEST_P(EngineDamage, WhatIsNoBlockIsNotGivenUp) {
    Content model;
    auto disk = in_files(GetParam(), model);
    Rig rig(GetParam(), disk);
    ASSERT_TRUE(rig.open()) << rig.log();
    EXPECT_TRUE(rig->bad_blocks().empty());
    EXPECT_FALSE(rig->give_up(BadBlock{"no such file", 0, TokenRange{}, ""}));
    for (const std::string& path : disk->files()) EXPECT_FALSE(rig->give_up(BadBlock{path, 1, TokenRange{}, ""}));
    EXPECT_TRUE(same_content(model, taken(rig.content())));
}

}  // namespace
}  // namespace ashlar::contract
