// What one write contributes to a value that merges: an amount to a counter, an element to a set, a value to a register,
// each at a place (the root, or a field of a map, or of a map in a map).
//
// Plain values that borrow from the bytes they were read from.
#pragma once

#include <cstdint>
#include <tuple>
#include <vector>

#include "ashlar/types.h"

namespace ashlar::crdt {

enum class Kind : std::uint8_t { reg = 1, counter = 2, element = 3 };

/// What kind of value a version is part of. Versions of one write are part of one.
enum class Facet : std::uint8_t { plain = 0, reg = 1, counter = 2, set = 3, map = 4 };
inline constexpr std::uint8_t facets = 5;

/// Map fields within map fields.
inline constexpr std::uint64_t depth_most = 8;
inline constexpr std::uint64_t name_bytes_most = 255;

struct Fact {
    View path;                ///< names of fields, encoded (codec.h); without names: the root
    Kind kind = Kind::reg;
    View data;                ///< of a register: its value; of an element: itself
    std::int64_t amount = 0;  ///< of a counter

    /// Facts of one write differ in this: a place has one register and one counter, and any number of elements.
    auto place() const { return std::tuple(path, kind, kind == Kind::element ? data : View()); }
    auto order() const { return std::tuple(path, kind, data, amount); }
};

using Facts = std::vector<Fact>;

}  // namespace ashlar::crdt
