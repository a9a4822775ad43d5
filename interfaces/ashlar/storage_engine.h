// Contract of a storage engine: an ordered, durable map from (token, table, key) to entries.
//
// Threads. Every method here is called on the loop and never waits: no file call, no lock. What may block
// leaves as Work: run() on a lane, then finish() back on the loop, where its result is taken over. So the
// loop and the lanes share only what is immutable or safely published (a Snapshot, a memtable that one
// thread writes and many read), and no engine starts a thread, reads a clock or opens a file but through
// Host. At most one sync Work and one maintain Work are under way at a time; checkpoint, scrub and reads
// may overlap them.
//
// Entries are merged with the joiner: applying an entry to a key that has one stores their join, at once
// or when the key is next read or compacted. Joining never loses a version, so apply needs no read.
//
// Durability. What was applied before a sync Work began is durable when its finish() returns success, in
// any crash. A failed sync stops writes for good (apply answers closed, with the first cause); reads go on.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "ashlar/host.h"
#include "ashlar/result.h"
#include "ashlar/types.h"

namespace ashlar {

struct Write {
    EntryKey key;
    View entry;
};

/// Counts applied writes of this engine, from 1, in order; survives restarts without going back.
using Sequence = std::uint64_t;

/// A piece of blocking work. Prepared on the loop, run() once on a lane, finish() once on the loop.
/// Destroyed on the loop; if the node stops before run(), it is dropped unrun, which is always safe.
class Work {
public:
    virtual ~Work() = default;
    virtual void run() noexcept = 0;
    virtual Result<void> finish() noexcept = 0;
};

/// What a look-up found. The entry is valid until the engine is next called on the loop, or as long as
/// this object if it owns or pins it; take bytes() when it must last.
class Found {
public:
    enum class State : std::uint8_t {
        absent,      ///< nothing is held
        present,     ///< entry() is all that is held
        needs_disk,  ///< memory alone cannot tell: ask a Snapshot on a lane
    };
    State state = State::absent;
    View borrowed;                      ///< used when owned is empty
    Bytes owned;
    std::shared_ptr<const void> pin;    ///< keeps `borrowed` alive
    View entry() const { return owned.empty() ? borrowed : View(owned); }
};

/// Which keys a scan visits, in (token, table, key) order, both token ends included.
struct ScanRange {
    TokenRange tokens;
    TableId table;          ///< {0}: every table
    bool reverse = false;
    /// Resume strictly behind this key, if `resume` (behind in the direction of the scan).
    bool resume = false;
    Token after_token = 0;
    TableId after_table;
    Bytes after_key;
};

/// Walks entries; each is joined and whole, tombstones included. Used by one thread.
class Cursor {
public:
    virtual ~Cursor() = default;
    /// Moves to the next entry; false at the end. Fails on a bad block (corrupt) instead of skipping it.
    virtual Result<bool> next() noexcept = 0;
    /// Valid until next() is called again.
    virtual EntryKey key() const noexcept = 0;
    virtual View entry() const noexcept = 0;
};

/// The engine as it was at one moment. Taken on the loop, used on any one thread, may read the disk.
/// Holding one keeps files and memory alive, so let go soon.
class Snapshot {
public:
    virtual ~Snapshot() = default;
    /// A block that cannot be read is an error (corrupt, io): never a fall-through to older data.
    virtual Result<Found> get(const EntryKey& key) const noexcept = 0;
    virtual Result<std::unique_ptr<Cursor>> scan(const ScanRange& range) const noexcept = 0;
};

/// What the kernel allows to leave. See docs/architecture.md, "Safe deletes".
struct Retirement {
    TokenRange tokens;
    TableId table;
    bool whole = false;         ///< everything in the range goes, at once for readers (a dropped table, a range moved away)
    WallTime forget_before{0};  ///< else: tombstones written before this may leave when no older run, memtable or snapshot holds the key
};

struct BadBlock {
    std::string file;
    std::uint64_t offset = 0;
    TokenRange tokens;      ///< what it may have held
    std::string detail;
};

/// Work that reads every block and checksum; `bad` is valid after finish(), the others at any time.
class ScrubWork : public Work {
public:
    std::vector<BadBlock> bad;
    std::atomic<std::uint64_t> bytes = 0;
    std::atomic<std::uint64_t> blocks = 0;
};

struct EngineStats {
    std::uint64_t entries_estimate = 0;
    std::uint64_t memory_bytes = 0;       ///< memtables and caches
    std::uint64_t disk_bytes = 0;
    std::uint64_t log_bytes = 0;
    Sequence applied = 0;
    Sequence synced = 0;
    bool writable = true;
    std::string why_not;                  ///< when not writable
    std::vector<std::pair<std::string, std::int64_t>> facts;  ///< the engine's own, snake_case with units, for status
};

/// How far a sync goes.
enum class SyncDepth : std::uint8_t {
    written,  ///< handed to the system: survives the process, not the machine
    synced,   ///< on the disk
};

class StorageEngine {
public:
    virtual ~StorageEngine() = default;

