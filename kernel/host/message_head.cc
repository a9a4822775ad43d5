#include "host/message_head.h"

#include "kit/bytes.h"

namespace ashlar::host {
namespace {

std::uint32_t big_endian(const char* from) {
    return __builtin_bswap32(kit::load<std::uint32_t>(from));
}

std::optional<MessageHead> binary_head(View payload) {
    constexpr std::uint32_t version = 0x80010000;
    if (payload.size() < 12) return std::nullopt;
    std::uint32_t word = big_endian(payload.data());
    std::uint32_t name_bytes = big_endian(payload.data() + 4);
    if ((word & 0xffffff00) != version || name_bytes > method_name_max || payload.size() - 12 < name_bytes)
        return std::nullopt;
    MessageHead head;
    head.format = WireFormat::binary;
    head.type = static_cast<std::uint8_t>(word & 0xff);
    head.method = payload.substr(8, name_bytes);
    head.number = static_cast<std::int32_t>(big_endian(payload.data() + 8 + name_bytes));
    head.body = payload.substr(12 + name_bytes);
    return head;
}

/// Up to five bytes, seven bits each, lowest first; longer or short ones fail.
bool read_varint(View& in, std::uint32_t& out) {
    out = 0;
    for (int shift = 0; shift < 35; shift += 7) {
        if (in.empty()) return false;
        auto byte = static_cast<std::uint8_t>(in.front());
        in.remove_prefix(1);
        out |= static_cast<std::uint32_t>(byte & 0x7f) << shift;
        if (byte < 0x80) return true;
    }
    return false;
}

std::optional<MessageHead> compact_head(View payload) {
    if (payload.size() < 4) return std::nullopt;
    auto second = static_cast<std::uint8_t>(payload[1]);
    if ((second & 0x1f) != 1) return std::nullopt;
    MessageHead head;
    head.format = WireFormat::compact;
    head.type = static_cast<std::uint8_t>(second >> 5);
    View rest = payload.substr(2);
    std::uint32_t number = 0;
    std::uint32_t name_bytes = 0;
    if (!read_varint(rest, number) || !read_varint(rest, name_bytes)) return std::nullopt;
    if (name_bytes > method_name_max || name_bytes > rest.size()) return std::nullopt;
    head.number = static_cast<std::int32_t>(number);
    head.method = rest.substr(0, name_bytes);
    head.body = rest.substr(name_bytes);
    return head;
}

}  // namespace

std::optional<MessageHead> read_head(View payload) {
    if (payload.empty()) return std::nullopt;
    switch (static_cast<std::uint8_t>(payload.front())) {
        case 0x80:
            return binary_head(payload);
        case 0x82:
            return compact_head(payload);
        default:
            return std::nullopt;
    }
}

FrameCut cut_frame(View received, std::size_t payload_max) {
    FrameCut cut;
    if (received.size() < 4) return cut;
    std::uint32_t length = big_endian(received.data());
    if (length == 0 || length > payload_max) {
        cut.state = FrameCut::State::refused;
        return cut;
    }
    cut.frame_bytes = std::size_t{4} + length;
    if (received.size() < cut.frame_bytes) return cut;
    cut.state = FrameCut::State::whole;
    cut.payload = received.substr(4, length);
    return cut;
}

}  // namespace ashlar::host
