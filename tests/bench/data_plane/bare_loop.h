// The bare loop, the floor every server stands on: one thread, epoll, frames in, frames out, no store behind it.
#pragma once

#include <cstdint>

namespace ashlar::bench {

/// Never returns.
void serve_bare_frames(std::uint16_t port);

}  // namespace ashlar::bench
