// What the system knows of a TCP socket that somebody else reads, closes, and whose descriptor may so be another's by
// now: each answer is about whatever the descriptor is at that moment.
//
// Never blocks, never fails: of what is no socket (any more) it says 0 or nothing. Any thread.
#pragma once

#include <cstdint>
#include <string>

namespace ashlar::host {

/// Never given to another socket while the machine runs; 0: none.
std::uint64_t socket_identity(int descriptor);
/// Of its far end, without the port; IPv4 as such, also on a socket of both families. Empty: not connected.
std::string far_address(int descriptor);
/// What has arrived on it and has been read by whoever reads it.
std::uint64_t bytes_read_from(int descriptor);
/// Ends the connection at once; what has arrived and is not read is gone. The descriptor stays open, its reader finds
/// out.
void hang_up(int descriptor);

}  // namespace ashlar::host
