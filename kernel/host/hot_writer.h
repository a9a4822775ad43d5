// Writes Thrift's binary protocol to the end of a buffer it borrows, frames included.
#pragma once

#include <cstdint>
#include <cstring>

#include "ashlar/types.h"
#include "host/hot_reader.h"
#include "host/reply_to.h"

namespace ashlar::host {

class HotWriter {
public:
    explicit HotWriter(Bytes& out) : out_(out), start_(out.size()) {}

    /// A frame's header, its length still open, and a message's head.
    void begin(const ReplyTo& to, std::uint8_t type) {
        i32(0);
        i32(static_cast<std::int32_t>(0x80010000u | type));
        bytes(to.method);
        i32(to.number);
    }
    /// Fills in the frame's length.
    void end() {
        std::uint32_t length = __builtin_bswap32(static_cast<std::uint32_t>(out_.size() - start_ - 4));
        std::memcpy(out_.data() + start_, &length, sizeof length);
    }
    void field(WireType type, std::int16_t id) {
        const char head[3] = {static_cast<char>(type), static_cast<char>(id >> 8), static_cast<char>(id)};
        out_.append(head, sizeof head);
    }
    void stop() { out_.push_back(0); }
    void i32_field(std::int16_t id, std::int32_t value) {
        field(WireType::i32, id);
        i32(value);
    }
    void i64_field(std::int16_t id, std::int64_t value) {
        field(WireType::i64, id);
        std::uint64_t wire = __builtin_bswap64(static_cast<std::uint64_t>(value));
        raw(&wire, sizeof wire);
    }
    void boolean_field(std::int16_t id, bool value) {
        field(WireType::boolean, id);
        out_.push_back(value ? 1 : 0);
    }
    void bytes_field(std::int16_t id, View value) {
        field(WireType::string, id);
        bytes(value);
    }
    void list(WireType element, std::size_t count) {
        out_.push_back(static_cast<char>(element));
        i32(static_cast<std::int32_t>(count));
    }

private:
    void i32(std::int32_t value) {
        std::uint32_t wire = __builtin_bswap32(static_cast<std::uint32_t>(value));
        raw(&wire, sizeof wire);
    }
    void bytes(View value) {
        i32(static_cast<std::int32_t>(value.size()));
        out_.append(value);
    }
    void raw(const void* from, std::size_t n) { out_.append(static_cast<const char*>(from), n); }

    Bytes& out_;
    std::size_t start_;
};

}  // namespace ashlar::host
