// The three things that can be done with the fields of a message: write them, count their bytes, read them.
//
// All three have the same methods, one per sort of field, so that one description (message_fields.h) serves them.
// FieldReader is handed what a stranger sent: it takes no more memory than the bytes that are there allow, and
// whatever is odd spoils it for good. Private to codec.cc. Pure, any thread.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "ashlar/types.h"
#include "kit/bytes.h"

namespace ashlar::wire {

/// Names, addresses, the list of plugins.
inline constexpr std::size_t text_max = 1024;

/// Writes fields.
class FieldWriter {
public:
    explicit FieldWriter(Bytes& out) : out_(out) {}
    void u8(const std::uint8_t& v) { out_.u8(v); }
    void flag(const bool& v) { out_.u8(v ? 1 : 0); }
    void u32(const std::uint32_t& v) { out_.varint(v); }
    void number(const std::uint64_t& v) { out_.varint(v); }
    void word(const std::uint64_t& v) { out_.u64(v); }
    void bytes(const View& v) { out_.blob(v); }
    void text(const std::string& v) { out_.blob(v); }
    void span(const Duration& v) { out_.varint(v.us < 0 ? 0 : static_cast<std::uint64_t>(v.us)); }
    void mode(const Sync& v) { out_.u8(static_cast<std::uint8_t>(v)); }
    void level(const Level& v) { out_.u8(static_cast<std::uint8_t>(v)); }
    void moment(const WallTime& v) { out_.i64(v.us); }
    template <class T, class Each>
    void list(const std::vector<T>& v, std::size_t, std::size_t, Each each) {
        out_.varint(v.size());
        for (const T& item : v) each(*this, item);
    }

private:
    kit::Writer out_;
};

/// Counts the bytes that FieldWriter would write.
class FieldSizer {
public:
    std::size_t size() const { return size_; }
    void u8(const std::uint8_t&) { ++size_; }
    void flag(const bool&) { ++size_; }
    void u32(const std::uint32_t& v) { number(v); }
    void number(const std::uint64_t& v) { size_ += (static_cast<std::size_t>(std::bit_width(v | 1)) + 6) / 7; }
    void word(const std::uint64_t&) { size_ += sizeof(std::uint64_t); }
    void bytes(const View& v) {
        number(v.size());
        size_ += v.size();
    }
    void text(const std::string& v) { bytes(v); }
    void span(const Duration& v) { number(v.us < 0 ? 0 : static_cast<std::uint64_t>(v.us)); }
    void mode(const Sync&) { ++size_; }
    void level(const Level&) { ++size_; }
    void moment(const WallTime&) { size_ += sizeof(std::int64_t); }
    template <class T, class Each>
    void list(const std::vector<T>& v, std::size_t, std::size_t, Each each) {
        number(v.size());
        for (const T& item : v) each(*this, item);
    }

private:
    std::size_t size_ = 0;
};

/// Reads fields; anything odd spoils it.
class FieldReader {
public:
    explicit FieldReader(View in) : in_(in) {}
    bool done() const { return in_.done(); }
    bool ok() const { return in_.ok(); }
    void u8(std::uint8_t& v) { v = in_.u8(); }
    void flag(bool& v) {
        std::uint8_t byte = in_.u8();
        if (byte > 1) in_.spoil();
        v = byte == 1;
    }
    void u32(std::uint32_t& v) {
        std::uint64_t wide = in_.varint();
        if (wide > UINT32_MAX) in_.spoil();
        v = static_cast<std::uint32_t>(wide);
    }
    void number(std::uint64_t& v) { v = in_.varint(); }
    void word(std::uint64_t& v) { v = in_.u64(); }
    void bytes(View& v) { v = in_.blob(); }
    void text(std::string& v) {
        View blob = in_.blob();
        if (blob.size() > text_max) in_.spoil();
        v.assign(blob.substr(0, text_max));
    }
    void span(Duration& v) {
        std::uint64_t us = in_.varint();
        if (us > static_cast<std::uint64_t>(INT64_MAX) / 4) in_.spoil();
        v.us = in_.ok() ? static_cast<std::int64_t>(us) : 0;
    }
    void mode(Sync& v) {
        std::uint8_t byte = in_.u8();
        if (byte < static_cast<std::uint8_t>(Sync::always) || byte > static_cast<std::uint8_t>(Sync::never))
            in_.spoil();
        v = static_cast<Sync>(byte);
    }
    void level(Level& v) {
        std::uint8_t byte = in_.u8();
        if (byte > static_cast<std::uint8_t>(Level::any)) in_.spoil();
        v = static_cast<Level>(byte);
    }
    void moment(WallTime& v) { v.us = in_.i64(); }
    template <class T, class Each>
    void list(std::vector<T>& v, std::size_t least, std::size_t most, Each each) {
        v.clear();
        std::uint64_t n = in_.count(least);
        // Members in memory are far larger than the least they take here: bounded before they are made.
        if (n > most) in_.spoil();
        for (std::uint64_t i = 0; i < n && in_.ok(); ++i) each(*this, v.emplace_back());
    }

private:
    kit::Reader in_;
};

}  // namespace ashlar::wire
