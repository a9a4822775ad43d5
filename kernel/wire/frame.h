// A frame: whose words, for which cluster, in which protocol, and one or more messages. The same on both roads.
//
//   u32 magic  u32 length of what follows the head  u64 checksum over length and body  |  head, 16 bytes
//   u8 protocol  u64 cluster  u64 node  u32 incarnation                                |  stamp, 21 bytes
//   then messages, each: varint length, bytes (codec.h)
// The checksum is XXH3: it finds damage, it does not stop malice (that is TLS and CURVE). Strangers, other
// clusters and other protocols are told apart before a message is parsed. Pure, any thread.
#pragma once

#include <cstdint>

#include "ashlar/result.h"
#include "wire/codec.h"

namespace ashlar::wire {

inline constexpr std::size_t head_bytes = 16;
inline constexpr std::size_t stamp_bytes = 21;
inline constexpr std::uint32_t frame_bytes_max = 8 * 1024 * 1024;
/// Of one entry with all its siblings, and of its key; with usual limits an entry has about 1 MiB at most.
inline constexpr std::uint64_t entry_bytes_max = frame_bytes_max - 64 * 1024;

/// kit::hash64 of cluster.name: what tells clusters apart in every frame.
std::uint64_t cluster_mark(View cluster_name);

/// Gathers messages into one frame.
class FrameWriter {
public:
    FrameWriter(Sender sender, std::uint64_t cluster, std::uint8_t protocol = protocol_max)
        : sender_(sender), cluster_(cluster), protocol_(protocol) {}

    bool empty() const { return frame_.empty(); }
    /// Of the frame as it stands; 0 when empty.
    std::size_t bytes() const { return frame_.size(); }
    /// False: the whole frame would be longer than `frame_max`; nothing was added.
    bool add(const Message& message, std::size_t frame_max = head_bytes + frame_bytes_max);
    /// A frame may be without messages: a sign of life.
    void begin();
    /// What the two have agreed on; holds for the frame that is open too.
    void speak(std::uint8_t protocol) { protocol_ = protocol; }
    /// The frame, whole; the writer begins anew with `out`'s old memory.
    void take(Bytes& out);
    /// Drops what was gathered.
    void clear() { frame_.clear(); }

private:
    Sender sender_;
    std::uint64_t cluster_;
    std::uint8_t protocol_;
    Bytes frame_;
};

/// Length of the body a head announces. Refuses another magic and a body over `bytes_max`, before memory is taken.
Result<std::uint32_t> body_length(View head, std::uint32_t bytes_max = frame_bytes_max);

/// Opens a whole frame and walks its messages.
class FrameReader {
public:
    /// Refuses in words: damaged, another cluster, a protocol this build does not speak.
    static Result<FrameReader> open(View frame, std::uint64_t cluster);
    /// Of any protocol: for a greeting, which tells what its sender speaks.
    static Result<FrameReader> open_any(View frame, std::uint64_t cluster);

    Sender sender() const { return sender_; }
    std::uint8_t protocol() const { return protocol_; }
    /// The next message into `message`, whose memory is used again. False at the end, or when bad().
    bool next(Message& message);
    /// The rest of the frame does not hold messages: a peer whose checksum holds yet sends this is not ours.
    bool bad() const { return in_.bad() || bad_; }

private:
    FrameReader(View body) : in_(body) {}
    kit::Reader in_;
    Sender sender_;
    std::uint8_t protocol_ = 0;
    bool bad_ = false;
};

}  // namespace ashlar::wire
