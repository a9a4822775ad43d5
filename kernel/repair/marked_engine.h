// The storage engine as the rooms of a node see it: whatever they apply or retire as a whole is marked in the forest.
//
// The one place where a write meets the hash trees, so none can be forgotten; an engine knows nothing of them. Costs
// one walk down a tree for each write, and nothing for tables that have no tree yet. Loop only, as the engine itself.
#pragma once

#include <memory>

#include "ashlar/storage_engine.h"
#include "repair/forest.h"

namespace ashlar::repair {

class MarkedEngine final : public StorageEngine {
public:
    MarkedEngine(StorageEngine& engine, Forest& forest) : engine_(engine), forest_(forest) {}

    Result<Sequence> apply(std::span<const Write> batch) noexcept override {
        auto applied = engine_.apply(batch);
        if (applied) forest_.mark(batch);
        return applied;
    }
    Result<void> retire(const Retirement& retirement) noexcept override {
        auto retired = engine_.retire(retirement);
        // What only may be forgotten counts by the permit, wherever it has got to (BucketTree).
        if (!retired || !retirement.whole) return retired;
        // A dropped table leaves nothing to know; no tree and one that is all stale are the same.
        if (retirement.tokens == whole_circle)
            forest_.forget(retirement.table);
        else
            forest_.mark_range(retirement.table, retirement.tokens);
        return retired;
    }
    std::vector<BadBlock> bad_blocks() const noexcept override { return engine_.bad_blocks(); }
    Result<void> give_up(const BadBlock& bad) noexcept override {
        auto given_up = engine_.give_up(bad);
        if (given_up) forest_.mark_range(TableId{}, bad.tokens);
        return given_up;
    }
    std::unique_ptr<Work> sync(SyncDepth depth) noexcept override { return engine_.sync(depth); }
    Result<Found> get(const EntryKey& key) noexcept override { return engine_.get(key); }
    std::shared_ptr<const Snapshot> snapshot() noexcept override { return engine_.snapshot(); }
    std::unique_ptr<Work> maintain(std::uint64_t budget_bytes, WallTime now) noexcept override {
        return engine_.maintain(budget_bytes, now);
    }
    std::unique_ptr<Work> checkpoint(const std::string& directory) noexcept override {
        return engine_.checkpoint(directory);
    }
    std::unique_ptr<ScrubWork> scrub() noexcept override { return engine_.scrub(); }
    EngineStats stats() const noexcept override { return engine_.stats(); }
    Sequence applied() const noexcept override { return engine_.applied(); }
    Sequence synced() const noexcept override { return engine_.synced(); }

private:
    StorageEngine& engine_;
    Forest& forest_;
};

}  // namespace ashlar::repair
