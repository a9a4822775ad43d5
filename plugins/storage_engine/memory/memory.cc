#include "memory.h"

#include <utility>

#include "kit/text.h"
#include "snapshot.h"

namespace ashlar::memory {

const SettingSpec settings[2] = {
    {"capacity_bytes", SettingType::bytes, "1GiB", 1 << 16, std::int64_t{1} << 50, nullptr,
     "How much memory keys and entries may take. Beyond it writes are refused with no_space; reads go on."},
    {"sweep_interval", SettingType::duration, "10min", 1'000'000, std::int64_t{30} * 86'400 * 1'000'000, nullptr,
     "How often all entries are looked through for expired versions and tombstones that may leave."},
};

namespace {

class RefusedWork final : public Work {
public:
    void run() noexcept override {}
    Result<void> finish() noexcept override {
        return fail(Code::unsupported, "the memory engine has no files to copy; export the table instead");
    }
};

/// Memory has no checksums to hold against; it says so with zero blocks.
class NothingToScrub final : public ScrubWork {
public:
    void run() noexcept override {}
    Result<void> finish() noexcept override { return {}; }
};

}  // namespace

MemoryEngine::MemoryEngine(Host& host, const Settings& settings)
    : joiner_(host.joiner()),
      capacity_bytes_(static_cast<std::uint64_t>(settings.integer("capacity_bytes"))),
      content_{Tree(host.random().next()), 0, 0},
      sweep_(joiner_, content_, settings.duration("sweep_interval")) {}

Result<Sequence> MemoryEngine::apply(std::span<const Write> batch) noexcept {
    Content next = content_;
    for (const Write& write : batch) {
        Bytes entry(write.entry);
        if (ItemRef held = next.tree.find(write.key); held) {
            auto joined = joiner_.join(write.key.table, held->entry, write.entry);
            if (!joined) return joined.error();
            entry = std::move(*joined);
        }
        next.set(
            std::make_shared<Item>(Item{write.key.token, write.key.table, Bytes(write.key.key), std::move(entry)}));
    }
    if (next.bytes > capacity_bytes_ && next.bytes > content_.bytes)
        return fail(Code::no_space, kit::text("the memory engine holds ", content_.bytes, " bytes and may take ",
                                              capacity_bytes_, "; raise capacity_bytes or drop a table"));
    content_ = std::move(next);
    applied_ += batch.size();
    return applied_;
}

Result<Found> MemoryEngine::get(const EntryKey& key) noexcept {
    return TreeSnapshot::look_up(content_.tree, key);
}

std::shared_ptr<const Snapshot> MemoryEngine::snapshot() noexcept {
    return std::make_shared<TreeSnapshot>(content_.tree, sweep_.alive());
}

std::unique_ptr<Work> MemoryEngine::maintain(std::uint64_t budget_bytes, WallTime now) noexcept {
    return sweep_.slice(budget_bytes, now);
}

std::unique_ptr<Work> MemoryEngine::checkpoint(const std::string&) noexcept {
    return std::make_unique<RefusedWork>();
}

std::unique_ptr<ScrubWork> MemoryEngine::scrub() noexcept {
    return std::make_unique<NothingToScrub>();
}

Result<void> MemoryEngine::retire(const Retirement& retirement) noexcept {
    if (!retirement.whole) {
        sweep_.allow(retirement);
        return {};
    }
    ScanRange range;
    range.tokens = retirement.tokens;
    range.table = retirement.table;
    TreeCursor cursor(content_.tree, range);
    for (auto more = cursor.next(); more && *more; more = cursor.next()) content_.drop(cursor.key());
    return {};
}

EngineStats MemoryEngine::stats() const noexcept {
    EngineStats stats;
    stats.entries_estimate = content_.entries;
    stats.memory_bytes = content_.bytes;
    stats.applied = stats.synced = applied_;
    stats.facts = {{"capacity_bytes", static_cast<std::int64_t>(capacity_bytes_)}};
    return stats;
}

Result<std::unique_ptr<StorageEngine>> make(Host& host, const Settings& settings) noexcept {
    return std::unique_ptr<StorageEngine>(std::make_unique<MemoryEngine>(host, settings));
}

}  // namespace ashlar::memory
