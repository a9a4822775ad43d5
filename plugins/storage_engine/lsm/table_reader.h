// An open table file: filter and index in memory, blocks from the cache or the disk.
//
// Immutable but for what reading it found to be damaged, so loop and lanes share it. Only a lane calls what reads the
// disk, and only a lane lets go of the last reference (closing a file may block): the engine sees to that. A checksum
// that does not hold is an error (corrupt) and marks the file, so that compaction leaves it alone.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <vector>

#include "ashlar/disk.h"
#include "ashlar/storage_engine.h"
#include "block_cache.h"
#include "table_format.h"

namespace ashlar::lsm {

enum class Reach : std::uint8_t { memory, disk };

class Table {
public:
    /// Opens a file the manifest names. A damaged one is opened all the same, and every read that crosses it
    /// fails; a missing one or a newer format is an error.
    static Result<std::shared_ptr<Table>> open(Disk& disk, const std::string& path, const TableFacts& facts,
                                               std::uint64_t directory);

    /// Opens a file just written, whose parts are at hand.
    static Result<std::shared_ptr<Table>> adopt(Disk& disk, const std::string& path, TableParts parts,
                                                std::uint64_t directory);

    struct Lookup {
        Found::State state = Found::State::absent;
        View entry;
        BlockPtr pin;
    };
    /// The entry of a key this table may hold (see covers). `hash` is bloom_hash(key).
    Result<Lookup> get(const EntryKey& key, std::uint64_t hash, Reach reach, BlockCache& cache) const;

    bool covers(const EntryKey& key) const {
        return !before(key, facts_.first.view()) && !before(facts_.last.view(), key);
    }
    /// No block need be read to know that the key is not here.
    bool excludes(const EntryKey& key, std::uint64_t hash) const;

    const TableFacts& facts() const { return facts_; }
    const BlockIndex& index() const { return index_; }
    std::uint64_t memory_bytes() const { return filter_.capacity() + index_.memory_bytes() + sizeof *this; }

    /// Bytes of the data blocks from..to (both included), as they lie on the disk.
    Result<void> read_sealed(std::size_t from, std::size_t to, Bytes& out) const;
    /// The raw bytes of block i out of its sealed bytes.
    Result<Bytes> unseal(std::size_t i, View sealed) const;

    /// Why the whole file cannot be read, if so.
    const std::optional<Error>& broken() const { return broken_; }
    /// How often reading it failed (not for a checksum).
    std::uint32_t read_failures() const { return read_failures_.load(std::memory_order_relaxed); }
    bool damaged() const { return damaged_.load(std::memory_order_relaxed); }
    void mark_damaged() const { damaged_.store(true, std::memory_order_relaxed); }
    /// Its bad blocks may be hidden by now: let it be written anew.
    void forgive() const { damaged_.store(broken_.has_value(), std::memory_order_relaxed); }
    /// A block whose checksum holds does not hold together.
    Error malformed(std::size_t i) const { return corrupt(index_.place(i).offset, "a block does not hold together"); }
    /// The blocks in which reading it met damage.
    std::vector<std::size_t> bad_blocks() const;
    std::string name() const;
    /// Checks filter, index, facts and footer again, from the disk.
    Result<std::uint64_t> verify_ends() const;

private:
    Table(const TableFacts& facts, std::uint64_t directory) : facts_(facts), seed_{directory, facts.number} {}
    Result<void> read_ends();
    Result<Bytes> read_part(BlockPlace place, const char* what) const;
    Result<Footer> read_footer() const;
    void take_index(BlockIndex&& index);
    Error corrupt(std::uint64_t offset, const std::string& why) const;

    TableFacts facts_;
    SealSeed seed_;
    std::unique_ptr<ReadFile> file_;
    Bytes filter_;
    BlockIndex index_;
    std::optional<Error> broken_;
    mutable std::atomic<bool> damaged_{false};
    mutable std::atomic<std::uint32_t> read_failures_{0};
    mutable std::vector<std::atomic<std::uint64_t>> bad_;  ///< a bit for each block. Loop and lanes add
};

using TablePtr = std::shared_ptr<const Table>;

}  // namespace ashlar::lsm
