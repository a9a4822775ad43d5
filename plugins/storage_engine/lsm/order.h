// The one order of this engine, (token, table, key) as unsigned bytes, and its byte form in table files:
// token and table big-endian, then the key, so that comparing the bytes is comparing the keys.
#pragma once

#include <cstdint>

#include "ashlar/types.h"
#include "kit/hash.h"

namespace ashlar::lsm {

inline constexpr std::size_t order_prefix_bytes = 12;

inline bool before(const EntryKey& a, const EntryKey& b) {
    if (a.token != b.token) return a.token < b.token;
    if (a.table != b.table) return a.table < b.table;
    return a.key < b.key;
}
inline bool same(const EntryKey& a, const EntryKey& b) {
    return a.token == b.token && a.table == b.table && a.key == b.key;
}

inline void put_order_key(Bytes& out, const EntryKey& key) {
    char prefix[order_prefix_bytes];
    for (int i = 0; i < 8; ++i) prefix[i] = static_cast<char>(key.token >> (56 - 8 * i));
    for (int i = 0; i < 4; ++i) prefix[8 + i] = static_cast<char>(key.table.value >> (24 - 8 * i));
    out.append(prefix, sizeof prefix);
    out.append(key.key);
}

/// The key in such bytes; the view borrows from them. Needs order_prefix_bytes at least.
inline EntryKey order_key(View bytes) {
    EntryKey key;
    for (std::size_t i = 0; i < 8; ++i) key.token = key.token << 8 | static_cast<unsigned char>(bytes[i]);
    for (std::size_t i = 8; i < 12; ++i) key.table.value = key.table.value << 8 | static_cast<unsigned char>(bytes[i]);
    key.key = bytes.substr(order_prefix_bytes);
    return key;
}

/// What bloom filters are made of. Part of the file format.
inline std::uint64_t bloom_hash(const EntryKey& key) {
    return kit::hash64(key.key, key.token ^ (std::uint64_t{key.table.value} << 32 | key.table.value));
}

/// A key that owns its bytes.
struct OwnedKey {
    Token token = 0;
    TableId table;
    Bytes key;

    OwnedKey() = default;
    explicit OwnedKey(const EntryKey& from) : token(from.token), table(from.table), key(from.key) {}
    EntryKey view() const { return EntryKey{token, table, key}; }
};

}  // namespace ashlar::lsm
