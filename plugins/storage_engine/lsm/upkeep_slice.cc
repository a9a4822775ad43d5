#include "upkeep_task.h"

namespace ashlar::lsm {

Upkeep::Slice::~Slice() {
    if (ran_) return;
    upkeep_.graveyard_.give_back(std::move(sweep_));
    upkeep_.busy_ = false;
}

void Upkeep::Slice::run() noexcept {
    ran_ = true;
    Disk& disk = upkeep_.state_.shop.disk;
    sweep_.carry_out(disk);
    if (task_ != nullptr) {
        auto done = advance();
        if (done)
            complete_ = *done;
        else
            error_ = done.error();
    }
    if (auto free = disk.free_bytes()) free_bytes_ = *free;
}

Result<bool> Upkeep::Slice::advance() {
    if (Rewrite* rewrite = task_->rewrite.get()) {
        auto done = rewrite->step(budget_bytes_);
        if (!done || !*done) {
            if (!done) {
                final_ = rewrite->sync_failed();
                rewrite->abandon();
            }
            return done;
        }
        std::uint32_t level = rewrite->plan().output_level;
        for (const TablePtr& table : rewrite->outputs()) edit_.added.emplace_back(level, table->facts());
    }
    auto committed = upkeep_.manifest_->commit(edit_);
    if (committed) return true;
    final_ = committed.error().code != Code::no_space;
    // If the edit may have reached the disk, the files it names must stay.
    if (!final_ && task_->rewrite != nullptr) task_->rewrite->abandon();
    return committed.error();
}

Result<void> Upkeep::Slice::finish() noexcept {
    upkeep_.finished(*this);
    if (error_) return *error_;
    return {};
}

}  // namespace ashlar::lsm
