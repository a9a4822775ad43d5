// Registers: the last value assigned. Values assigned at the same time are all kept until the next one replaces them;
// readers see the one with the latest stamp, everywhere the same.
#include <algorithm>
#include <tuple>

#include "state.h"

namespace ashlar::crdt {

View register_value(const std::vector<Stamped>& values) {
    auto at = std::max_element(values.begin(), values.end(), [](const Stamped& a, const Stamped& b) {
        return std::tie(a.wall, a.dot) < std::tie(b.wall, b.dot);
    });
    return at == values.end() ? View() : at->value;
}

}  // namespace ashlar::crdt
