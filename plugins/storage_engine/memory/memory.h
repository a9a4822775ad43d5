// The storage engine that keeps everything in memory: the model other engines are compared with.
//
// Simple on purpose: one immutable tree, replaced by the next one with every batch; entries are joined at once.
// Nothing survives the process (its capabilities say so), so everything applied is as durable as it gets and
// sync() has nothing to do. Its bound is capacity_bytes: beyond it apply answers no_space. Loop only, except
// snapshots and the run() of its works.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "ashlar/settings.h"
#include "ashlar/storage_engine.h"
#include "sweep.h"
#include "tree.h"

namespace ashlar::memory {

extern const SettingSpec settings[2];

class MemoryEngine final : public StorageEngine {
public:
    MemoryEngine(Host& host, const Settings& settings);

    Result<Sequence> apply(std::span<const Write> batch) noexcept override;
    std::unique_ptr<Work> sync(SyncDepth) noexcept override { return nullptr; }
    Result<Found> get(const EntryKey& key) noexcept override;
    std::shared_ptr<const Snapshot> snapshot() noexcept override;
    std::unique_ptr<Work> maintain(std::uint64_t budget_bytes, WallTime now) noexcept override;
    std::unique_ptr<Work> checkpoint(const std::string& directory) noexcept override;
    std::unique_ptr<ScrubWork> scrub() noexcept override;
    Result<void> retire(const Retirement& retirement) noexcept override;
    EngineStats stats() const noexcept override;
    Sequence applied() const noexcept override { return applied_; }
    Sequence synced() const noexcept override { return applied_; }

private:
    const Joiner& joiner_;
    std::uint64_t capacity_bytes_;
    Content content_;
    Sweep sweep_;
    Sequence applied_ = 0;
};

Result<std::unique_ptr<StorageEngine>> make(Host& host, const Settings& settings) noexcept;

}  // namespace ashlar::memory
