#include "manifest.h"

#include "faulty_disk.h"
#include "joiner.h"
#include "names.h"

namespace ashlar::lsm {
namespace {

constexpr std::uint64_t home = 5;

class ManifestTest : public testing::Test {
protected:
    static TableFacts table(std::uint64_t number) {
        TableFacts f;
        f.number = number;
        f.file_bytes = number * 100;
        f.first = OwnedKey(at(1, "a"));
        f.last = OwnedKey(at(2, "b"));
        return f;
    }
    static Edit adds(std::uint64_t number) {
        Edit edit;
        edit.added = {{0, table(number)}};
        edit.flushed = number;
        return edit;
    }
    /// The tables of level 0 that a start would find.
    static Result<std::vector<std::uint64_t>> tables(sim::FaultyDisk& on) {
        auto current = decode_current(on.contents(std::string(current_name)));
        if (!current) return current.error();
        auto contents =
            read_manifest(on.contents(manifest_name(current->manifest)), current->manifest, current->directory);
        if (!contents) return contents.error();
        std::vector<std::uint64_t> numbers;
        for (const TableFacts& f : contents->levels[0]) numbers.push_back(f.number);
        return numbers;
    }
    std::unique_ptr<Manifest> make(std::uint64_t bytes_max = 1 << 20) {
        return std::make_unique<Manifest>(disk, "", home, 99, Contents{}, next_file, bytes_max);
    }

    sim::FaultyDisk disk;
    std::atomic<std::uint64_t> next_file{1};
};

using Numbers = std::vector<std::uint64_t>;

TEST_F(ManifestTest, IsAsDurableAsItSays) {
    disk.record(true);
    auto manifest = make(3000);
    for (std::uint64_t n = 100; n < 140; ++n) ASSERT_TRUE(fine(manifest->commit(adds(n))));
    std::uint64_t calls = disk.calls();
    EXPECT_EQ(tables(disk)->size(), 40u);
    for (std::uint64_t cut = 1; cut <= calls; ++cut) {
        sim::FaultyDisk other;
        other.cut_power_at(cut);
        next_file = 1;
        Manifest broken(other, "", home, 99, Contents{}, next_file, 3000);
        std::uint64_t committed = 0;
        for (std::uint64_t n = 100; n < 140; ++n) committed += broken.commit(adds(n)) ? 1 : 0;
        for (std::uint64_t seed = 0; seed < 4; ++seed) {
            auto found = tables(*other.crash(seed));
            if (committed == 0 && !found) continue;
            ASSERT_TRUE(fine(found)) << "cut at " << cut;
            EXPECT_GE(found->size(), committed);
            EXPECT_LE(found->size(), committed + 1);
        }
    }
}

TEST_F(ManifestTest, RefusesDamageAnywhere) {
    auto manifest = make();
    for (std::uint64_t n = 100; n < 104; ++n) ASSERT_TRUE(fine(manifest->commit(adds(n))));
    std::string name = manifest_name(manifest->number());
    std::uint64_t written = manifest->bytes() - frame_header_bytes;  // the last mark is of no account
    for (std::uint64_t offset = 0; offset < written; ++offset) {
        auto bad = disk.crash(0, sim::Loss::nothing);
        ASSERT_TRUE(bad->flip_bit(name, offset * 8 + offset % 8));
        EXPECT_FALSE(tables(*bad)) << offset;
    }
    for (std::uint64_t length = 0; length < written; length += 7) {
        auto bad = disk.crash(0, sim::Loss::nothing);
        ASSERT_TRUE(bad->truncate(name, length));
        EXPECT_FALSE(tables(*bad)) << length;
    }
}

TEST_F(ManifestTest, GoesOnAfterAFullDisk) {
    auto manifest = make();
    ASSERT_TRUE(fine(manifest->commit(adds(100))));
    disk.set_capacity(disk.used());
    std::uint64_t n = 101;
    while (manifest->commit(adds(n))) ++n;
    EXPECT_GT(n, 200u) << "room was set aside for edits that free some";
    auto refused = manifest->commit(adds(n));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::no_space);
    EXPECT_EQ(tables(disk)->size(), n - 100);
    disk.set_capacity(std::nullopt);
    ASSERT_TRUE(fine(manifest->commit(adds(n))));
    EXPECT_EQ(tables(disk)->back(), n);
    EXPECT_EQ(tables(disk)->size(), n - 99);
}

TEST_F(ManifestTest, AFailedSyncIsFinal) {
    auto manifest = make();
    ASSERT_TRUE(fine(manifest->commit(adds(100))));
    disk.fail_nth_sync(1);
    auto failed = manifest->commit(adds(101));
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code, Code::io);
}

TEST_F(ManifestTest, RefusesANewerFormatByName) {
    Bytes current = encode_current({1, home});
    ++current[8];
    auto refused = decode_current(current);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::unsupported);
    EXPECT_NE(refused.error().detail.find("format version 2"), std::string::npos) << refused.error().detail;
    Bytes edit;
    encode_edit(edit, Edit{});
    edit.insert(0, 1, static_cast<char>(99));
    EXPECT_EQ(decode_edit(edit).error().code, Code::unsupported);
}

}  // namespace
}  // namespace ashlar::lsm
