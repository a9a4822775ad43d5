// Values that merge, as clients of the simulator use them: one operation adds an element to a set and one to a counter
// beside it, in one map. So a reader sees which operations took effect, and that the counter has one for each.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "ashlar/types.h"

namespace ashlar::sim {

/// Keys that begin so are only ever written with such operations.
inline constexpr View merged_key = "merged-";

/// The value of a put; `element` as Model::make_value makes it.
Bytes merging_operation(View element);
/// What an operation adds; any other value is itself.
View element_of(View value);

struct Merged {
    std::vector<Bytes> elements;
    std::uint64_t count = 0;
};
/// Nothing for a text that is no such map.
std::optional<Merged> read_merged(View text);

}  // namespace ashlar::sim
