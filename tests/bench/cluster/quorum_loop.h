// The floor a quorum stands on: three processes that exchange the frames three of our nodes would, with the same codec
// and checksums, and no store, no clock and no rules behind them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace ashlar::bench {

struct QuorumPorts {
    std::array<std::uint16_t, 3> clients{}, peers{};
};

/// Serves as one of the three, for ever. A client's frame begins with a letter: g and p want one replica's word, G and
/// P two. A put looks first, as `overwrite` does, at as many as it wants, and is sent to both others in any case.
void serve_bare_quorum(const QuorumPorts& ports, std::size_t self);

}  // namespace ashlar::bench
