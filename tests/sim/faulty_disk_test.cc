// The disk of the tests, tested: what it may lose and what it must keep.
#include "faulty_disk.h"

#include <gtest/gtest.h>

#include <set>

namespace ashlar::sim {
namespace {

constexpr std::uint64_t seeds = 200;

void put(Disk& disk, const std::string& path, View bytes, bool sync) {
    auto file = disk.create(path);
    ASSERT_TRUE(file) << file.error().detail;
    ASSERT_TRUE((*file)->append(bytes));
    if (sync) {
        ASSERT_TRUE((*file)->sync());
    }
}

bool holds(const FaultyDisk& disk, const std::string& path) {
    auto files = disk.files();
    return std::find(files.begin(), files.end(), path) != files.end();
}

TEST(FaultyDisk, KeepsSyncedBytesUnderSyncedNames) {
    FaultyDisk disk;
    ASSERT_TRUE(disk.make_directory("d"));
    ASSERT_TRUE(disk.sync_directory(""));
    put(disk, "d/a", "hello", true);
    ASSERT_TRUE(disk.sync_directory("d"));
    for (std::uint64_t seed = 0; seed < seeds; ++seed) EXPECT_EQ(disk.crash(seed)->contents("d/a"), "hello");
    EXPECT_EQ(disk.crash(0, Loss::everything)->contents("d/a"), "hello");
}

TEST(FaultyDisk, DrawsWhatSurvivesOfNamesNotSynced) {
    FaultyDisk disk;
    put(disk, "a", "hello", true);
    std::set<bool> seen;
    for (std::uint64_t seed = 0; seed < seeds; ++seed) seen.insert(holds(*disk.crash(seed), "a"));
    EXPECT_EQ(seen.size(), 2u);
    EXPECT_FALSE(holds(*disk.crash(0, Loss::everything), "a"));
    EXPECT_TRUE(holds(*disk.crash(0, Loss::nothing), "a"));
}

TEST(FaultyDisk, TearsBytesNotSynced) {
    FaultyDisk disk;
    const Bytes first(700, 'x');
    const Bytes second(5000, 'y');
    auto file = disk.create("a");
    ASSERT_TRUE((*file)->append(first));
    ASSERT_TRUE((*file)->sync());
    ASSERT_TRUE((*file)->append(second));
    ASSERT_TRUE(disk.sync_directory(""));
    bool shorter = false, whole = false, hole = false;
    for (std::uint64_t seed = 0; seed < seeds; ++seed) {
        Bytes found = disk.crash(seed)->contents("a");
        ASSERT_GE(found.size(), first.size());
        ASSERT_EQ(found.substr(0, first.size()), first);
        Bytes tail = found.substr(first.size());
        ASSERT_LE(tail.size(), second.size());
        ASSERT_EQ(tail.find_first_not_of(std::string_view("y\0", 2)), Bytes::npos);
        shorter |= tail.size() < second.size();
        whole |= tail == second;
        std::size_t zero = tail.find('\0');
        hole |= zero != Bytes::npos && tail.find('y', zero) != Bytes::npos;
    }
    EXPECT_TRUE(shorter && whole && hole);
    EXPECT_EQ(disk.crash(0, Loss::everything)->contents("a"), first);
}

TEST(FaultyDisk, RenamesInOneStep) {
    FaultyDisk disk;
    put(disk, "current", "old", true);
    ASSERT_TRUE(disk.sync_directory(""));
    put(disk, "next", "new", true);
    ASSERT_TRUE(disk.rename("next", "current"));
    std::set<Bytes> seen;
    for (std::uint64_t seed = 0; seed < seeds; ++seed) {
        auto after = disk.crash(seed);
        seen.insert(after->contents("current"));
        if (after->contents("current") == "new") {
            EXPECT_FALSE(holds(*after, "next"));
        }
    }
    EXPECT_EQ(seen, (std::set<Bytes>{"old", "new"}));
    ASSERT_TRUE(disk.sync_directory(""));
    EXPECT_EQ(disk.crash(0, Loss::everything)->contents("current"), "new");
}

TEST(FaultyDisk, NeverTrustsBytesWhoseSyncFailed) {
    FaultyDisk disk;
    auto file = disk.create("a");
    ASSERT_TRUE(disk.sync_directory(""));
    ASSERT_TRUE((*file)->append("hello"));
    disk.fail_nth_sync(1);
    EXPECT_FALSE((*file)->sync());
    EXPECT_TRUE((*file)->append("world"));
    EXPECT_TRUE((*file)->sync());
    EXPECT_EQ(disk.contents("a"), "helloworld");
    EXPECT_EQ(disk.crash(0, Loss::everything)->contents("a"), Bytes("\0\0\0\0\0world", 10));
}

TEST(FaultyDisk, CutsThePowerInTheMiddleOfACall) {
    FaultyDisk disk;
    disk.record(true);
    put(disk, "a", "hello", true);  // create, append, sync
    ASSERT_EQ(disk.calls(), 3u);
    ASSERT_EQ(disk.trace()[1].kind, CallKind::append);
    disk.cut_power_at(4);
    EXPECT_FALSE(disk.rename("a", "b"));
    EXPECT_FALSE(disk.remove("a"));
    EXPECT_FALSE(disk.open("b"));
    EXPECT_TRUE(disk.powerless());
    std::set<bool> renamed;
    for (std::uint64_t seed = 0; seed < seeds; ++seed) {
        auto after = disk.crash(seed);
        if (!after->files().empty()) renamed.insert(holds(*after, "b"));
    }
    EXPECT_EQ(renamed.size(), 2u);
}

TEST(FaultyDisk, FillsUp) {
    FaultyDisk disk;
    disk.set_capacity(10);
    auto file = disk.create("a");
    ASSERT_TRUE((*file)->append("12345"));
    EXPECT_EQ(*disk.free_bytes(), 5u);
    EXPECT_EQ((*file)->reserve(6).error().code, Code::no_space);
    ASSERT_TRUE((*file)->reserve(5));
    EXPECT_EQ(disk.contents("a"), Bytes("12345\0\0\0\0\0", 10));
    EXPECT_EQ((*file)->append("678901").error().code, Code::no_space);
    EXPECT_EQ(disk.contents("a"), "1234567890");
    ASSERT_TRUE(disk.remove("a"));
    EXPECT_EQ(*disk.free_bytes(), 10u);
}

TEST(FaultyDisk, SharesTheBytesOfHardLinks) {
    FaultyDisk disk;
    put(disk, "a", "hello", true);
    ASSERT_TRUE(disk.make_directory("copy"));
    ASSERT_TRUE(disk.link("a", "copy/a"));
    EXPECT_EQ(disk.used(), 5u);
    ASSERT_TRUE(disk.sync_directory("copy"));
    ASSERT_TRUE(disk.sync_directory(""));
    auto after = disk.crash(1);
    EXPECT_EQ(after->contents("copy/a"), "hello");
    EXPECT_EQ(after->used(), 5u);
    ASSERT_TRUE(after->flip_bit("a", 0));
    EXPECT_EQ(after->contents("copy/a"), "iello");
    EXPECT_FALSE(after->flip_bit("a", 5 * 8));
}

TEST(FaultyDisk, RefusesPathsThatLeaveIt) {
    FaultyDisk disk;
    for (const char* path : {"../a", "a/../b", "/a", "a//b", "."}) EXPECT_FALSE(disk.create(path)) << path;
    EXPECT_EQ(disk.open("a").error().code, Code::not_found);
    EXPECT_EQ(disk.list("a").error().code, Code::not_found);
}

TEST(FaultyDisk, FailsTheCallsItIsTold) {
    FaultyDisk disk;
    put(disk, "a", "hello", true);
    disk.fail_call(5);
    EXPECT_TRUE(disk.open("a"));
    EXPECT_FALSE(disk.open("a"));
    EXPECT_TRUE(disk.open("a"));
    disk.fail_from(7, Code::no_space);
    EXPECT_EQ(disk.remove("a").error().code, Code::no_space);
    disk.heal();
    auto file = disk.open("a");
    disk.fail_reads("a");
    Bytes out;
    EXPECT_FALSE((*file)->read(0, 5, out));
    disk.heal();
    ASSERT_TRUE((*file)->read(3, 100, out));
    EXPECT_EQ(out, "lo");
}

}  // namespace
}  // namespace ashlar::sim
