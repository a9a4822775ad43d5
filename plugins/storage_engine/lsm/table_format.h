// What a table file is made of, beside blocks: facts, index, footer. docs/disk.md, "Table files".
//
// [sealed data blocks] [sealed filter] [sealed index] [sealed facts] [footer]. The facts stand also in the
// manifest, so a file whose end is damaged is still known by what it may hold. Any thread.
#pragma once

#include <cstdint>
#include <vector>

#include "ashlar/result.h"
#include "ashlar/storage_engine.h"
#include "block.h"
#include "kit/bytes.h"
#include "order.h"

namespace ashlar::lsm {

inline constexpr std::uint64_t table_magic = 0x314c42544c485341;  // "ASHLTBL1"
inline constexpr std::uint32_t table_format_version = 1;
inline constexpr std::size_t footer_bytes = 64;

/// What is known of a table file without reading its blocks.
struct TableFacts {
    std::uint64_t number = 0;
    std::uint64_t file_bytes = 0;  ///< filled in when the file is complete
    std::uint64_t entries = 0;
    std::uint64_t entry_bytes = 0;  ///< keys and values before packing
    OwnedKey first;
    OwnedKey last;
    Sequence through = 0;      ///< where the engine stood when it was planned: see hidden.h
    std::uint64_t mortal = 0;  ///< entries that may one day leave whole: tombstones, or values that expire
    std::uint64_t dead = 0;    ///< of these, all that were only tombstones when the file was written
    WallTime made{0};          ///< when it was written, by the wall clock of maintain()
};

void encode_facts(kit::Writer& out, const TableFacts& facts);
/// Spoils the reader on anything malformed.
TableFacts decode_facts(kit::Reader& in);

/// Which block may hold a key: per block the highest key it holds, cut to its token where that suffices.
class BlockIndex {
public:
    /// `last` is the block's last key; `next` the first key of the block behind, if there is one.
    void add(const EntryKey& last, const EntryKey* next, BlockPlace place);
    void encode(kit::Writer& out) const;
    /// False if malformed: places must lie one behind the other below `data_bytes`.
    bool decode(View bytes, std::uint64_t data_bytes);

    std::size_t size() const { return tokens_.size(); }
    /// The only block that may hold the key; size() if none.
    std::size_t find(const EntryKey& key) const;
    BlockPlace place(std::size_t i) const;
    Token last_token(std::size_t i) const { return tokens_[i]; }
    std::size_t memory_bytes() const;

private:
    bool behind(std::size_t i, const EntryKey& key) const;  ///< the key lies behind block i
    View bound(std::size_t i) const;

    std::vector<Token> tokens_;
    std::vector<std::uint64_t> ends_;    ///< where each block ends; it begins where the one before ends
    std::vector<std::uint32_t> bounds_;  ///< 1 + where the full key of a bound begins in keys_; 0: the token alone
    Bytes keys_;                         ///< length u32, then table and key bytes
};

/// What an open table keeps in memory.
struct TableParts {
    TableFacts facts;
    Bytes filter;
    BlockIndex index;
};

struct Footer {
    BlockPlace filter;
    BlockPlace index;
    BlockPlace facts;
    std::uint64_t directory = 0;
};

Bytes encode_footer(const Footer& footer);
/// corrupt, or unsupported for a newer format.
Result<Footer> decode_footer(View bytes, const std::string& file);

}  // namespace ashlar::lsm
