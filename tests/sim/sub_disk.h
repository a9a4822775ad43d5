// One directory of a disk as a disk of its own, as the host gives the engine one.
#pragma once

#include <string>
#include <utility>

#include "ashlar/disk.h"

namespace ashlar::sim {

class SubDisk final : public Disk {
public:
    SubDisk(Disk& disk, std::string directory) : disk_(disk), directory_(std::move(directory)) {}

    Result<std::unique_ptr<AppendFile>> create(const std::string& path) noexcept override {
        return disk_.create(in(path));
    }
    Result<std::unique_ptr<ReadFile>> open(const std::string& path) noexcept override { return disk_.open(in(path)); }
    Result<std::vector<std::string>> list(const std::string& directory) noexcept override {
        return disk_.list(in(directory));
    }
    Result<void> make_directory(const std::string& path) noexcept override { return disk_.make_directory(in(path)); }
    Result<void> remove(const std::string& path) noexcept override { return disk_.remove(in(path)); }
    Result<void> rename(const std::string& from, const std::string& to) noexcept override {
        return disk_.rename(in(from), in(to));
    }
    Result<void> link(const std::string& from, const std::string& to) noexcept override {
        return disk_.link(in(from), in(to));
    }
    Result<void> sync_directory(const std::string& path) noexcept override { return disk_.sync_directory(in(path)); }
    Result<std::uint64_t> free_bytes() noexcept override { return disk_.free_bytes(); }

private:
    std::string in(const std::string& path) const { return path.empty() ? directory_ : directory_ + "/" + path; }
    Disk& disk_;
    std::string directory_;
};

}  // namespace ashlar::sim
