#include "block.h"

#include <lz4.h>

#include <algorithm>
#include <cstring>

#include "kit/bytes.h"

namespace ashlar::lsm {
namespace {

enum class Packing : std::uint8_t { raw = 0, lz4 = 1 };

/// One entry as it stands in the bytes.
struct Coded {
    std::uint64_t shared;
    View rest;
    View value;
};

bool read_coded(kit::Reader& in, Coded& out) {
    out.shared = in.varint();
    std::uint64_t rest = in.varint();
    std::uint64_t value = in.varint();
    out.rest = in.bytes(rest);
    out.value = in.bytes(value);
    return in.ok();
}

/// The entries and restart points of a raw block; false if they cannot be told apart.
bool split(View raw, View& entries, View& restarts) {
    if (raw.size() < 4) return false;
    auto count = kit::load<std::uint32_t>(raw.data() + raw.size() - 4);
    if (count > (raw.size() - 4) / 4) return false;
    std::size_t end = raw.size() - 4 - std::size_t{count} * 4;
    entries = raw.substr(0, end);
    restarts = raw.substr(end, std::size_t{count} * 4);
    return true;
}

}  // namespace

std::uint64_t SealSeed::value(std::uint64_t offset) const {
    return directory * 0x9e3779b97f4a7c15u ^ file * 0xc2b2ae3d27d4eb4fu ^ offset;
}

std::uint32_t seal_block(Bytes& out, View raw, bool compress, std::uint64_t seed) {
    std::size_t start = out.size();
    auto packing = Packing::raw;
    if (compress && raw.size() <= LZ4_MAX_INPUT_SIZE) {
        int bound = LZ4_compressBound(static_cast<int>(raw.size()));
        out.resize(start + static_cast<std::size_t>(bound));
        int packed = LZ4_compress_default(raw.data(), out.data() + start, static_cast<int>(raw.size()), bound);
        if (packed > 0 && static_cast<std::size_t>(packed) < raw.size() - raw.size() / 8) {
            packing = Packing::lz4;
            out.resize(start + static_cast<std::size_t>(packed));
        } else {
            out.resize(start);
        }
    }
    if (packing == Packing::raw) out.append(raw);
    kit::Writer w(out);
    w.u8(static_cast<std::uint8_t>(packing));
    w.u32(static_cast<std::uint32_t>(raw.size()));
    w.u64(kit::hash64(View(out).substr(start), seed));
    return static_cast<std::uint32_t>(out.size() - start);
}

Result<Bytes> open_block(View sealed, std::uint64_t seed) {
    if (sealed.size() < seal_bytes) return fail(Code::corrupt, "a block is shorter than its seal");
    View body = sealed.substr(0, sealed.size() - 8);
    if (kit::load<std::uint64_t>(sealed.data() + body.size()) != kit::hash64(body, seed))
        return fail(Code::corrupt, "the checksum of a block does not hold");
    View packed = body.substr(0, body.size() - 5);
    auto packing = static_cast<Packing>(body[packed.size()]);
    auto raw_bytes = kit::load<std::uint32_t>(body.data() + packed.size() + 1);
    if (packing == Packing::raw && raw_bytes == packed.size()) return Bytes(packed);
    // LZ4 makes at most 255 bytes of one: a larger claim is false and is not given memory.
    if (packing != Packing::lz4 || raw_bytes > block_raw_max || raw_bytes / 255 > packed.size())
        return fail(Code::corrupt, "the packing of a block is not known or its size not possible");
    Bytes raw(raw_bytes, 0);
    int got =
        LZ4_decompress_safe(packed.data(), raw.data(), static_cast<int>(packed.size()), static_cast<int>(raw_bytes));
    if (got < 0 || static_cast<std::uint32_t>(got) != raw_bytes)
        return fail(Code::corrupt, "a block cannot be unpacked");
    return raw;
}

void BlockBuilder::add(const EntryKey& key, View value) {
    key_.clear();
    put_order_key(key_, key);
    std::size_t shared = 0;
    if (count_ % restart_interval == 0) {
        restarts_.push_back(static_cast<std::uint32_t>(raw_.size()));
    } else {
        std::size_t most = std::min(key_.size(), last_key_.size());
        while (shared < most && key_[shared] == last_key_[shared]) ++shared;
    }
    kit::Writer w(raw_);
    w.varint(shared);
    w.varint(key_.size() - shared);
    w.varint(value.size());
    w.bytes(View(key_).substr(shared));
    w.bytes(value);
    std::swap(last_key_, key_);
    ++count_;
}

View BlockBuilder::finish() {
    kit::Writer w(raw_);
    for (std::uint32_t restart : restarts_) w.u32(restart);
    w.u32(static_cast<std::uint32_t>(restarts_.size()));
    std::swap(finished_, raw_);
    raw_.clear();
    restarts_.clear();
    count_ = 0;
    return finished_;
}

Seen find_in_block(View raw, const EntryKey& key, View& value) {
    View entries, restarts;
    if (!split(raw, entries, restarts)) return Seen::malformed;
    Bytes wanted;
    wanted.reserve(order_prefix_bytes + key.key.size());
    put_order_key(wanted, key);

    // The last restart point whose key is not behind the wanted one.
    std::size_t low = 0, high = restarts.size() / 4;
    while (high - low > 1) {
        std::size_t middle = (low + high) / 2;
        auto at = kit::load<std::uint32_t>(restarts.data() + middle * 4);
        kit::Reader in(entries.substr(std::min<std::size_t>(at, entries.size())));
        Coded coded;
        if (!read_coded(in, coded) || coded.shared != 0) return Seen::malformed;
        (coded.rest <= View(wanted) ? low : high) = middle;
    }
    std::size_t start = restarts.empty() ? 0 : kit::load<std::uint32_t>(restarts.data() + low * 4);
    kit::Reader in(entries.substr(std::min(start, entries.size())));
    // `matched` bytes of the wanted key equal the entry before; entries that share more, or fewer, than that
    // are decided without building their key.
    std::size_t matched = 0;
    bool first = true;
    while (in.left() != 0) {
        Coded coded;
        if (!read_coded(in, coded) || (first && coded.shared != 0)) return Seen::malformed;
        first = false;
        if (coded.shared > matched) continue;             // still before the wanted key, as its predecessor was
        if (coded.shared < matched) return Seen::absent;  // it departs upward before the match ended
        View left = View(wanted).substr(matched);
        std::size_t most = std::min(left.size(), coded.rest.size());
        std::size_t same = 0;
        while (same < most && left[same] == coded.rest[same]) ++same;
        matched += same;
        if (same == left.size() && same == coded.rest.size()) {
            value = coded.value;
            return Seen::present;
        }
        bool behind = same == left.size() || (same < coded.rest.size() && static_cast<unsigned char>(coded.rest[same]) >
                                                                              static_cast<unsigned char>(left[same]));
        if (behind) return Seen::absent;
    }
    return Seen::absent;
}

bool BlockItems::load(View raw) {
    items_.clear();
    keys_.clear();
    View entries, restarts;
    if (!split(raw, entries, restarts)) return false;
    kit::Reader in(entries);
    Bytes key;
    while (in.left() != 0) {
        Coded coded;
        if (!read_coded(in, coded) || coded.shared > key.size()) return false;
        key.resize(static_cast<std::size_t>(coded.shared));
        key.append(coded.rest);
        if (key.size() < order_prefix_bytes) return false;
        EntryKey parsed = order_key(key);
        if (!items_.empty() && !before(this->key(items_.size() - 1), parsed)) return false;
        items_.push_back(Item{parsed.token, parsed.table, static_cast<std::uint32_t>(keys_.size()),
                              static_cast<std::uint32_t>(parsed.key.size()), coded.value});
        keys_.append(parsed.key);
    }
    return true;
}

}  // namespace ashlar::lsm