    /// Joins all writes of a batch in, as one step of the log, in memory only. Answers the sequence that
    /// sync must reach for them. Fails with overloaded (too much unflushed: retry), no_space (the reserve
    /// is reached), closed (stopped after a failure); then nothing of the batch was applied.
    virtual Result<Sequence> apply(std::span<const Write> batch) noexcept = 0;

    /// Work that makes all applied so far durable, to the given depth; nullptr when it already is.
    /// After its finish(), synced() tells how far.
    virtual std::unique_ptr<Work> sync(SyncDepth depth) noexcept = 0;

    /// Looks in memory only.
    virtual Result<Found> get(const EntryKey& key) noexcept = 0;

    virtual std::shared_ptr<const Snapshot> snapshot() noexcept = 0;

    /// The next bounded slice of flush, compaction or clean-up, or nullptr when there is none. One slice
    /// handles about `budget_bytes` of input.
    virtual std::unique_ptr<Work> maintain(std::uint64_t budget_bytes, WallTime now) noexcept = 0;

    /// Work that makes `directory` (new, inside the engine's disk) a complete copy, by hard links where it can.
    virtual std::unique_ptr<Work> checkpoint(const std::string& directory) noexcept = 0;

    virtual std::unique_ptr<ScrubWork> scrub() noexcept = 0;

    /// The blocks that reads of any kind have met as bad (corrupt) since the start and that still stand in the way, as
    /// far as they were remembered. Cheap: it is asked every second.
    virtual std::vector<BadBlock> bad_blocks() const noexcept { return {}; }
    /// A block of bad_blocks() or of a scrub shall not stand in the way any more: from now on reads find nothing of it,
    /// and clean-up writes the rest of its file anew. What older runs hold of `bad.tokens` goes with it, for a tombstone
    /// that covered it may have stood in the block and nowhere else. So whoever calls has other replicas to bring it all
    /// back, and has noted that it is missing. A crash may bring the block back, as bad as it was. Fails with not_found
    /// (no such block now), invalid_request (more would go than `bad.tokens`), unsupported (of this engine).
    virtual Result<void> give_up(const BadBlock& bad) noexcept {
        return Error{Code::unsupported, "this storage engine gives no block up: " + bad.file};
    }

    /// Durable from the next sync on. Works on a full disk. Several calls for one table add up.
    virtual Result<void> retire(const Retirement& retirement) noexcept = 0;

    virtual EngineStats stats() const noexcept = 0;

    /// stats().applied and stats().synced alone: asked for every hint and after every sync, so an engine answers them
    /// without gathering the rest.
    virtual Sequence applied() const noexcept { return stats().applied; }
    virtual Sequence synced() const noexcept { return stats().synced; }
};

}  // namespace ashlar
