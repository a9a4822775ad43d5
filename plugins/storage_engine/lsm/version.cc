#include "version.h"

#include <algorithm>

namespace ashlar::lsm {

const Table* Version::table_for(std::size_t level, const EntryKey& key) const {
    const auto& tables = levels[level];
    auto at = std::lower_bound(tables.begin(), tables.end(), key, [](const TablePtr& table, const EntryKey& k) {
        return before(table->facts().last.view(), k);
    });
    return at != tables.end() && (*at)->covers(key) ? at->get() : nullptr;
}

void Version::sort_level(std::vector<TablePtr>& level) {
    std::sort(level.begin(), level.end(), [](const TablePtr& a, const TablePtr& b) {
        return before(a->facts().first.view(), b->facts().first.view());
    });
}

}  // namespace ashlar::lsm
