// The disk seam: every file call a node makes. The host implements it on a directory, the tests on memory
// with crashes, torn writes, failing syncs and a full disk.
//
// Paths are relative to the directory the disk was opened on, with '/' between parts; ".." is refused.
// Every call may block, so only lanes (and the start, before the first socket) make it. One AppendFile is
// used by one thread at a time; a ReadFile may be read by several. Failures are values: no_space, io,
// not_found. What is durable: bytes after sync() of their file, names after sync_dir() of their directory.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "ashlar/result.h"
#include "ashlar/types.h"

namespace ashlar {

class AppendFile {
public:
    virtual ~AppendFile() = default;
    /// Adds all bytes at the end, or fails having added some prefix of them.
    virtual Result<void> append(View bytes) noexcept = 0;
    /// Sets room aside ahead of the end and fills it with zeros, so that later appends and syncs do not
    /// change the file's metadata. A reader sees zeros behind the last append. Failing is no harm.
    virtual Result<void> reserve(std::uint64_t bytes) noexcept = 0;
    /// Makes all appended bytes durable. After a failure the file must not be trusted or synced again.
    virtual Result<void> sync() noexcept = 0;
    /// Bytes appended so far.
    virtual std::uint64_t size() const noexcept = 0;
};

class ReadFile {
public:
    virtual ~ReadFile() = default;
    /// Reads up to length bytes from offset into out (replacing it); fewer only at the end of the file.
    virtual Result<void> read(std::uint64_t offset, std::size_t length, Bytes& out) const noexcept = 0;
    virtual std::uint64_t size() const noexcept = 0;
};

class Disk {
public:
    virtual ~Disk() = default;
    /// Makes a new empty file; an existing one of that name is an error (io).
    virtual Result<std::unique_ptr<AppendFile>> create(const std::string& path) noexcept = 0;
    virtual Result<std::unique_ptr<ReadFile>> open(const std::string& path) noexcept = 0;
    /// Names in a directory, sorted, without "." and "..". A missing directory is not_found.
    virtual Result<std::vector<std::string>> list(const std::string& directory) noexcept = 0;
    /// Makes a directory; fine if it exists. The parent must exist.
    virtual Result<void> make_directory(const std::string& path) noexcept = 0;
    /// Removes a file, or an empty directory. Missing is not_found.
    virtual Result<void> remove(const std::string& path) noexcept = 0;
    /// Replaces `to` by `from` in one step.
    virtual Result<void> rename(const std::string& from, const std::string& to) noexcept = 0;
    /// A second name for a file (hard link); `to` must not exist.
    virtual Result<void> link(const std::string& from, const std::string& to) noexcept = 0;
    /// Makes the names in a directory durable ("" is the disk's own directory).
    virtual Result<void> sync_directory(const std::string& path) noexcept = 0;
    /// Bytes an ordinary user may still write on this file system.
    virtual Result<std::uint64_t> free_bytes() noexcept = 0;
};

}  // namespace ashlar
