// How a Thrift message opens: which protocol, which method, which number; and how frames are cut from a stream.
//
// Pure. Reads within the given bytes only; a head that is not exactly that of a binary (strict) or compact
// message is refused, whatever else it may be (HTTP, TLS, an unframed or non-strict client).
#pragma once

#include <cstdint>
#include <optional>

#include "ashlar/types.h"

namespace ashlar::host {

enum class WireFormat : std::uint8_t { binary, compact };

struct MessageHead {
    WireFormat format = WireFormat::binary;
    std::uint8_t type = 0;    ///< 1 call, 2 reply, 3 exception, 4 oneway
    std::int32_t number = 0;  ///< the client's sequence id, given back with the reply
    View method;
    View body;  ///< what follows the head
};

inline constexpr std::uint8_t message_call = 1;
inline constexpr std::size_t method_name_max = 64;

std::optional<MessageHead> read_head(View payload);

/// The outcome of looking for a frame at the start of what was received.
struct FrameCut {
    enum class State : std::uint8_t { whole, partial, refused };
    State state = State::partial;
    View payload;                 ///< whole
    std::size_t frame_bytes = 0;  ///< whole: length of the frame with its header. partial: 0, or what it will be
};

/// Cuts the first frame. Refused: an empty one, or one longer than `payload_max` (so a stream without frames too).
FrameCut cut_frame(View received, std::size_t payload_max);

}  // namespace ashlar::host
