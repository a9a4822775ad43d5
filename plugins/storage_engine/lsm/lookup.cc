#include "lookup.h"

namespace ashlar::lsm {
namespace {

/// Gathers the pieces of one entry.
class Pieces {
public:
    Pieces(const Joiner& joiner, TableId table) : joiner_(joiner), table_(table) {}

    Result<void> add(View entry, std::shared_ptr<const void> pin) {
        if (found.state == Found::State::absent) {
            found.state = Found::State::present;
            found.borrowed = entry;
            found.pin = std::move(pin);
            return {};
        }
        auto joined = joiner_.join(table_, found.entry(), entry);
        if (!joined) return joined.error();
        found.owned = std::move(*joined);
        found.borrowed = {};
        found.pin.reset();
        return {};
    }

    Found found;

private:
    const Joiner& joiner_;
    TableId table_;
};

}  // namespace

Result<Found> look_up(const Version& version, const Memtable& active, Sequence as_of, const EntryKey& key, Reach reach,
                      const Joiner& joiner, BlockCache& cache) {
    Pieces pieces(joiner, key.table);
    const Hidden& hidden = *version.hidden;
    if (auto* held = active.find(key, as_of, hidden))
        if (auto done = pieces.add(held->entry(), nullptr); !done) return done.error();
    for (const MemtablePtr& frozen : version.frozen)
        if (auto* held = frozen->find(key, as_of, hidden))
            if (auto done = pieces.add(held->entry(), nullptr); !done) return done.error();

    std::uint64_t hash = bloom_hash(key);
    bool needs_disk = false;
    auto ask = [&](const Table& table) -> Result<void> {
        if (!hidden.empty() && hidden.holds(key.token, key.table, table.facts().through)) return {};
        auto got = table.get(key, hash, reach, cache);
        if (!got) return got.error();
        needs_disk = got->state == Found::State::needs_disk;
        if (got->state == Found::State::present) return pieces.add(got->entry, std::move(got->pin));
        return {};
    };
    for (const TablePtr& table : version.levels[0]) {
        if (!table->covers(key)) continue;
        if (auto done = ask(*table); !done) return done.error();
        if (needs_disk) break;
    }
    for (std::size_t level = 1; level < level_count && !needs_disk; ++level) {
        const Table* table = version.table_for(level, key);
        if (table == nullptr) continue;
        if (auto done = ask(*table); !done) return done.error();
    }
    if (needs_disk) {
        Found unknown;
        unknown.state = Found::State::needs_disk;
        return unknown;
    }
    return std::move(pieces.found);
}

}  // namespace ashlar::lsm
