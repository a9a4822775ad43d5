#include "merge.h"

#include <algorithm>

namespace ashlar::lsm {

Merge::Merge(std::vector<std::unique_ptr<Run>> runs, bool reverse, const Joiner& joiner)
    : runs_(std::move(runs)), reverse_(reverse), joiner_(joiner) {
    for (std::size_t i = 0; i < runs_.size(); ++i) here_.push_back(i);
}

Result<bool> Merge::next() {
    for (std::size_t i : here_) {
        std::erase(live_, i);
        auto more = runs_[i]->next();
        if (!more) return more;
        if (*more) live_.push_back(i);
    }
    here_.clear();
    if (live_.empty()) return false;

    // Few runs (a level counts as one), so looking at each beats keeping a heap in order.
    for (std::size_t i : live_) {
        EntryKey key = runs_[i]->key();
        if (here_.empty() || (reverse_ ? before(key_, key) : before(key, key_))) {
            here_.clear();
            key_ = key;
        } else if (!same(key, key_)) {
            continue;
        }
        here_.push_back(i);
    }
    entry_ = runs_[here_.front()]->entry();
    for (std::size_t n = 1; n < here_.size(); ++n) {
        auto joined = joiner_.join(key_.table, entry_, runs_[here_[n]]->entry());
        if (!joined) return joined.error();
        joined_ = std::move(*joined);
        entry_ = joined_;
    }
    return true;
}

std::uint64_t Merge::bytes() const {
    std::uint64_t sum = 0;
    for (const auto& run : runs_) sum += run->bytes();
    return sum;
}

std::vector<std::unique_ptr<Run>> runs_of(const Moment& moment, const Span& span, BlockCache* cache) {
    const Version& version = *moment.version;
    std::vector<std::unique_ptr<Run>> runs;
    runs.push_back(run_of(moment.active, moment.as_of, version.hidden, span));
    for (const MemtablePtr& frozen : version.frozen) runs.push_back(run_of(frozen, moment.as_of, version.hidden, span));
    for (const TablePtr& table : version.levels[0])
        runs.push_back(run_of(std::vector<TablePtr>{table}, version.hidden, span, scan_readahead, cache));
    for (std::size_t level = 1; level < level_count; ++level)
        if (!version.levels[level].empty())
            runs.push_back(run_of(version.levels[level], version.hidden, span, scan_readahead, cache));
    return runs;
}

}  // namespace ashlar::lsm
