#include "port/hint.h"

namespace ashlar::port {
namespace {

constexpr std::uint8_t record_format = 1;

void put_big_endian(Bytes& out, std::uint64_t value, int bytes) {
    for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) out.push_back(static_cast<char>(value >> shift));
}

std::uint64_t take_big_endian(View& in, std::size_t bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes; ++i) value = value << 8 | static_cast<std::uint8_t>(in[i]);
    in.remove_prefix(bytes);
    return value;
}

constexpr std::size_t key_head_bytes = 8 + 8 + 4;

}  // namespace

Bytes encode_hint_key(const HintKey& hint) {
    Bytes out;
    out.reserve(key_head_bytes + hint.key.key.size());
    put_big_endian(out, hint.owner.value, 8);
    put_big_endian(out, hint.key.token, 8);
    put_big_endian(out, hint.key.table.value, 4);
    out.append(hint.key.key);
    return out;
}

std::optional<HintKey> decode_hint_key(View bytes) {
    if (bytes.size() < key_head_bytes) return std::nullopt;
    HintKey out;
    out.owner.value = take_big_endian(bytes, 8);
    out.key.token = take_big_endian(bytes, 8);
    out.key.table.value = static_cast<std::uint32_t>(take_big_endian(bytes, 4));
    out.key.key = bytes;
    return out;
}

Bytes encode_hint(const HintRecord& record) {
    Bytes out;
    kit::Writer writer(out);
    writer.u8(kit::entry_format);
    writer.u32(hint_tag());
    writer.u8(record_format);
    writer.varint(record.owed);
    writer.varint(record.paid);
    return out;
}

Result<HintRecord> decode_hint(View entry) {
    kit::Reader in(entry);
    bool known = in.u8() == kit::entry_format;
    known = in.u32() == hint_tag() && known;
    known = in.u8() == record_format && known;
    HintRecord out{in.varint(), in.varint()};
    if (!known || !in.done()) return fail(Code::corrupt, "the bytes are no hint's record");
    return out;
}

Result<Bytes> join_hints(View a, View b) {
    auto left = decode_hint(a);
    if (!left) return left.error();
    auto right = decode_hint(b);
    if (!right) return right.error();
    return encode_hint(HintRecord{std::max(left->owed, right->owed), std::max(left->paid, right->paid)});
}

}  // namespace ashlar::port
