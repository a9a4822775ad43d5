#include "request/sync_queue.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace ashlar::request {
namespace {

constexpr Duration full_pause = milliseconds(100);

}  // namespace

void SyncQueue::note(const port::Turn& turn, Sync mode) {
    write_due_ = std::min(write_due_, turn.now.steady + limits_.write_interval);
    if (mode == Sync::interval) sync_due_ = std::min(sync_due_, turn.now.steady + limits_.sync_interval);
}

void SyncQueue::wait(Listener& whom, base::SlotId name, Sequence until) {
    // A retry may wait for an older sequence than the newest waiter: the queue stays in order.
    auto at = waiting_.end();
    while (at != waiting_.begin() && until < std::prev(at)->until) --at;
    waiting_.insert(at, Waiter{&whom, name, until});
}

void SyncQueue::after_all(After after) {
    after_.push_back(std::move(after));
    demanded_ = true;
}

Instant SyncQueue::due() const {
    if (under_way_ || failure_) return port::never;
    Instant due = std::min(write_due_, sync_due_);
    // What else is wanted waits for the turn's end, or for the pause after a full disk.
    if (not_before_ != Instant{0} && (demanded_ || !waiting_.empty())) due = not_before_;
    return std::max(due, not_before_);
}

void SyncQueue::pump(const port::Turn& turn) {
    if (under_way_) return;
    if (failure_) {
        release(turn, ~Sequence{0}, *failure_);
        return;
    }
    if (turn.now.steady < not_before_) return;
    if (demanded_ || !waiting_.empty() || sync_due_ <= turn.now.steady)
        start(turn, SyncDepth::synced);
    else if (write_due_ <= turn.now.steady)
        start(turn, SyncDepth::written);
}

void SyncQueue::start(const port::Turn& turn, SyncDepth depth) {
    write_due_ = port::never;
    not_before_ = Instant{0};
    if (depth == SyncDepth::synced) {
        sync_due_ = port::never;
        demanded_ = false;
        covered_ = std::move(after_);
        after_.clear();
    }
    std::unique_ptr<Work> work = engine_.sync(depth);
    if (work == nullptr) {
        finished(turn, depth, {});
        return;
    }
    under_way_ = true;
    works_.start(turn, port::Lane::sync, std::move(work),
                 [this, depth](const port::Turn& later, const Result<void>& outcome) {
                     under_way_ = false;
                     finished(later, depth, outcome);
                 });
}

void SyncQueue::finished(const port::Turn& turn, SyncDepth depth, const Result<void>& outcome) {
    if (!outcome && outcome.error().code == Code::no_space) return disk_full(turn, outcome.error());
    if (!outcome) {
        failure_ = outcome.error();
        covered_.clear();
        after_.clear();
        demanded_ = false;
        release(turn, ~Sequence{0}, outcome);
        return;
    }
    if (depth != SyncDepth::synced) return;
    synced_ = engine_.synced();
    release(turn, synced_, outcome);
    std::vector<After> due = std::move(covered_);
    covered_.clear();
    for (After& after : due) after(turn);
}

void SyncQueue::disk_full(const port::Turn& turn, const Error& error) {
    not_before_ = turn.now.steady + full_pause;
    sync_due_ = std::min(sync_due_, not_before_);
    after_.insert(after_.begin(), std::make_move_iterator(covered_.begin()), std::make_move_iterator(covered_.end()));
    covered_.clear();
    demanded_ = demanded_ || !after_.empty();
    release(turn, ~Sequence{0}, error);
}

void SyncQueue::release(const port::Turn& turn, Sequence synced, const Result<void>& outcome) {
    while (!waiting_.empty() && waiting_.front().until <= synced) {
        Waiter waiter = waiting_.front();
        waiting_.pop_front();
        waiter.whom->durable(turn, waiter.name, outcome);
    }
}

}  // namespace ashlar::request
