// Bounded coding of bytes: fixed little-endian integers, varints (LEB128, at most 10 bytes), blobs.
//
// Writer appends to a Bytes it borrows. Reader walks borrowed bytes and never reads past their end: the
// first short or overlong item turns it bad() for good and every later item reads as zero or empty, so a
// decoder may read a whole structure and ask ok() once, before it uses sizes to take memory.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "ashlar/types.h"

namespace ashlar::kit {

static_assert(std::endian::native == std::endian::little, "formats are little-endian; this code copies them as they are");

template <class T>
inline T load(const char* from) {
    static_assert(std::is_trivially_copyable_v<T>);
    T value;
    std::memcpy(&value, from, sizeof value);
    return value;
}

class Writer {
public:
    explicit Writer(Bytes& out) : out_(out) {}

    void u8(std::uint8_t v) { out_.push_back(static_cast<char>(v)); }
    void u16(std::uint16_t v) { raw(&v, sizeof v); }
    void u32(std::uint32_t v) { raw(&v, sizeof v); }
    void u64(std::uint64_t v) { raw(&v, sizeof v); }
    void i64(std::int64_t v) { raw(&v, sizeof v); }
    void varint(std::uint64_t v) {
        char coded[10];
        int n = 0;
        for (; v >= 0x80; v >>= 7) coded[n++] = static_cast<char>(v | 0x80);
        coded[n++] = static_cast<char>(v);
        out_.append(coded, static_cast<std::size_t>(n));
    }
    /// The bytes alone: the reader must know the length.
    void bytes(View v) { out_.append(v); }
    /// Length, then the bytes.
    void blob(View v) {
        varint(v.size());
        out_.append(v);
    }
    void raw(const void* from, std::size_t n) { out_.append(static_cast<const char*>(from), n); }
    std::size_t size() const { return out_.size(); }

private:
    Bytes& out_;
};

class Reader {
public:
    explicit Reader(View in) : at_(in.data()), end_(in.data() + in.size()) {}

    std::uint8_t u8() { return fixed<std::uint8_t>(); }
    std::uint16_t u16() { return fixed<std::uint16_t>(); }
    std::uint32_t u32() { return fixed<std::uint32_t>(); }
    std::uint64_t u64() { return fixed<std::uint64_t>(); }
    std::int64_t i64() { return fixed<std::int64_t>(); }
    /// Shortest form only, so that equal values have equal bytes.
    std::uint64_t varint() {
        std::uint64_t value = 0;
        for (int shift = 0; shift < 70; shift += 7) {
            if (at_ == end_) break;
            auto byte = static_cast<std::uint8_t>(*at_++);
            if (shift == 63 && byte > 1) break;
            value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
            if (byte < 0x80) {
                if (byte == 0 && shift != 0) break;
                return value;
            }
        }
        spoil();
        return 0;
    }
    View bytes(std::uint64_t n) {
        if (n > left()) {
            spoil();
            return {};
        }
        View out(at_, static_cast<std::size_t>(n));
        at_ += n;
        return out;
    }
    View blob() { return bytes(varint()); }
    /// A count of items that take at least `least` bytes each: bad if the rest cannot hold them.
    std::uint64_t count(std::uint64_t least) {
        std::uint64_t n = varint();
        if (least != 0 && n > left() / least) {
            spoil();
            return 0;
        }
        return n;
    }

    bool ok() const { return !bad_; }
    bool bad() const { return bad_; }
    /// All read and nothing wrong.
    bool done() const { return !bad_ && at_ == end_; }
    std::uint64_t left() const { return static_cast<std::uint64_t>(end_ - at_); }
    const char* position() const { return at_; }
    void spoil() {
        bad_ = true;
        at_ = end_;
    }

private:
    template <class T>
    T fixed() {
        if (left() < sizeof(T)) {
            spoil();
            return T{};
        }
        T value = load<T>(at_);
        at_ += sizeof(T);
        return value;
    }

    const char* at_;
    const char* end_;
    bool bad_ = false;
};

}  // namespace ashlar::kit
