// The disk seam on a directory of the real file system.
//
// Promises what ashlar/disk.h says; paths are resolved below one open directory and may not leave it. Any
// thread; calls block. Failures carry the system's words and the path: ENOSPC and a met quota are no_space,
// ENOENT is not_found, all else is io. After a failed sync a file refuses every later append and sync, since
// the kernel may have dropped the dirty pages and would report success the next time.
#pragma once

#include "ashlar/disk.h"
#include "host/descriptor.h"

namespace ashlar::host {

class PosixDisk final : public Disk {
public:
    /// Opens an existing directory.
    static Result<std::unique_ptr<PosixDisk>> on(const std::string& directory);

    Result<std::unique_ptr<AppendFile>> create(const std::string& path) noexcept override;
    Result<std::unique_ptr<ReadFile>> open(const std::string& path) noexcept override;
    Result<std::vector<std::string>> list(const std::string& directory) noexcept override;
    Result<void> make_directory(const std::string& path) noexcept override;
    Result<void> remove(const std::string& path) noexcept override;
    Result<void> rename(const std::string& from, const std::string& to) noexcept override;
    Result<void> link(const std::string& from, const std::string& to) noexcept override;
    Result<void> sync_directory(const std::string& path) noexcept override;
    Result<std::uint64_t> free_bytes() noexcept override;

private:
    PosixDisk(FileDescriptor directory, std::string name) : directory_(std::move(directory)), name_(std::move(name)) {}
    Error refused(const char* act, const std::string& path, int error_number) const;
    Result<void> check(const std::string& path, bool may_be_empty) const;

    FileDescriptor directory_;
    std::string name_;
};

}  // namespace ashlar::host
