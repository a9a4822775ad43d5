#include "rewrite.h"

#include <algorithm>
#include <limits>

#include "kit/text.h"
#include "names.h"

namespace ashlar::lsm {

Rewrite::Rewrite(Workshop& shop, RewritePlan plan) : shop_(shop), plan_(std::move(plan)) {}

std::vector<TablePtr> Rewrite::inputs() const {
    std::vector<TablePtr> all = plan_.tables;
    all.insert(all.end(), plan_.level.begin(), plan_.level.end());
    return all;
}

void Rewrite::begin() {
    const HiddenPtr& hidden = plan_.moment.version->hidden;
    Span span = Span::everything();
    std::vector<std::unique_ptr<Run>> runs;
    for (const MemtablePtr& memtable : plan_.memtables)
        runs.push_back(run_of(memtable, plan_.moment.as_of, hidden, span));
    for (const TablePtr& table : plan_.tables)
        runs.push_back(run_of(std::vector<TablePtr>{table}, hidden, span, rewrite_readahead, nullptr));
    if (!plan_.level.empty()) runs.push_back(run_of(plan_.level, hidden, span, rewrite_readahead, nullptr));
    merge_ = std::make_unique<Merge>(std::move(runs), false, shop_.joiner);
}

Result<bool> Rewrite::step(std::uint64_t budget_bytes) {
    if (merge_ == nullptr) begin();
    std::uint64_t until = merge_->bytes() + budget_bytes;
    while (merge_->bytes() < until) {
        auto more = merge_->next();
        if (!more) return more;
        if (*more) {
            if (auto done = take(merge_->key(), merge_->entry()); !done) return done.error();
            continue;
        }
        if (builder_ != nullptr)
            if (auto done = end_file(); !done) return done.error();
        if (paths_.empty()) return true;
        auto done = shop_.disk.sync_directory(plan_.prefix.substr(0, plan_.prefix.size() - !plan_.prefix.empty()));
        sync_failed_ = !done;
        if (!done) return fail(Code::io, done.error().detail);
        return true;
    }
    return false;
}

Result<void> Rewrite::take(const EntryKey& key, View entry) {
    Keep keep{plan_.now, {}};
    if (!plan_.permits.empty()) {
        keep.forget_before = plan_.permits.before(key.token, key.table);
        if (keep.forget_before.us != 0 && held_elsewhere(key)) keep.forget_before.us = 0;
    }
    auto settled = shop_.joiner.settle(key.table, entry, keep);
    if (!settled) return write(key, entry);  // not understood: nothing of it leaves
    if (!settled->empty()) return write(key, *settled);
    if (keep.forget_before.us == 0) return write(key, entry);  // nothing was permitted to leave
    ++forgotten_;
    return {};
}

bool Rewrite::is_input(const Table& table) const {
    auto holds = [&](const std::vector<TablePtr>& tables) {
        return std::any_of(tables.begin(), tables.end(), [&](const TablePtr& t) { return t.get() == &table; });
    };
    return holds(plan_.tables) || holds(plan_.level);
}

bool Rewrite::held_elsewhere(const EntryKey& key) const {
    static constexpr Sequence any = std::numeric_limits<Sequence>::max();
    const Hidden nothing;
    auto holds = [&](const MemtablePtr& memtable) {
        return std::find(plan_.memtables.begin(), plan_.memtables.end(), memtable) == plan_.memtables.end() &&
               memtable->find(key, any, nothing) != nullptr;
    };
    const Version& version = *plan_.moment.version;
    if (holds(plan_.moment.active) || std::any_of(version.frozen.begin(), version.frozen.end(), holds)) return true;
    std::uint64_t hash = bloom_hash(key);
    for (const TablePtr& table : version.levels[0])
        if (!table->excludes(key, hash) && !is_input(*table)) return true;
    for (std::size_t level = 1; level < level_count; ++level) {
        const Table* table = version.table_for(level, key);
        if (table != nullptr && !table->excludes(key, hash) && !is_input(*table)) return true;
    }
    return false;
}

Lasting Rewrite::lasting(TableId table, View entry) const {
    static constexpr WallTime end{std::numeric_limits<std::int64_t>::max()};
    auto some_day = shop_.joiner.settle(table, entry, Keep{end, end});
    if (!some_day || !some_day->empty()) return Lasting::lives;
    auto today = shop_.joiner.settle(table, entry, Keep{plan_.now, end});
    return today && today->empty() ? Lasting::dead : Lasting::mortal;
}

Result<void> Rewrite::write(const EntryKey& key, View entry) {
    if (builder_ != nullptr && plan_.split && builder_->bytes() >= shop_.tuning.table_bytes)
        if (auto done = end_file(); !done) return done;
    if (builder_ == nullptr) {
        std::uint64_t number = shop_.next_file.fetch_add(1);
        paths_.push_back(plan_.prefix + table_name(number));
        auto made = TableBuilder::create(shop_.disk, paths_.back(), number, shop_.directory, shop_.tuning);
        if (!made) return made.error();
        builder_ = std::move(*made);
    }
    return builder_->add(key, entry, lasting(key.table, entry));
}

Result<void> Rewrite::end_file() {
    auto parts = builder_->finish(plan_.moment.as_of, plan_.now);
    sync_failed_ = builder_->sync_failed();
    builder_.reset();
    if (!parts) return parts.error();
    output_bytes_ += parts->facts.file_bytes;
    auto table = Table::adopt(shop_.disk, paths_.back(), std::move(*parts), shop_.directory);
    if (!table) return table.error();
    outputs_.push_back(std::move(*table));
    return {};
}

void Rewrite::abandon() {
    builder_.reset();
    outputs_.clear();
    merge_.reset();
    for (const std::string& path : paths_) (void)shop_.disk.remove(path);  // a leftover is removed at the next start
    paths_.clear();
}

}  // namespace ashlar::lsm
