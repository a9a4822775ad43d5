// The parts of Upkeep that go to a lane. Included by its own sources only.
#pragma once

#include "upkeep.h"

namespace ashlar::lsm {

/// A flush or compaction in progress.
struct Upkeep::Task {
    MemtablePtr flushed;                   ///< of a flush
    std::optional<Compaction> compaction;  ///< of a compaction
    std::unique_ptr<Rewrite> rewrite;      ///< none if files only move or leave
};

class Upkeep::Slice final : public Work {
public:
    Slice(Upkeep& upkeep, Task* task, Sweep sweep, std::uint64_t budget_bytes)
        : upkeep_(upkeep), task_(task), sweep_(std::move(sweep)), budget_bytes_(budget_bytes) {}
    ~Slice() override;

    void run() noexcept override;
    Result<void> finish() noexcept override;

private:
    friend class Upkeep;
    Result<bool> advance();

    Upkeep& upkeep_;
    Task* task_;  ///< nullptr: only the sweep
    Sweep sweep_;
    std::uint64_t budget_bytes_;
    Edit edit_;  ///< but for what the lane adds
    bool ran_ = false;
    bool complete_ = false;  ///< the task is done and its edit durable
    bool final_ = false;     ///< a sync failed, or the edit did and may be durable all the same
    std::optional<Error> error_;
    std::optional<std::uint64_t> free_bytes_;
};

}  // namespace ashlar::lsm
