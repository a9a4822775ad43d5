#include "rig.h"

#include <cstdlib>
#include <utility>

namespace ashlar::contract {

Rig::Rig(EngineCase engine, std::shared_ptr<sim::FaultyDisk> disk, Overrides overrides,
         std::shared_ptr<const Joiner> joiner)
    : engine_case_(engine),
      faulty_(disk),
      seam_(std::move(disk)),
      overrides_(std::move(overrides)),
      joiner_(std::move(joiner)) {
    reopen();
}

Rig::Rig(EngineCase engine, std::shared_ptr<Disk> disk, Overrides overrides)
    : engine_case_(engine),
      seam_(std::move(disk)),
      overrides_(std::move(overrides)),
      joiner_(std::make_shared<SlotJoiner>()) {
    reopen();
}

void Rig::close() {
    if (engine_) engine_case_.descriptor->destroy(engine_);
    engine_ = nullptr;
}

bool Rig::reopen() {
    close();
    host_ = std::make_unique<sim::PlainHost>(*seam_, *joiner_, 7);
    Overrides overrides = engine_case_.always;
    overrides.insert(overrides_.begin(), overrides_.end());
    Settings settings = fill_settings(*engine_case_.descriptor, overrides);
    error_ = {};
    engine_ = static_cast<StorageEngine*>(engine_case_.descriptor->create(host_.get(), &settings, &error_));
    return open();
}

std::string Rig::log() const {
    std::string out;
    for (const auto& [level, line] : host_->log().lines()) out += "  log: " + line + "\n";
    if (!open()) out += "  refused: " + error_.detail + "\n";
    return out;
}

Result<Sequence> Rig::put(const Key& key, const Slot& slot) {
    Bytes entry = encode(slot);
    Write write{key.at(), entry};
    return engine_->apply({&write, 1});
}

Result<void> Rig::sync(SyncDepth depth) {
    return carry_out(engine_->sync(depth));
}

Result<void> Rig::maintain(WallTime now, int most, std::uint64_t budget_bytes) {
    for (int i = 0; i < most; ++i) {
        auto work = engine_->maintain(budget_bytes, now);
        if (!work) return {};
        auto done = carry_out(std::move(work));
        if (!done) return done;
    }
    return {};
}

Result<Sequence> Rig::put_patiently(const std::vector<std::pair<Key, Slot>>& batch) {
    std::vector<Bytes> entries;
    for (const auto& [key, slot] : batch) entries.push_back(encode(slot));
    std::vector<Write> writes;
    for (std::size_t i = 0; i < batch.size(); ++i) writes.push_back({batch[i].first.at(), entries[i]});
    auto done = engine_->apply(writes);
    for (int i = 0; i < 1000 && !done && done.error().code == Code::overloaded; ++i) {
        if (auto synced = sync(); !synced) return synced.error();
        if (auto maintained = maintain(WallTime{0}, 1); !maintained) return maintained.error();
        done = engine_->apply(writes);
    }
    return done;
}

namespace {

Bytes bytes_of(const Found& found) {
    return found.state == Found::State::present ? Bytes(found.entry()) : Bytes();
}

}  // namespace

Result<Bytes> Rig::get(const Key& key) {
    auto found = engine_->get(key.at());
    if (!found) return found.error();
    if (found->state != Found::State::needs_disk) return bytes_of(*found);
    return get_from(*engine_->snapshot(), key);
}

Result<Content> Rig::content(ScanRange range) {
    return content_of(*engine_->snapshot(), range);
}

Result<void> carry_out(std::unique_ptr<Work> work) {
    if (!work) return {};
    work->run();
    return work->finish();
}

Result<Bytes> get_from(const Snapshot& snapshot, const Key& key) {
    auto found = snapshot.get(key.at());
    if (!found) return found.error();
    if (found->state == Found::State::needs_disk) return fail(Code::io, "a snapshot answered needs_disk");
    return bytes_of(*found);
}

Result<std::vector<std::pair<Key, Bytes>>> walk(const Snapshot& snapshot, const ScanRange& range) {
    auto cursor = snapshot.scan(range);
    if (!cursor) return cursor.error();
    std::vector<std::pair<Key, Bytes>> out;
    for (;;) {
        auto more = (*cursor)->next();
        if (!more) return more.error();
        if (!*more) return out;
        EntryKey at = (*cursor)->key();
        out.emplace_back(Key{at.token, at.table.value, Bytes(at.key)}, Bytes((*cursor)->entry()));
    }
}

Result<Content> content_of(const Snapshot& snapshot, const ScanRange& range) {
    auto all = walk(snapshot, range);
    if (!all) return all.error();
    Content out;
    for (auto& [key, entry] : *all)
        if (!out.emplace(key, entry).second) return fail(Code::corrupt, "a scan visited a key twice");
    return out;
}

namespace {
bool asked_for(const char* variable) {
    const char* asked = std::getenv(variable);
    return asked != nullptr && std::string_view(asked) == "1";
}
}  // namespace

bool deep() {
    return asked_for("ASHLAR_DEEP");
}

bool brief() {
    return asked_for("ASHLAR_BRIEF");
}

}  // namespace ashlar::contract
