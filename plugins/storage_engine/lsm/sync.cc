#include "sync.h"

#include <algorithm>
#include <optional>

namespace ashlar::lsm {
namespace {

// How much may be written before the free disk is looked at again.
constexpr std::uint64_t look_at_space_after = 1u << 20;

class SyncWork final : public Work {
public:
    SyncWork(State& state, SyncDepth depth)
        : state_(state),
          depth_(depth),
          durable_(state.synced),
          log_(std::move(state.log)),
          chunks_(state.buffer.take()) {
        look_ = state.space.taken >= look_at_space_after || state.space.near(state.shop.tuning.disk_reserve_bytes);
    }
    ~SyncWork() override {
        if (log_ == nullptr) return;
        state_.log = std::move(log_);
        state_.buffer.give_back(std::move(chunks_));
    }

    void run() noexcept override {
        result_ = log_->write(chunks_, depth_, durable_);
        if (look_)
            if (auto free = state_.shop.disk.free_bytes()) free_bytes_ = *free;
    }

    Result<void> finish() noexcept override {
        state_.log = std::move(log_);
        state_.segments = state_.log->segments();
        state_.syncs = state_.log->syncs();
        if (free_bytes_) state_.space = Space{*free_bytes_, state_.buffer.bytes()};
        if (!result_) {
            // What was applied and not written stays in memory: reads go on, and a later sync may try again if
            // only room was missing.
            state_.written = std::max(state_.written, state_.log->written());
            state_.buffer.give_back(std::move(chunks_));
            if (result_.error().code == Code::no_space) return wait_for_room();
            state_.log_failed = true;
            state_.close(result_.error());
            return *state_.closed;
        }
        state_.log_waits = false;
        state_.written = std::max(state_.written, state_.log->written());
        state_.synced = std::max(state_.synced, state_.log->synced());
        state_.buffer.recycle(std::move(chunks_));
        return {};
    }

private:
    /// Nothing was written that cannot be followed, so a full disk passes: the next sync goes on where this one ended.
    Result<void> wait_for_room() {
        if (!state_.log_waits)
            state_.shop.log.write(
                LogLevel::warn,
                "the commit log waits for room on the disk, no write is taken meanwhile: " + result_.error().detail);
        state_.log_waits = true;
        return result_;
    }

    State& state_;
    SyncDepth depth_;
    Sequence durable_;
    std::unique_ptr<LogFile> log_;
    std::vector<Chunk> chunks_;
    bool look_ = false;
    Result<void> result_;
    std::optional<std::uint64_t> free_bytes_;
};

class FailureWork final : public Work {
public:
    explicit FailureWork(Error error) : error_(std::move(error)) {}
    void run() noexcept override {}
    Result<void> finish() noexcept override { return error_; }

private:
    Error error_;
};

}  // namespace

std::unique_ptr<Work> make_sync(State& state, SyncDepth depth) {
    return std::make_unique<SyncWork>(state, depth);
}

std::unique_ptr<Work> make_failure(Error error) {
    return std::make_unique<FailureWork>(std::move(error));
}

}  // namespace ashlar::lsm
