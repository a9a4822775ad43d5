#include "table_format.h"

#include <algorithm>

#include "kit/hash.h"
#include "kit/text.h"

namespace ashlar::lsm {
namespace {

void put_key(kit::Writer& out, const EntryKey& key) {
    out.u64(key.token);
    out.varint(key.table.value);
    out.blob(key.key);
}

std::uint32_t narrow(kit::Reader& in, std::uint64_t value) {
    if (value > ~std::uint32_t{0}) in.spoil();
    return static_cast<std::uint32_t>(value);
}

OwnedKey take_key(kit::Reader& in) {
    OwnedKey key;
    key.token = in.u64();
    key.table.value = narrow(in, in.varint());
    key.key = in.blob();
    return key;
}

View table_and_key(const EntryKey& key, Bytes& room) {
    room.clear();
    put_order_key(room, key);
    return View(room).substr(8);
}

}  // namespace

void encode_facts(kit::Writer& out, const TableFacts& facts) {
    out.varint(facts.number);
    out.varint(facts.file_bytes);
    out.varint(facts.entries);
    out.varint(facts.entry_bytes);
    put_key(out, facts.first.view());
    put_key(out, facts.last.view());
    out.varint(facts.through);
    out.varint(facts.mortal);
    out.varint(facts.dead);
    out.i64(facts.made.us);
}

TableFacts decode_facts(kit::Reader& in) {
    TableFacts f;
    f.number = in.varint();
    f.file_bytes = in.varint();
    f.entries = in.varint();
    f.entry_bytes = in.varint();
    f.first = take_key(in);
    f.last = take_key(in);
    f.through = in.varint();
    f.mortal = in.varint();
    f.dead = in.varint();
    f.made.us = in.i64();
    if (before(f.last.view(), f.first.view())) in.spoil();
    return f;
}

void BlockIndex::add(const EntryKey& last, const EntryKey* next, BlockPlace place) {
    bool token_suffices = next == nullptr || next->token != last.token;
    tokens_.push_back(last.token);
    ends_.push_back(place.offset + place.bytes);
    if (token_suffices) {
        bounds_.push_back(0);
        return;
    }
    Bytes room;
    View full = table_and_key(last, room);
    bounds_.push_back(static_cast<std::uint32_t>(keys_.size() + 1));
    kit::Writer w(keys_);
    w.u32(static_cast<std::uint32_t>(full.size()));
    w.bytes(full);
}

View BlockIndex::bound(std::size_t i) const {
    std::size_t at = bounds_[i] - 1;
    return View(keys_).substr(at + 4, kit::load<std::uint32_t>(keys_.data() + at));
}

void BlockIndex::encode(kit::Writer& out) const {
    out.varint(tokens_.size());
    std::uint64_t before = 0;
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
        out.u64(tokens_[i]);
        out.varint(ends_[i] - before);
        out.u8(bounds_[i] != 0 ? 1 : 0);
        if (bounds_[i] != 0) out.blob(bound(i));
        before = ends_[i];
    }
}

bool BlockIndex::decode(View bytes, std::uint64_t data_bytes) {
    kit::Reader in(bytes);
    std::uint64_t count = in.count(10);
    tokens_.reserve(static_cast<std::size_t>(count));
    ends_.reserve(static_cast<std::size_t>(count));
    bounds_.reserve(static_cast<std::size_t>(count));
    std::uint64_t end = 0;
    for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
        Token token = in.u64();
        std::uint64_t length = in.varint();
        bool full = in.u8() != 0;
        if (length < seal_bytes || length > ~std::uint32_t{0} || length > data_bytes - end) return false;
        if (!tokens_.empty() && token < tokens_.back()) return false;
        end += length;
        tokens_.push_back(token);
        ends_.push_back(end);
        bounds_.push_back(0);
        if (!full) continue;
        View key = in.blob();
        if (key.size() < 4) return false;
        bounds_.back() = static_cast<std::uint32_t>(keys_.size() + 1);
        kit::Writer w(keys_);
        w.u32(static_cast<std::uint32_t>(key.size()));
        w.bytes(key);
    }
    return in.done() && end == data_bytes;
}

bool BlockIndex::behind(std::size_t i, const EntryKey& key) const {
    if (key.token != tokens_[i]) return key.token > tokens_[i];
    if (bounds_[i] == 0) return false;
    View full = bound(i);
    EntryKey last{key.token, {}, full.substr(4)};
    for (std::size_t b = 0; b < 4; ++b) last.table.value = last.table.value << 8 | static_cast<unsigned char>(full[b]);
    return before(last, key);
}

std::size_t BlockIndex::find(const EntryKey& key) const {
    auto at = static_cast<std::size_t>(std::lower_bound(tokens_.begin(), tokens_.end(), key.token) - tokens_.begin());
    if (at == tokens_.size() || tokens_[at] != key.token || bounds_[at] == 0) return at;
    std::size_t low = at;
    std::size_t high = static_cast<std::size_t>(
        std::upper_bound(tokens_.begin() + static_cast<std::ptrdiff_t>(at), tokens_.end(), key.token) -
        tokens_.begin());
    while (low < high) {
        std::size_t middle = (low + high) / 2;
        if (behind(middle, key))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

BlockPlace BlockIndex::place(std::size_t i) const {
    std::uint64_t start = i == 0 ? 0 : ends_[i - 1];
    return BlockPlace{start, static_cast<std::uint32_t>(ends_[i] - start)};
}

std::size_t BlockIndex::memory_bytes() const {
    return tokens_.capacity() * 8 + ends_.capacity() * 8 + bounds_.capacity() * 4 + keys_.capacity();
}

Bytes encode_footer(const Footer& footer) {
    Bytes out;
    kit::Writer w(out);
    for (const BlockPlace& place : {footer.filter, footer.index, footer.facts}) {
        w.u64(place.offset);
        w.u32(place.bytes);
    }
    w.u64(footer.directory);
    w.u64(kit::hash64(out, table_magic));
    w.u32(table_format_version);
    w.u64(table_magic);
    return out;
}

Result<Footer> decode_footer(View bytes, const std::string& file) {
    kit::Reader in(bytes);
    Footer f;
    for (BlockPlace* place : {&f.filter, &f.index, &f.facts}) {
        place->offset = in.u64();
        place->bytes = in.u32();
    }
    f.directory = in.u64();
    View checked = bytes.substr(0, static_cast<std::size_t>(in.position() - bytes.data()));
    std::uint64_t checksum = in.u64();
    std::uint32_t version = in.u32();
    if (in.u64() != table_magic || in.bad()) return fail(Code::corrupt, file + " does not end as a table file does");
    // A later format seeds its checksum otherwise: what holds by ours is ours, and its number was spoiled on the disk.
    const bool holds = checksum == kit::hash64(checked, table_magic);
    if (!holds && version > table_format_version)
        return fail(Code::unsupported, kit::text(file, " has table format ", version, ", this build reads up to ",
                                                 table_format_version, ": use the newer build"));
    if (!holds || version != table_format_version)
        return fail(Code::corrupt, file + ": the checksum of its footer does not hold");
    return f;
}

}  // namespace ashlar::lsm
