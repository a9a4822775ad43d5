#include "upkeep.h"

#include <algorithm>

#include "kit/text.h"
#include "upkeep_task.h"

namespace ashlar::lsm {
namespace {

constexpr Duration look_at_space_every = seconds(1);
constexpr Duration look_for_work_every = seconds(60);
constexpr std::uint32_t read_failures_max = 3;  // then a file counts as damaged
constexpr std::uint32_t failures_max = 10;      // in a row, a pause of the kernel between them: then it is no accident

bool due(WallTime last, WallTime now, Duration every) {
    return now < last || last + every <= now;  // the wall clock may jump back
}

}  // namespace

Upkeep::Upkeep(State& state, std::unique_ptr<Manifest> manifest)
    : state_(state), manifest_(std::move(manifest)), picker_(state.shop.tuning) {
    manifest_number_ = manifest_->number();
    manifest_bytes_ = manifest_->bytes();
    log_begun_ = manifest_->contents().log_begun;
}

Upkeep::~Upkeep() = default;

std::unique_ptr<Work> Upkeep::next(std::uint64_t budget_bytes, WallTime now) {
    if (busy_ || state_.closed) return nullptr;
    bool low = starving_ || state_.refused_for_room || state_.space.near(state_.shop.tuning.disk_reserve_bytes);
    bool look_at_space = low && due(looked_at_space_, now, look_at_space_every);
    if (look_at_space) looked_at_space_ = now;
    find_old_segments();
    drop_spent_hides();
    Task* task = !starving_ || look_at_space ? choose(now) : nullptr;
    Sweep sweep = graveyard_.collect();
    if (task == nullptr && sweep.empty() && !look_at_space) return nullptr;
    busy_ = true;
    auto slice = std::make_unique<Slice>(*this, task, std::move(sweep), std::max<std::uint64_t>(budget_bytes, 1));
    if (task != nullptr) slice->edit_ = edit_for(*task);
    return slice;
}

Upkeep::Task* Upkeep::choose(WallTime now) {
    // On a full disk what only frees room goes first: a flush would fail before it.
    if (starving_ && flush_ == nullptr && compaction_ == nullptr) {
        if (auto drop = picker_.drop_hidden(*state_.version)) {
            compaction_ = std::make_unique<Task>();
            compaction_->compaction = std::move(drop);
            return compaction_.get();
        }
    }
    if (flush_ == nullptr) start_flush(now);
    if (flush_ == nullptr && compaction_ == nullptr) start_compaction(now);
    return flush_ != nullptr ? flush_.get() : compaction_.get();
}

RewritePlan Upkeep::plan_for(WallTime now) {
    RewritePlan plan;
    plan.moment = state_.moment();
    plan.now = now;
    plan.permits = permits_that_count();
    return plan;
}

Sequence Upkeep::planned_through() const {
    Sequence through = 0;
    for (const auto* task : {&flush_, &compaction_})
        if (*task != nullptr && (*task)->rewrite != nullptr)
            through = std::max(through, (*task)->rewrite->plan().moment.as_of);
    return through;
}

/// No permission counts while a snapshot is older than it.
Permits Upkeep::permits_that_count() {
    if (state_.retired.permits.empty()) return {};
    return state_.retired.permits.given_by(state_.snapshots.oldest());
}

void Upkeep::start_flush(WallTime now) {
    if (state_.version->frozen.empty()) return;
    flush_ = std::make_unique<Task>();
    flush_->flushed = state_.version->frozen.front();
    RewritePlan plan = plan_for(now);
    plan.memtables = {flush_->flushed};
    plan.split = false;
    flush_->rewrite = std::make_unique<Rewrite>(state_.shop, std::move(plan));
}

void Upkeep::start_compaction(WallTime now) {
    // Looking costs a walk over all files, so it is done when something changed, or once in a while.
    if (!look_ && !due(looked_, now, look_for_work_every)) return;
    look_ = false;
    looked_ = now;
    auto found = picker_.pick(*state_.version, permits_that_count(), now);
    if (!found) return;
    compaction_ = std::make_unique<Task>();
    if (found->kind == Compaction::Kind::merge) {
        RewritePlan plan = plan_for(now);
        plan.tables = found->upper;
        plan.level = found->lower;
        plan.output_level = found->output_level;
        compaction_->rewrite = std::make_unique<Rewrite>(state_.shop, std::move(plan));
    }
    compaction_->compaction = std::move(found);
}

Edit Upkeep::edit_for(const Task& task) const {
    Edit edit;
    if (task.flushed != nullptr) {
        // Up to where the next memtable begins, which counts retirements too.
        const auto& frozen = state_.version->frozen;
        const Memtable& next = frozen.size() > 1 ? *frozen[1] : *state_.active;
        edit.log_floor = next.first_segment();
        edit.flushed = next.first() - 1;
        if (!state_.segments.empty()) edit.log_begun = state_.segments.back().first;
    }
    if (task.compaction) {
        for (const auto* tables : {&task.compaction->upper, &task.compaction->lower})
            for (const TablePtr& table : *tables) {
                edit.removed.push_back(table->facts().number);
                if (task.compaction->kind == Compaction::Kind::move)
                    edit.added.emplace_back(task.compaction->output_level, table->facts());
            }
    }
    // Retirements of a flushed memtable leave the log with it, so the manifest takes them over.
    edit.retired = state_.retired;
    return edit;
}

void Upkeep::find_old_segments() {
    if (state_.log == nullptr) return;  // a sync is writing: later
    // The last segment before one the manifest does not know of stays: it holds the link to it.
    std::uint64_t floor = state_.version->frozen.empty() ? state_.active->first_segment()
                                                         : state_.version->frozen.front()->first_segment();
    floor = std::min(floor, log_begun_);
    std::uint64_t open = state_.log->segments().empty() ? 0 : state_.log->segments().back().first;
    for (const auto& [number, bytes] : state_.log->segments())
        if (number < floor && number != open) graveyard_.bury(number);
    state_.log->forget_segments_below(floor);
}

/// A hide whose last victim is gone need not be remembered.
void Upkeep::drop_spent_hides() {
    if (state_.retired.hides.empty()) return;
    auto has_victim = [&](const Hide& h) {
        if (state_.active->first() < h.sequence) return true;
        for (const MemtablePtr& frozen : state_.version->frozen)
            if (frozen->first() < h.sequence) return true;
        for (const auto& level : state_.version->levels)
            for (const TablePtr& table : level) {
                const TableFacts& f = table->facts();
                if (f.through < h.sequence && h.tokens.first <= f.last.token && f.first.token <= h.tokens.last)
                    return true;
            }
        return false;
    };
    if (std::erase_if(state_.retired.hides, [&](const Hide& h) { return !has_victim(h); }) == 0) return;
    state_.publish_hides();
}

void Upkeep::finished(Slice& slice) {
    busy_ = false;
    manifest_number_ = manifest_->number();
    manifest_bytes_ = manifest_->bytes();
    if (slice.free_bytes_) {
        state_.space = Space{*slice.free_bytes_, state_.buffer.bytes()};
        state_.refused_for_room = false;
        if (!state_.space.below(state_.shop.tuning.disk_reserve_bytes)) starving_ = false;
    }
    if (slice.error_) return failed(*slice.task_, *slice.error_, slice.final_);
    if (!slice.complete_) return;
    if (slice.edit_.log_begun) log_begun_ = *slice.edit_.log_begun;
    install(*slice.task_);
}

void Upkeep::install(const Task& task) {
    Version next = *state_.version;
    if (task.flushed != nullptr) install_flush(task, next);
    if (task.compaction) {
        auto leaves = [&](const TablePtr& table) {
            const Compaction& c = *task.compaction;
            return std::find(c.upper.begin(), c.upper.end(), table) != c.upper.end() ||
                   std::find(c.lower.begin(), c.lower.end(), table) != c.lower.end();
        };
        bool moved = task.compaction->kind == Compaction::Kind::move;
        for (auto& level : next.levels) std::erase_if(level, leaves);
        std::vector<TablePtr> gone = task.compaction->upper;
        gone.insert(gone.end(), task.compaction->lower.begin(), task.compaction->lower.end());
        auto& output = next.levels[task.compaction->output_level];
        for (const TablePtr& table : gone) {
            if (moved)
                output.push_back(table);
            else
                graveyard_.bury(table);
        }
        if (task.rewrite) output.insert(output.end(), task.rewrite->outputs().begin(), task.rewrite->outputs().end());
        if (task.compaction->output_level != 0) Version::sort_level(output);
        figures_.compactions += 1;
    }
    if (task.rewrite) {
        (task.flushed ? figures_.flushed_bytes : figures_.compacted_bytes) += task.rewrite->output_bytes();
        if (!task.flushed) figures_.read_bytes += task.rewrite->input_bytes();
        figures_.forgotten += task.rewrite->forgotten();
    }
    state_.publish(std::move(next));
    look_ = true;
    starving_ = false;
    failures_ = 0;
    (task.flushed ? flush_ : compaction_).reset();
}

void Upkeep::install_flush(const Task& task, Version& next) {
    next.frozen.erase(next.frozen.begin());
    next.levels[0].insert(next.levels[0].end(), task.rewrite->outputs().begin(), task.rewrite->outputs().end());
    graveyard_.bury(task.flushed);
    if (next.frozen.empty()) state_.flush_waits = false;
    figures_.flushes += 1;
    // It is durable in a table file now, whether its log was ever synced or not.
    const Memtable& oldest = next.frozen.empty() ? *state_.active : *next.frozen.front();
    state_.buffer.forget_below(oldest.first_segment());
    state_.synced = std::max(state_.synced, oldest.first() - 1);
    state_.written = std::max(state_.written, state_.synced);
}

/// Whether a rewrite failed for its inputs, which then are left alone, and not for the disk it writes to.
bool Upkeep::failed_for_inputs(const Task& task, const Error& error) {
    if (task.rewrite == nullptr || (error.code != Code::corrupt && error.code != Code::io)) return false;
    std::vector<TablePtr> inputs = task.rewrite->inputs();
    bool damaged = std::any_of(inputs.begin(), inputs.end(), [](const TablePtr& t) { return t->damaged(); });
    bool unread = false;
    for (const TablePtr& table : inputs) {
        unread = unread || table->read_failures() != 0;
        if (table->read_failures() >= read_failures_max) table->mark_damaged();
    }
    if (damaged || unread) return true;
    if (error.code == Code::io || inputs.empty()) return false;
    // Entries that will not join, in blocks that are whole: leave the files alone rather than lose any.
    for (const TablePtr& table : inputs) table->mark_damaged();
    return true;
}

void Upkeep::failed(const Task& task, const Error& error, bool final) {
    bool no_room = error.code == Code::no_space;
    bool of_input = !final && failed_for_inputs(task, error);
    if (no_room) {
        starving_ = true;
        state_.flush_waits = state_.flush_waits || task.flushed != nullptr;
    }
    state_.shop.log.write(no_room ? LogLevel::warn : LogLevel::error,
                          kit::text(task.flushed ? "flush" : "compaction", " failed: ", error.detail));
    // What it wrote is thrown away and nothing relies on it, so it may begin anew; only a failed sync leaves doubt.
    if (!no_room && !of_input && (final || ++failures_ >= failures_max)) state_.close(error);
    // A read that failed may succeed later: the next look is due in a while.
    look_ = !of_input || std::ranges::any_of(task.rewrite->inputs(), [](const TablePtr& t) { return t->damaged(); });
    (task.flushed ? flush_ : compaction_).reset();
}

}  // namespace ashlar::lsm
