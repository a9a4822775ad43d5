// The first frame of a link, in both directions: may the two speak with each other, and how?
//
// It carries one message, Greeting, in the oldest protocol its sender speaks, and is short: a stranger costs little.
// Pure.
#pragma once

#include <string>

#include "host/peer_seams.h"
#include "wire/frame.h"

namespace ashlar::host {

/// Three texts of at most 1,024 bytes, head, stamp and lengths.
inline constexpr std::uint32_t greeting_bytes_max = 4096;

Bytes greeting_frame(const PeerSelf& self);

struct Greeted {
    wire::Sender sender;
    wire::Greeting greeting;
};
/// Of a whole frame, whatever its cluster: who is refused shall read both names.
Result<Greeted> read_greeting(View frame);

/// Why two nodes do not speak with each other.
struct Difference {
    const char* reason = nullptr;  ///< a word for a counter; nullptr: they do speak
    std::string sentence;          ///< names both values
};
Difference difference(const PeerSelf& ours, const Greeted& theirs);
/// A sentence about a whole frame with another cluster's mark; it names both if the frame is a greeting.
std::string other_cluster(const PeerSelf& ours, View frame);
/// The newest both know; only without a difference.
std::uint8_t common_protocol(const wire::Greeting& ours, const wire::Greeting& theirs);

}  // namespace ashlar::host
