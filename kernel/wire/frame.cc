#include "wire/frame.h"

#include "kit/hash.h"
#include "kit/text.h"

namespace ashlar::wire {
namespace {

constexpr std::uint32_t magic = 0x31485341;  // "ASH1", little-endian

std::uint64_t checksum(View frame) {
    return kit::Hasher().add(frame.substr(4, 4)).add(frame.substr(head_bytes)).value();
}

}  // namespace

std::uint64_t cluster_mark(View cluster_name) {
    return kit::hash64(cluster_name);
}

void FrameWriter::begin() {
    if (!frame_.empty()) return;
    frame_.resize(head_bytes);
    kit::Writer stamp(frame_);
    stamp.u8(protocol_);
    stamp.u64(cluster_);
    stamp.u64(sender_.node.value);
    stamp.u32(sender_.incarnation);
}

bool FrameWriter::add(const Message& message, std::size_t frame_max) {
    constexpr std::size_t length_bytes_max = 10;  // of a varint
    const std::size_t size = encoded_bytes(message);
    std::size_t before = frame_.empty() ? head_bytes + stamp_bytes : frame_.size();
    if (before + length_bytes_max + size > frame_max) return false;
    begin();
    // In place: what it carries is copied once, from whoever says it into the frame.
    kit::Writer(frame_).varint(size);
    encode(message, frame_);
    return true;
}

void FrameWriter::take(Bytes& out) {
    begin();
    frame_[head_bytes] = static_cast<char>(protocol_);
    auto length = static_cast<std::uint32_t>(frame_.size() - head_bytes);
    std::memcpy(frame_.data(), &magic, sizeof magic);
    std::memcpy(frame_.data() + sizeof magic, &length, sizeof length);
    std::uint64_t sum = checksum(frame_);
    std::memcpy(frame_.data() + sizeof magic + sizeof length, &sum, sizeof sum);
    out.swap(frame_);
    frame_.clear();
}

Result<std::uint32_t> body_length(View head, std::uint32_t bytes_max) {
    kit::Reader in(head.substr(0, head_bytes));
    std::uint32_t found = in.u32();
    std::uint32_t length = in.u32();
    if (in.bad() || found != magic) return fail(Code::corrupt, "these bytes do not begin as a frame of a node does");
    if (length < stamp_bytes || length > bytes_max)
        return fail(Code::corrupt, kit::text("a frame of ", length, " bytes is announced, the limit is ", bytes_max));
    return length;
}

Result<FrameReader> FrameReader::open(View frame, std::uint64_t cluster) {
    auto out = open_any(frame, cluster);
    if (out && (out->protocol_ < protocol_min || out->protocol_ > protocol_max))
        return fail(Code::unsupported,
                    kit::text("a frame of protocol ", unsigned{out->protocol_}, ", this node speaks ",
                              unsigned{protocol_min}, " to ", unsigned{protocol_max}));
    return out;
}

Result<FrameReader> FrameReader::open_any(View frame, std::uint64_t cluster) {
    auto length = body_length(frame);
    if (!length) return length.error();
    if (frame.size() != head_bytes + *length)
        return fail(Code::corrupt, kit::text("a frame of ", frame.size(), " bytes says it has ", head_bytes + *length));
    kit::Reader head(frame.substr(8, 8));
    if (head.u64() != checksum(frame)) return fail(Code::corrupt, "the checksum of a frame does not hold");
    FrameReader out(frame.substr(head_bytes));
    out.protocol_ = out.in_.u8();
    std::uint64_t theirs = out.in_.u64();
    out.sender_.node.value = out.in_.u64();
    out.sender_.incarnation = out.in_.u32();
    if (theirs != cluster) return fail(Code::not_authorized, "a frame of another cluster: compare cluster.name");
    if (out.sender_.node.value == 0) return fail(Code::corrupt, "a frame of nobody");
    return out;
}

bool FrameReader::next(Message& message) {
    if (bad() || in_.left() == 0) return false;
    View bytes = in_.blob();
    if (in_.bad()) return false;
    bad_ = !decode(bytes, message);
    return !bad_;
}

}  // namespace ashlar::wire
