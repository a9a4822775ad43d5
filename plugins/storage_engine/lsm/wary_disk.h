// The host's disk with a memory: once a sync of the engine's directory has failed, none succeeds again.
//
// The system may mark names clean after a failed sync, so that the next one succeeds and proves nothing. Two
// lanes make names in one directory: what the one was told, the other must not overlook, or a manifest would
// name a table file that a power cut takes away. Any thread.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "ashlar/disk.h"

namespace ashlar::lsm {

class WaryDisk final : public Disk {
public:
    explicit WaryDisk(Disk& disk) : disk_(disk) {}

    Result<std::unique_ptr<AppendFile>> create(const std::string& path) noexcept override { return disk_.create(path); }
    Result<std::unique_ptr<ReadFile>> open(const std::string& path) noexcept override { return disk_.open(path); }
    Result<std::vector<std::string>> list(const std::string& directory) noexcept override {
        return disk_.list(directory);
    }
    Result<void> make_directory(const std::string& path) noexcept override { return disk_.make_directory(path); }
    Result<void> remove(const std::string& path) noexcept override { return disk_.remove(path); }
    Result<void> rename(const std::string& from, const std::string& to) noexcept override {
        return disk_.rename(from, to);
    }
    Result<void> link(const std::string& from, const std::string& to) noexcept override { return disk_.link(from, to); }
    Result<void> sync_directory(const std::string& path) noexcept override {
        if (!path.empty()) return disk_.sync_directory(path);  // a checkpoint's: its failure is its own
        auto done = doubtful_.load() ? Result<void>{} : disk_.sync_directory(path);
        if (!done) doubtful_.store(true);
        // Asked again: the other lane's may have failed while this one succeeded.
        if (done && doubtful_.load())
            return fail(Code::io, "an earlier sync of the engine's directory failed: no name in it can be trusted now");
        return done;
    }
    Result<std::uint64_t> free_bytes() noexcept override { return disk_.free_bytes(); }

private:
    Disk& disk_;
    std::atomic<bool> doubtful_{false};
};

}  // namespace ashlar::lsm
