#include "lsm.h"

#include <algorithm>

#include "checkpoint.h"
#include "damage.h"
#include "kit/text.h"
#include "log_record.h"
#include "lookup.h"
#include "scrub.h"
#include "snapshot.h"
#include "sync.h"

namespace ashlar::lsm {

namespace {
// A batch is one frame's worth of the log and of the memtable: beyond this it is no batch any more.
constexpr std::uint64_t batch_bytes_max = 256u << 20;
// What the log may need beside the records: headers of frames and of a new segment.
constexpr std::uint64_t log_slack_bytes = 4096;
}  // namespace

Lsm::Lsm(Host& host, const Tuning& tuning)
    : random_(host.random()),
      shop_(host, tuning),
      absorber_(host.joiner()),
      applied_count_(host.meter().counter("lsm_applied_writes")),
      refused_count_(host.meter().counter("lsm_refused_batches")) {}

Lsm::~Lsm() = default;

Result<std::unique_ptr<Lsm>> Lsm::open(Host& host, const Tuning& tuning) {
    std::unique_ptr<Lsm> made(new Lsm(host, tuning));
    auto recovered = recover(made->shop_, made->random_);
    if (!recovered) return recovered.error();
    made->state_ = std::move(recovered->state);
    made->upkeep_ = std::make_unique<Upkeep>(*made->state_, std::move(recovered->manifest));
    return made;
}

Result<std::unique_ptr<StorageEngine>> make_lsm(Host& host, const Settings& settings) {
    auto made = Lsm::open(host, tuning_from(settings));
    if (!made) return made.error();
    return std::unique_ptr<StorageEngine>(std::move(*made));
}

std::size_t Lsm::flushed_tables() const {
    const auto& tables = state_->version->levels[0];
    return static_cast<std::size_t>(
        std::count_if(tables.begin(), tables.end(), [](const TablePtr& t) { return !t->damaged(); }));
}

/// Whether a batch may come in; makes room in memory if that needs no waiting.
Result<void> Lsm::admit(std::uint64_t bytes) {
    State& s = *state_;
    if (s.closed) return *s.closed;
    if (bytes > batch_bytes_max)
        return fail(Code::invalid_request,
                    kit::text("a batch of ", bytes, " bytes; at most ", batch_bytes_max, " go in one"));
    if (s.space.below(shop_.tuning.disk_reserve_bytes + bytes + log_slack_bytes)) {
        s.refused_for_room = true;
        return fail(Code::no_space,
                    kit::text("the disk has ", s.space.seen, " bytes free, of which ", shop_.tuning.disk_reserve_bytes,
                              " are kept in reserve (disk_reserve_bytes): free some or drop tables"));
    }
    if (s.wants_room())
        return fail(Code::no_space,
                    "the disk is full, and what was written before still waits for room: free some or drop tables");
    bool full = s.active->bytes() >= shop_.tuning.memtable_bytes;
    if (s.buffer.bytes() >= shop_.tuning.memtable_bytes * 2)
        return fail(Code::overloaded,
                    kit::text(s.buffer.bytes(), " bytes wait for the commit log: retry when it has caught up"));
    if (!full) return {};
    if (s.version->frozen.size() >= shop_.tuning.frozen_max)
        return fail(Code::overloaded,
                    kit::text(s.version->frozen.size(), " memtables wait for their flush (frozen_max): retry"));
    if (std::size_t tables = flushed_tables(); tables >= shop_.tuning.l0_stop_tables)
        return fail(
            upkeep_->starving() ? Code::no_space : Code::overloaded,
            kit::text(tables, " flushed tables wait for compaction (l0_stop_tables), ",
                      upkeep_->starving() ? "and the disk is too full for it: free some or drop tables" : "retry"));
    s.freeze();
    return {};
}

Result<Sequence> Lsm::apply(std::span<const Write> batch) noexcept {
    State& s = *state_;
    std::uint64_t bytes = batch_record_bound(batch);
    if (auto admitted = admit(bytes); !admitted) {
        refused_count_.add();
        return admitted.error();
    }
    if (batch.empty()) return s.applied;
    Sequence first = s.applied + 1;
    if (auto done = absorber_.prepare(*s.active, batch, first, *s.version->hidden); !done) return done.error();
    s.buffer.add_batch(batch, first);
    absorber_.publish(*s.active);
    s.applied += batch.size();
    s.space.taken += bytes;
    applied_count_.add(static_cast<std::int64_t>(batch.size()));
    return s.applied;
}

std::unique_ptr<Work> Lsm::sync(SyncDepth depth) noexcept {
    State& s = *state_;
    if ((depth == SyncDepth::synced ? s.synced : s.written) >= s.applied) return nullptr;
    if (s.closed && s.log_failed) return make_failure(*s.closed);
    if (s.log == nullptr) return make_failure(fail(Code::invalid_request, "a sync is under way already"));
    return make_sync(s, depth);
}

Result<Found> Lsm::get(const EntryKey& key) noexcept {
    State& s = *state_;
    return look_up(*s.version, *s.active, s.applied, key, Reach::memory, shop_.joiner, shop_.cache);
}

std::shared_ptr<const Snapshot> Lsm::snapshot() noexcept {
    auto moment = std::make_shared<const Moment>(state_->moment());
    state_->snapshots.add(moment);
    return make_snapshot(shop_.joiner, shop_.cache, std::move(moment));
}

std::unique_ptr<Work> Lsm::maintain(std::uint64_t budget_bytes, WallTime now) noexcept {
    return upkeep_->next(budget_bytes, now);
}

std::unique_ptr<Work> Lsm::checkpoint(const std::string& directory) noexcept {
    return make_checkpoint(*state_, random_.next(), directory);
}

std::unique_ptr<ScrubWork> Lsm::scrub() noexcept {
    return make_scrub(*state_, upkeep_->manifest_number(), upkeep_->manifest_bytes());
}

Result<void> Lsm::retire(const Retirement& retirement) noexcept {
    State& s = *state_;
    if (s.closed) return *s.closed;
    if (retirement.tokens.last < retirement.tokens.first)
        return fail(Code::invalid_request, "a token range that ends before it begins");
    s.applied += 1;
    s.buffer.add_retirement(retirement, s.applied);
    s.add_retirement(retirement, s.applied);
    if (retirement.whole) {
        s.publish_hides();
        // What was damaged may be hidden by now: it may be written anew.
        for (const auto& level : s.version->levels)
            for (const TablePtr& table : level)
                if (table->damaged()) forgive(*s.version, *table);
    }
    upkeep_->look_again();
    return {};
}

std::vector<BadBlock> Lsm::bad_blocks() const noexcept {
    return bad_blocks_of(*state_->version);
}

/// Not in the log: a start that finds the block bad again gives it up again. The next edit of the manifest keeps it.
Result<void> Lsm::give_up(const BadBlock& bad) noexcept {
    State& s = *state_;
    if (s.closed) return *s.closed;
    auto table = table_of(*s.version, bad);
    if (!table) return table.error();
    auto hide = hide_for(**table, bad, s.retired.permits, upkeep_->planned_through());
    if (!hide) return hide.error();
    s.retired.hides.push_back(*hide);
    s.publish_hides();
    forgive(*s.version, **table);
    upkeep_->look_again();
    return {};
}

EngineStats Lsm::stats() const noexcept {
    const State& s = *state_;
    EngineStats out;
    out.applied = s.applied;
    out.synced = s.synced;
    out.entries_estimate = s.active->entries();
    out.memory_bytes = s.active->bytes() + shop_.cache.bytes() + s.buffer.bytes();
    for (const MemtablePtr& frozen : s.version->frozen) {
        out.entries_estimate += frozen->entries();
        out.memory_bytes += frozen->bytes();
    }
    auto fact = [&](std::string name, std::uint64_t value) {
        out.facts.emplace_back(std::move(name), static_cast<std::int64_t>(value));
    };
    std::uint64_t damaged = 0;
    for (std::size_t level = 0; level < level_count; ++level) {
        std::uint64_t bytes = 0;
        for (const TablePtr& table : s.version->levels[level]) {
            bytes += table->facts().file_bytes;
            out.entries_estimate += table->facts().entries;
            out.memory_bytes += table->memory_bytes();
            damaged += table->damaged() ? 1 : 0;
        }
        out.disk_bytes += bytes;
        if (s.version->levels[level].empty()) continue;
        fact(kit::text("level_", level, "_tables"), s.version->levels[level].size());
        fact(kit::text("level_", level, "_bytes"), bytes);
    }
    for (const auto& [number, bytes] : s.segments) out.log_bytes += bytes;
    out.disk_bytes += upkeep_->manifest_bytes();
    const UpkeepFigures& u = upkeep_->figures();
    fact("frozen_memtables", s.version->frozen.size());
    fact("flushes", u.flushes);
    fact("flushed_bytes", u.flushed_bytes);
    fact("compactions", u.compactions);
    fact("compaction_read_bytes", u.read_bytes);
    fact("compacted_bytes", u.compacted_bytes);
    fact("forgotten_entries", u.forgotten);
    fact("damaged_tables", damaged);
    fact("log_syncs", s.syncs);
    fact("cache_hits", shop_.cache.hits());
    fact("cache_misses", shop_.cache.misses());
    fact("snapshots", s.snapshots.size());
    fact("hidden_ranges", s.retired.hides.size());
    if (s.closed)
        out.why_not = s.closed->detail;
    else if (s.wants_room())
        out.why_not = "the disk is full: what was written before waits for room";
    else if (s.space.below(shop_.tuning.disk_reserve_bytes))
        out.why_not = "the disk reserve is reached";
    out.writable = out.why_not.empty();
    return out;
}

}  // namespace ashlar::lsm
