// The engine: commit log, memtable, table files, compaction, as one StorageEngine.
//
// This class only routes; each part lives in a file of its own (see docs/disk.md for the formats and
// docs/decisions/ for the choices). Loop only, as the contract says: what may block leaves as Work.
#pragma once

#include <memory>

#include "absorb.h"
#include "ashlar/storage_engine.h"
#include "recovery.h"
#include "upkeep.h"
#include "workshop.h"

namespace ashlar::lsm {

class Lsm final : public StorageEngine {
public:
    /// Opens or makes the engine of a disk. Blocking. Refuses: corrupt, unsupported, io, no_space.
    static Result<std::unique_ptr<Lsm>> open(Host& host, const Tuning& tuning);
    ~Lsm() override;

    Result<Sequence> apply(std::span<const Write> batch) noexcept override;
    std::unique_ptr<Work> sync(SyncDepth depth) noexcept override;
    Result<Found> get(const EntryKey& key) noexcept override;
    std::shared_ptr<const Snapshot> snapshot() noexcept override;
    std::unique_ptr<Work> maintain(std::uint64_t budget_bytes, WallTime now) noexcept override;
    std::unique_ptr<Work> checkpoint(const std::string& directory) noexcept override;
    std::unique_ptr<ScrubWork> scrub() noexcept override;
    std::vector<BadBlock> bad_blocks() const noexcept override;
    Result<void> give_up(const BadBlock& bad) noexcept override;
    Result<void> retire(const Retirement& retirement) noexcept override;
    EngineStats stats() const noexcept override;
    Sequence applied() const noexcept override { return state_->applied; }
    Sequence synced() const noexcept override { return state_->synced; }

private:
    Lsm(Host& host, const Tuning& tuning);
    Result<void> admit(std::uint64_t bytes);
    std::size_t flushed_tables() const;

    Random& random_;
    Workshop shop_;
    std::unique_ptr<State> state_;
    std::unique_ptr<Upkeep> upkeep_;
    Absorber absorber_;
    Meter::Counter& applied_count_;
    Meter::Counter& refused_count_;
};

/// For the descriptor.
Result<std::unique_ptr<StorageEngine>> make_lsm(Host& host, const Settings& settings);

}  // namespace ashlar::lsm
