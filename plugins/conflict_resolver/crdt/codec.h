// Facts and paths as bytes: what a version keeps in `extra`.
//
//   extra: u8 facet, varint n and n x u64 requests lately taken into a counter, varint facts, then the facts, sorted:
//     blob path, u8 kind, then of a register or an element: blob; of a counter: the amount, zigzag varint
//   path: varint names, then each as a blob: UTF-8, 1 to 255 bytes, at most 8 names
//
// Equal contents are equal bytes; others are refused. Memory is taken for what the bytes hold, never for what they
// claim. Pure, any thread.
#pragma once

#include <optional>
#include <vector>

#include "fact.h"
#include "kit/bytes.h"

namespace ashlar::crdt {

struct Extra {
    Facet facet = Facet::plain;
    std::vector<std::uint64_t> requests;  ///< oldest first
    Facts facts;
};

Bytes encoded(const Extra& extra);
/// Nothing for bytes that are not canonical. Views into `bytes`.
std::optional<Extra> decode(View bytes);

Bytes encoded_path(const std::vector<View>& names);
/// Nothing for bytes that are no path.
std::optional<std::vector<View>> names_of(View path);
/// Which value a fact at this path is part of.
Facet facet_of(const Fact& fact);

inline std::uint64_t zigzag(std::int64_t n) {
    return (static_cast<std::uint64_t>(n) << 1) ^ static_cast<std::uint64_t>(n >> 63);
}
inline std::int64_t unzigzag(std::uint64_t n) {
    return static_cast<std::int64_t>(n >> 1) ^ -static_cast<std::int64_t>(n & 1);
}

}  // namespace ashlar::crdt
