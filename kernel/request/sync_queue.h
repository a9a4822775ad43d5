// Group commit: who waits for which sequence, and when the log is synced or written.
//
// All that was applied in one turn is synced by one Work when the turn ends; what is applied meanwhile waits for
// the next. `interval` and `never` wait for nothing, but their bytes leave the process within write_interval, and
// those of `interval` are synced within sync_interval. A failed sync is final: the engine has stopped writes, every
// waiter is told the first cause, and none is started again. Only a full disk is not: the waiters are told, the engine
// keeps what it could not write, and it is tried again. Loop only.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <vector>

#include "ashlar/storage_engine.h"
#include "base/slab.h"
#include "port/limits.h"
#include "port/works.h"

namespace ashlar::request {

class SyncQueue {
public:
    /// Told for each waiter: success, or why durability was not reached.
    class Listener {
    public:
        virtual void durable(const port::Turn& turn, base::SlotId name, const Result<void>& outcome) = 0;

    protected:
        ~Listener() = default;
    };
    using After = std::function<void(const port::Turn&)>;

    SyncQueue(StorageEngine& engine, port::Works& works, const port::Limits& limits)
        : engine_(engine), works_(works), limits_(limits), synced_(engine.stats().synced) {}
    SyncQueue(const SyncQueue&) = delete;
    SyncQueue& operator=(const SyncQueue&) = delete;

    /// Something was applied that waits for nobody.
    void note(const port::Turn& turn, Sync mode);
    /// Tells `whom`, by the name it gives, when all up to `until` is durable. A sequence that already is need not
    /// wait: see synced().
    void wait(Listener& whom, base::SlotId name, Sequence until);
    Sequence synced() const { return synced_; }
    /// Calls back once all that was applied or retired before this call is durable; never after a failure.
    void after_all(After after);
    /// Asks for a sync at the end of this turn, waiters or none.
    void demand() { demanded_ = true; }

    /// Starts what is due. At the end of a turn, and when woken.
    void pump(const port::Turn& turn);
    /// When pump() has something to do without a waiter; port::never if nothing.
    Instant due() const;
    bool quiet() const { return !under_way_ && !demanded_ && waiting_.empty() && after_.empty(); }
    /// The last sync failed: what waits for durability may wait for long, or for ever.
    bool failed() const { return failure_.has_value() || not_before_ != Instant{0}; }

private:
    struct Waiter {
        Listener* whom = nullptr;
        base::SlotId name;
        Sequence until = 0;
    };
    void start(const port::Turn& turn, SyncDepth depth);
    void finished(const port::Turn& turn, SyncDepth depth, const Result<void>& outcome);
    void disk_full(const port::Turn& turn, const Error& error);
    void release(const port::Turn& turn, Sequence synced, const Result<void>& outcome);

    StorageEngine& engine_;
    port::Works& works_;
    const port::Limits& limits_;
    std::deque<Waiter> waiting_;  ///< by sequence, as they were applied
    std::vector<After> after_;    ///< since the last sync began
    std::vector<After> covered_;  ///< by the sync under way
    Sequence synced_ = 0;
    Instant write_due_ = port::never;
    Instant sync_due_ = port::never;
    Instant not_before_{0};  ///< after a sync that found the disk full
    bool demanded_ = false;
    bool under_way_ = false;
    std::optional<Error> failure_;
};

}  // namespace ashlar::request
