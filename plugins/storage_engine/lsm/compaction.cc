#include "compaction.h"

#include <algorithm>

namespace ashlar::lsm {
namespace {

constexpr Duration settle_again{std::int64_t{24} * 3600 * 1'000'000};
constexpr Duration look_for_expired{std::int64_t{3600} * 1'000'000};
constexpr std::uint64_t worth_part = 20;  // one entry in so many is worth a rewrite

std::uint64_t bytes_of(const std::vector<TablePtr>& tables) {
    std::uint64_t sum = 0;
    for (const TablePtr& table : tables) sum += table->facts().file_bytes;
    return sum;
}

/// The tables of a level that overlap the key range of some others.
std::vector<TablePtr> overlapping(const std::vector<TablePtr>& level, const std::vector<TablePtr>& with) {
    std::vector<TablePtr> out;
    if (with.empty()) return out;
    EntryKey low = with.front()->facts().first.view(), high = with.front()->facts().last.view();
    for (const TablePtr& table : with) {
        if (before(table->facts().first.view(), low)) low = table->facts().first.view();
        if (before(high, table->facts().last.view())) high = table->facts().last.view();
    }
    for (const TablePtr& table : level)
        if (!before(table->facts().last.view(), low) && !before(high, table->facts().first.view()))
            out.push_back(table);
    return out;
}

bool partly_hidden(const Table& table, const Hidden& hidden) {
    const TableFacts& f = table.facts();
    return std::any_of(hidden.hides.begin(), hidden.hides.end(), [&](const Hide& h) {
        return f.through < h.sequence && h.tokens.first <= f.last.token && f.first.token <= h.tokens.last;
    });
}

}  // namespace

std::optional<Compaction> CompactionPicker::pick(const Version& version, const Permits& permits, WallTime now) {
    if (auto found = drop_hidden(version)) return found;
    if (auto found = set_aside(version)) return found;
    if (auto found = by_size(version)) return found;
    return by_retirement(version, permits, now);
}

std::optional<Compaction> CompactionPicker::drop_hidden(const Version& version) const {
    if (version.hidden->empty()) return {};
    Compaction drop;
    drop.kind = Compaction::Kind::drop;
    for (const auto& level : version.levels)
        for (const TablePtr& table : level) {
            const TableFacts& f = table->facts();
            if (version.hidden->holds_all(f.first.view(), f.last.view(), f.through)) drop.upper.push_back(table);
        }
    if (drop.upper.empty()) return {};
    return drop;
}

std::optional<Compaction> CompactionPicker::set_aside(const Version& version) const {
    for (std::uint32_t level = 1; level < level_count; ++level)
        for (const TablePtr& table : version.levels[level])
            if (table->damaged()) return Compaction{Compaction::Kind::move, level, 0, {table}, {}};
    return {};
}

std::optional<Compaction> CompactionPicker::by_size(const Version& version) {
    std::vector<TablePtr> flushed;
    for (const TablePtr& table : version.levels[0])
        if (!table->damaged()) flushed.push_back(table);
    double best = static_cast<double>(flushed.size()) / static_cast<double>(tuning_.l0_compact_tables);
    std::uint32_t level = 0;
    double target = static_cast<double>(tuning_.level_base_bytes);
    for (std::uint32_t i = 1; i + 1 < level_count; ++i, target *= static_cast<double>(tuning_.level_ratio)) {
        double score = static_cast<double>(bytes_of(version.levels[i])) / target;
        if (score > best) {
            best = score;
            level = i;
        }
    }
    if (best < 1) return {};
    if (level == 0) return into_next(version, 0, std::move(flushed));
    // The next files in turn; one whose overlap is damaged waits until that is set aside.
    for (std::size_t n = 0; n < version.levels[level].size(); ++n) {
        TablePtr table = nth_from_cursor(version, level, n);
        if (auto found = into_next(version, level, {table})) {
            cursors_[level] = table->facts().last;
            return found;
        }
    }
    return {};
}

TablePtr CompactionPicker::nth_from_cursor(const Version& version, std::uint32_t number, std::size_t n) const {
    const std::vector<TablePtr>& level = version.levels[number];
    auto at = std::find_if(level.begin(), level.end(),
                           [&](const TablePtr& t) { return before(cursors_[number].view(), t->facts().first.view()); });
    auto start = static_cast<std::size_t>(at - level.begin());
    return level[(start + n) % level.size()];
}

std::optional<Compaction> CompactionPicker::into_next(const Version& version, std::uint32_t level,
                                                      std::vector<TablePtr> upper) const {
    std::uint32_t below = std::min<std::uint32_t>(level + 1, level_count - 1);
    Compaction out{Compaction::Kind::merge, level, below, std::move(upper), {}};
    if (below != level) out.lower = overlapping(version.levels[below], out.upper);
    for (const auto* tables : {&out.upper, &out.lower})
        for (const TablePtr& table : *tables)
            if (table->damaged()) return {};
    if (level != 0 && out.lower.empty() && below != level) out.kind = Compaction::Kind::move;
    return out;
}

std::optional<Compaction> CompactionPicker::by_retirement(const Version& version, const Permits& permits,
                                                          WallTime now) const {
    if (version.hidden->empty() && permits.empty()) return {};
    for (std::uint32_t level = 0; level < level_count; ++level)
        for (const TablePtr& table : version.levels[level]) {
            if (table->damaged()) continue;
            const TableFacts& f = table->facts();
            if (partly_hidden(*table, *version.hidden))
                return Compaction{Compaction::Kind::merge, level, level, {table}, {}};
            if (f.mortal == 0 || !permits.news({f.first.token, f.last.token}, f.through, f.made)) continue;
            bool dead = f.dead * worth_part >= f.entries || (f.dead != 0 && f.made + settle_again < now);
            bool expired =
                (f.mortal - std::min(f.dead, f.mortal)) * worth_part >= f.entries && f.made + look_for_expired < now;
            if (!dead && !expired) continue;
            // Merged with what lies below, so that what a tombstone covers meets it there.
            auto found = into_next(version, level, {table});
            if (!found) continue;
            found->kind = Compaction::Kind::merge;
            if (found->lower.empty()) found->output_level = level;
            return found;
        }
    return {};
}

}  // namespace ashlar::lsm
