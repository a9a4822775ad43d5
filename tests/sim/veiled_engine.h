// An engine behind a veil: sometimes it says needs_disk although memory could tell (its contract allows it), and,
// when a test plants the bug, it acknowledges before it has synced, or loses what only removes.
#pragma once

#include <memory>
#include <set>
#include <utility>

#include "ashlar/storage_engine.h"
#include "kit/entry.h"
#include "port/hint.h"
#include "swarm.h"

namespace ashlar::sim {

class VeiledEngine final : public StorageEngine {
public:
    VeiledEngine(StorageEngine& engine, std::uint64_t seed, std::uint64_t foggy, Sabotage sabotage)
        : engine_(engine), random_(seed), foggy_(foggy), sabotage_(sabotage) {}

    Result<Sequence> apply(std::span<const Write> batch) noexcept override {
        if (sabotage_ == Sabotage::drop_tombstones && only_tombstones(batch.front().entry)) return applied_;
        if (sabotage_ == Sabotage::forget_tombstones_early)
            for (const Write& write : batch)
                if (write.key.token != port::hint_token) tables_.insert(write.key.table);
        auto applied = engine_.apply(batch);
        if (applied) applied_ = *applied;
        return applied;
    }
    std::unique_ptr<Work> sync(SyncDepth depth) noexcept override {
        if (sabotage_ != Sabotage::acknowledge_before_sync) return engine_.sync(depth);
        return std::make_unique<Pretence>();
    }
    Result<Found> get(const EntryKey& key) noexcept override {
        if (random_.below(1'000'000) >= foggy_) return engine_.get(key);
        Found found;
        found.state = Found::State::needs_disk;
        return found;
    }
    std::shared_ptr<const Snapshot> snapshot() noexcept override { return engine_.snapshot(); }
    std::unique_ptr<Work> maintain(std::uint64_t budget_bytes, WallTime now) noexcept override {
        for (TableId table : tables_)
            (void)engine_.retire(Retirement{TokenRange{1, ~Token{0}}, table, false, now});
        return engine_.maintain(budget_bytes, now);
    }
    std::unique_ptr<Work> checkpoint(const std::string& directory) noexcept override {
        return engine_.checkpoint(directory);
    }
    std::unique_ptr<ScrubWork> scrub() noexcept override { return engine_.scrub(); }
    std::vector<BadBlock> bad_blocks() const noexcept override { return engine_.bad_blocks(); }
    Result<void> give_up(const BadBlock& bad) noexcept override { return engine_.give_up(bad); }
    Result<void> retire(const Retirement& retirement) noexcept override { return engine_.retire(retirement); }
    EngineStats stats() const noexcept override {
        EngineStats stats = engine_.stats();
        if (sabotage_ == Sabotage::acknowledge_before_sync) stats.synced = stats.applied;
        return stats;
    }

private:
    class Pretence final : public Work {
        void run() noexcept override {}
        Result<void> finish() noexcept override { return {}; }
    };
    static bool only_tombstones(View entry) {
        kit::StoredVersion version;
        for (kit::EntryWalk walk(entry); walk.next(version);) {
            if (version.kind == VersionKind::value) return false;
        }
        return true;
    }

    StorageEngine& engine_;
    Sequence applied_ = 0;
    std::set<TableId> tables_;  ///< whose tombstones are forgotten early
    SeededRandom random_;
    std::uint64_t foggy_;
    Sabotage sabotage_;
};

}  // namespace ashlar::sim
