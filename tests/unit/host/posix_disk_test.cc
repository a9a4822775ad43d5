#include "host/posix_disk.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "host/directory_lock.h"
#include "host/posix_file.h"
#include "scratch.h"

namespace ashlar::host {
namespace {

using test::Scratch;

std::unique_ptr<PosixDisk> disk_on(const Scratch& scratch) {
    return std::move(*PosixDisk::on(scratch.path()));
}

Bytes all_of(Disk& disk, const std::string& path) {
    auto file = disk.open(path);
    Bytes out;
    EXPECT_TRUE(file && (*file)->read(0, static_cast<std::size_t>((*file)->size()), out)) << path;
    return out;
}

TEST(PosixDisk, AppendsAndReadsBack) {
    Scratch scratch;
    auto disk = disk_on(scratch);
    auto file = disk->create("log");
    ASSERT_TRUE(file.has_value());
    ASSERT_TRUE((*file)->append("hello ").has_value());
    ASSERT_TRUE((*file)->append("world").has_value());
    ASSERT_TRUE((*file)->sync().has_value());
    EXPECT_EQ((*file)->size(), 11u);
    EXPECT_EQ(all_of(*disk, "log"), "hello world");
    auto reader = disk->open("log");
    Bytes out = "old";
    ASSERT_TRUE((*reader)->read(6, 100, out).has_value());
    EXPECT_EQ(out, "world");
    ASSERT_TRUE((*reader)->read(50, 1, out).has_value());
    EXPECT_EQ(out, "");
}

TEST(PosixDisk, ReservedRoomIsZerosBehindTheLastAppend) {
    Scratch scratch;
    auto disk = disk_on(scratch);
    auto file = disk->create("log");
    ASSERT_TRUE((*file)->append("abc").has_value());
    ASSERT_TRUE((*file)->reserve(1'000'000).has_value());
    struct stat before {};
    ASSERT_EQ(::stat((scratch / "log").c_str(), &before), 0);
    ASSERT_TRUE((*file)->append("def").has_value());
    struct stat after {};
    ASSERT_EQ(::stat((scratch / "log").c_str(), &after), 0);
    EXPECT_EQ(before.st_size, 1'000'003);
    EXPECT_EQ(after.st_size, before.st_size);
    EXPECT_EQ(after.st_blocks, before.st_blocks);
    EXPECT_EQ((*file)->size(), 6u);
    Bytes held = all_of(*disk, "log");
    EXPECT_EQ(held.substr(0, 6), "abcdef");
    EXPECT_EQ(held.find_first_not_of('\0', 6), Bytes::npos);
    ASSERT_TRUE((*file)->reserve(10).has_value()) << "room enough is there already";
    ASSERT_EQ(::stat((scratch / "log").c_str(), &after), 0);
    EXPECT_EQ(after.st_size, before.st_size);
}

TEST(PosixDisk, NamesFollowTheContract) {
    Scratch scratch;
    auto disk = disk_on(scratch);
    ASSERT_TRUE(disk->make_directory("d").has_value());
    ASSERT_TRUE(disk->make_directory("d").has_value()) << "an existing directory is fine";
    ASSERT_TRUE(disk->create("d/b").has_value());
    ASSERT_TRUE(disk->create("d/a").has_value());
    EXPECT_EQ(disk->create("d/a").error().code, Code::io) << "an existing file is not";
    EXPECT_EQ(disk->make_directory("d/a").error().code, Code::io);
    EXPECT_EQ(disk->make_directory("x/y").error().code, Code::not_found);
    EXPECT_EQ(*disk->list("d"), (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(*disk->list(""), std::vector<std::string>{"d"});
    EXPECT_EQ(disk->list("none").error().code, Code::not_found);
    EXPECT_EQ(disk->open("none").error().code, Code::not_found);
    EXPECT_NE(disk->open("none").error().detail.find("/none: No such file"), std::string::npos);
    ASSERT_TRUE(disk->link("d/a", "d/c").has_value());
    EXPECT_EQ(disk->link("d/a", "d/b").error().code, Code::io);
    ASSERT_TRUE(disk->rename("d/c", "d/b").has_value());
    EXPECT_EQ(disk->remove("d").error().code, Code::io) << "a full directory stays";
    ASSERT_TRUE(disk->remove("d/a").has_value());
    ASSERT_TRUE(disk->remove("d/b").has_value());
    EXPECT_EQ(disk->remove("d/b").error().code, Code::not_found);
    ASSERT_TRUE(disk->sync_directory("d").has_value());
    ASSERT_TRUE(disk->remove("d").has_value());
    ASSERT_TRUE(disk->sync_directory("").has_value());
    EXPECT_GT(*disk->free_bytes(), 0u);
}

TEST(PosixDisk, PathsMayNotLeaveTheDirectory) {
    Scratch scratch;
    auto disk = disk_on(scratch);
    for (const char* path : {"../x", "a/../x", "/etc/passwd", "a//b", "./a", "", "a/", ".."}) {
        EXPECT_FALSE(disk->create(path).has_value()) << path;
        EXPECT_FALSE(disk->open(path).has_value()) << path;
        EXPECT_FALSE(disk->remove(path).has_value()) << path;
        EXPECT_FALSE(disk->rename(path, "fine").has_value()) << path;
        EXPECT_FALSE(disk->link("fine", path).has_value()) << path;
    }
    EXPECT_FALSE(disk->create(std::string("a\0b", 3)).has_value());
}

TEST(PosixDisk, MissingDirectoryIsNotFound) {
    auto disk = PosixDisk::on("/nonexistent/ashlar");
    ASSERT_FALSE(disk.has_value());
    EXPECT_EQ(disk.error().code, Code::not_found);
}

TEST(PosixDisk, FullDiskIsNoSpace) {
    // /dev/full answers every write with ENOSPC.
    PosixAppendFile file(FileDescriptor(::open("/dev/full", O_WRONLY | O_CLOEXEC)), "/dev/full");
    auto refused = file.append("x");
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, Code::no_space);
    EXPECT_EQ(file.size(), 0u);
}

TEST(PosixDisk, NothingIsWrittenAfterAFailedSync) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    FileDescriptor reader(ends[0]);
    PosixAppendFile file((FileDescriptor(ends[1])), "pipe");  // a pipe cannot be synced
    EXPECT_FALSE(file.sync().has_value());
    EXPECT_FALSE(file.append("").has_value());
    EXPECT_FALSE(file.sync().has_value());
}

TEST(DirectoryLock, NamesTheOtherProcess) {
    Scratch scratch;
    int ready[2];
    int leave[2];
    ASSERT_EQ(::pipe(ready), 0);
    ASSERT_EQ(::pipe(leave), 0);
    pid_t child = ::fork();
    if (child == 0) {
        auto lock = DirectoryLock::take(scratch.path());
        char note = lock ? 'y' : 'n';
        (void)!::write(ready[1], &note, 1);
        (void)!::read(leave[0], &note, 1);
        ::_exit(0);
    }
    char note = 0;
    ASSERT_EQ(::read(ready[0], &note, 1), 1);
    ASSERT_EQ(note, 'y');
    auto refused = DirectoryLock::take(scratch.path());
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, Code::closed);
    EXPECT_NE(refused.error().detail.find("process " + std::to_string(child)), std::string::npos)
        << refused.error().detail;
    EXPECT_NE(refused.error().detail.find(scratch.path()), std::string::npos);
    ASSERT_EQ(::write(leave[1], &note, 1), 1);
    ASSERT_EQ(::waitpid(child, nullptr, 0), child);
    EXPECT_TRUE(DirectoryLock::take(scratch.path()).has_value()) << "the lock left with its holder";
}

}  // namespace
}  // namespace ashlar::host
