// The memory engine with the manners of a disk engine, as a test scripts them: look-ups that need a lane, syncs that
// take a Work and may fail, writes that are refused.
#pragma once

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "ashlar/storage_engine.h"

namespace ashlar::test {

class ScriptedEngine final : public StorageEngine {
public:
    explicit ScriptedEngine(std::unique_ptr<StorageEngine> inner) : inner_(std::move(inner)) {}

    bool needs_disk = false;
    std::optional<Error> refuse_writes;
    std::optional<Error> fail_reads;
    std::optional<Error> fail_sync;
    std::optional<Bytes> unreadable;  ///< a key whose block on the disk is bad
    std::uint32_t syncs = 0;
    std::uint32_t applies = 0;
    std::vector<SyncDepth> depths;
    std::vector<Retirement> retirements;
    Bytes last_entry;

    Result<Sequence> apply(std::span<const Write> batch) noexcept override {
        if (refuse_writes) return *refuse_writes;
        ++applies;
        last_entry = Bytes(batch.back().entry);
        auto applied = inner_->apply(batch);
        if (applied) applied_ = *applied;
        return applied;
    }
    std::unique_ptr<Work> sync(SyncDepth depth) noexcept override {
        depths.push_back(depth);
        if (synced_ == applied_) return nullptr;
        ++syncs;
        return std::make_unique<Sync>(*this, depth, applied_);
    }
    Result<Found> get(const EntryKey& key) noexcept override {
        if (!needs_disk) return inner_->get(key);
        Found found;
        found.state = Found::State::needs_disk;
        return found;
    }
    std::shared_ptr<const Snapshot> snapshot() noexcept override {
        if (fail_reads) return std::make_shared<Broken>(*fail_reads);
        if (unreadable) return std::make_shared<Damaged>(inner_->snapshot(), *unreadable);
        return inner_->snapshot();
    }
    std::unique_ptr<Work> maintain(std::uint64_t, WallTime) noexcept override { return nullptr; }
    std::unique_ptr<Work> checkpoint(const std::string& directory) noexcept override {
        return inner_->checkpoint(directory);
    }
    std::unique_ptr<ScrubWork> scrub() noexcept override { return inner_->scrub(); }
    std::vector<BadBlock> bad;  ///< as reads have met it
    std::vector<BadBlock> given_up;
    std::vector<BadBlock> bad_blocks() const noexcept override { return bad; }
    Result<void> give_up(const BadBlock& block) noexcept override {
        bad.clear();
        unreadable.reset();
        given_up.push_back(block);
        Retirement all;
        all.tokens = block.tokens;
        all.whole = true;
        return inner_->retire(all);
    }
    Result<void> retire(const Retirement& retirement) noexcept override {
        retirements.push_back(retirement);
        return inner_->retire(retirement);
    }
    EngineStats stats() const noexcept override {
        EngineStats stats = inner_->stats();
        stats.synced = synced_;
        return stats;
    }

private:
    class Sync final : public Work {
    public:
        Sync(ScriptedEngine& engine, SyncDepth depth, Sequence until) : engine_(engine), depth_(depth), until_(until) {}
        void run() noexcept override {}
        Result<void> finish() noexcept override {
            if (engine_.fail_sync) return *engine_.fail_sync;
            if (depth_ == SyncDepth::synced) engine_.synced_ = until_;
            return {};
        }

    private:
        ScriptedEngine& engine_;
        SyncDepth depth_;
        Sequence until_;
    };
    class Broken final : public Snapshot {
    public:
        explicit Broken(Error error) : error_(std::move(error)) {}
        Result<Found> get(const EntryKey&) const noexcept override { return error_; }
        Result<std::unique_ptr<Cursor>> scan(const ScanRange&) const noexcept override { return error_; }

    private:
        Error error_;
    };
    /// As taken, but for one key.
    class Damaged final : public Snapshot {
    public:
        Damaged(std::shared_ptr<const Snapshot> whole, Bytes key) : whole_(std::move(whole)), key_(std::move(key)) {}
        Result<Found> get(const EntryKey& key) const noexcept override {
            if (key.key == View(key_)) return fail(Code::corrupt, "a block's checksum does not hold");
            return whole_->get(key);
        }
        Result<std::unique_ptr<Cursor>> scan(const ScanRange& range) const noexcept override {
            return whole_->scan(range);
        }

    private:
        std::shared_ptr<const Snapshot> whole_;
        Bytes key_;
    };
    std::unique_ptr<StorageEngine> inner_;
    Sequence applied_ = 0;
    Sequence synced_ = 0;
};

}  // namespace ashlar::test
