// An engine on a disk that fails on demand, driven the way the kernel drives one, for the tests of this folder.
//
// Rig makes the engine through its descriptor, with settings that make everything small, and runs each Work where it
// stands. What it reads it compares nowhere: that is for the tests. One thread.
#pragma once

#include <map>
#include <memory>
#include <ostream>
#include <string>
#include <tuple>
#include <vector>

#include "ashlar/plugin.h"
#include "ashlar/storage_engine.h"
#include "faulty_disk.h"
#include "plain_host.h"
#include "slot_entry.h"

namespace ashlar::contract {

/// Settings as written, by name; names that an engine does not have are passed over.
using Overrides = std::map<std::string, std::string>;

/// A storage engine under test; the suite runs on each.
struct EngineCase {
    const Descriptor* descriptor;
    Overrides always;  ///< win over what a test asks for
    bool persistent() const { return (descriptor->capabilities & Capability::persistent) != 0; }
};
std::vector<EngineCase> all_engines();
std::vector<EngineCase> persistent_engines();
/// Persistent engines and the plain log, which shows that power cuts and damage can be survived.
std::vector<EngineCase> crash_engines();
std::string name_of(const EngineCase& engine);
inline void PrintTo(const EngineCase& engine, std::ostream* out) {
    *out << name_of(engine);
}

/// Default settings with everything that has a size made small.
Overrides small();
/// Checked settings from a descriptor's schema; stops the process on a value that does not parse.
Settings fill_settings(const Descriptor& descriptor, const Overrides& overrides);

/// A key that owns its bytes, in the order of engines.
struct Key {
    Token token = 0;
    std::uint32_t table = 1;
    Bytes key;
    auto operator<=>(const Key&) const = default;
    EntryKey at() const { return {token, TableId{table}, key}; }
};
/// Everything an engine holds.
using Content = std::map<Key, Bytes>;

class Rig {
public:
    Rig(EngineCase engine, std::shared_ptr<sim::FaultyDisk> disk, Overrides overrides = small(),
        std::shared_ptr<const Joiner> joiner = std::make_shared<SlotJoiner>());
    /// On another disk seam, such as a subdirectory of one.
    Rig(EngineCase engine, std::shared_ptr<Disk> disk, Overrides overrides);
    ~Rig() { close(); }
    Rig(const Rig&) = delete;
    Rig& operator=(const Rig&) = delete;

    /// Whether the engine was made; if not, why.
    bool open() const { return engine_ != nullptr; }
    const Error& why_not() const { return error_; }
    StorageEngine* operator->() { return engine_; }
    StorageEngine& operator*() { return *engine_; }
    sim::FaultyDisk& disk() { return *faulty_; }
    /// The log of the engine, for the message of a failing test.
    std::string log() const;

    /// Lets go of the engine without a word, as a killed process does.
    void close();
    /// close(), then a new one on the same disk.
    bool reopen();
    /// The disk as found after a power cut, with no engine on it.
    std::shared_ptr<sim::FaultyDisk> crash(std::uint64_t seed, sim::Loss loss = sim::Loss::lottery) const {
        return std::shared_ptr<sim::FaultyDisk>(faulty_->crash(seed, loss));
    }

    Result<Sequence> put(const Key& key, const Slot& slot);
    Result<void> sync(SyncDepth depth = SyncDepth::synced);
    /// Slices until there is none or one fails; at most `most` of them.
    Result<void> maintain(WallTime now = WallTime{0}, int most = 100'000, std::uint64_t budget_bytes = 64 << 10);
    /// Puts, syncing and maintaining when the engine says overloaded.
    Result<Sequence> put_patiently(const std::vector<std::pair<Key, Slot>>& batch);

    /// Memory first, then the disk, as the kernel does. Empty: absent.
    Result<Bytes> get(const Key& key);
    Result<Content> content(ScanRange range = {});

private:
    EngineCase engine_case_;
    std::shared_ptr<sim::FaultyDisk> faulty_;
    std::shared_ptr<Disk> seam_;
    Overrides overrides_;
    std::shared_ptr<const Joiner> joiner_;
    std::unique_ptr<sim::PlainHost> host_;
    StorageEngine* engine_ = nullptr;
    Error error_;
};

/// Runs a piece of work here and now; no work is success.
Result<void> carry_out(std::unique_ptr<Work> work);
Result<Bytes> get_from(const Snapshot& snapshot, const Key& key);
/// Keys of a scan in the order visited, with their entries.
Result<std::vector<std::pair<Key, Bytes>>> walk(const Snapshot& snapshot, const ScanRange& range);
Result<Content> content_of(const Snapshot& snapshot, const ScanRange& range = {});
/// How far to search: everything (ASHLAR_DEEP=1), what a test run has time for, or a sample of that (ASHLAR_BRIEF=1) for
/// builds that run many times slower.
bool deep();
bool brief();
inline std::uint64_t scaled(std::uint64_t quick, std::uint64_t thorough) {
    return deep() ? thorough : brief() ? (quick + 1) / 2 : quick;
}
/// How many cases to step over: one by one in a deep search.
inline std::uint64_t stride(std::uint64_t quick) {
    return deep() ? 1 : brief() ? quick * 8 : quick;
}

}  // namespace ashlar::contract
