// A block of a table file: some entries in order, keys prefix-compressed with restart points.
//
// In memory (raw): per entry varint shared, varint rest, varint value bytes, the rest of the key, the value;
// then the offsets of the restart points (u32 each) and their number (u32). At a restart point nothing is
// shared. On disk (sealed): the raw bytes, packed by LZ4 if that saves an eighth, then kind u8, raw size u32,
// and a checksum u64 over both, seeded by directory, file and offset, so that a block read from the wrong
// place does not pass. Reading is bounded: no bytes make it leave the block. Any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "ashlar/result.h"
#include "ashlar/types.h"
#include "order.h"

namespace ashlar::lsm {

inline constexpr std::size_t seal_bytes = 13;
inline constexpr std::size_t block_raw_max = 1u << 30;

/// Where a sealed block lies; bytes include the seal.
struct BlockPlace {
    std::uint64_t offset = 0;
    std::uint32_t bytes = 0;
};

/// Names a place for the seal's checksum.
struct SealSeed {
    std::uint64_t directory = 0;
    std::uint64_t file = 0;
    std::uint64_t value(std::uint64_t offset) const;
};

/// Appends the sealed form to `out`; answers how many bytes that took.
std::uint32_t seal_block(Bytes& out, View raw, bool compress, std::uint64_t seed);
/// The raw bytes again, or corrupt.
Result<Bytes> open_block(View sealed, std::uint64_t seed);

class BlockBuilder {
public:
    /// Keys ascend.
    void add(const EntryKey& key, View value);
    /// The raw block; the builder is empty again afterwards. The view is valid until the next add.
    View finish();
    std::size_t bytes() const { return raw_.size(); }
    bool empty() const { return count_ == 0; }

private:
    static constexpr std::uint32_t restart_interval = 16;
    Bytes raw_;
    Bytes last_key_;
    Bytes key_;
    Bytes finished_;
    std::vector<std::uint32_t> restarts_;
    std::uint32_t count_ = 0;
};

enum class Seen : std::uint8_t { absent, present, malformed };

/// Finds one key in a raw block; `value` borrows from it.
Seen find_in_block(View raw, const EntryKey& key, View& value);

/// All entries of a raw block, for walking either way. The values borrow from the block.
class BlockItems {
public:
    /// False if the block does not hold together.
    bool load(View raw);
    std::size_t size() const { return items_.size(); }
    EntryKey key(std::size_t i) const { return EntryKey{items_[i].token, items_[i].table, key_bytes(i)}; }
    View value(std::size_t i) const { return items_[i].value; }

private:
    struct Item {
        Token token;
        TableId table;
        std::uint32_t key_at;
        std::uint32_t key_size;
        View value;
    };
    View key_bytes(std::size_t i) const { return View(keys_).substr(items_[i].key_at, items_[i].key_size); }
    std::vector<Item> items_;
    Bytes keys_;
};

}  // namespace ashlar::lsm
