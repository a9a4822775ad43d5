// Reads Thrift's binary protocol from borrowed bytes. Never past their end: the first wrong item turns it
// bad() for good, after which everything reads as zero, empty or the end of a struct.
#pragma once

#include <cstdint>

#include "ashlar/types.h"

namespace ashlar::host {

/// Type numbers of the protocol.
enum class WireType : std::uint8_t {
    stop = 0,
    nothing = 1,
    boolean = 2,
    byte = 3,
    real = 4,
    i16 = 6,
    i32 = 8,
    i64 = 10,
    string = 11,
    structure = 12,
    map = 13,
    set = 14,
    list = 15,
};

class HotReader {
public:
    explicit HotReader(View in) : at_(in.data()), end_(in.data() + in.size()) {}

    struct Field {
        WireType type = WireType::stop;
        std::int16_t id = 0;
        bool is(std::int16_t wanted, WireType as) const { return id == wanted && type == as; }
    };
    /// The next field of a struct; type stop at its end (and when bad).
    Field field();
    bool boolean() { return fixed(1) != 0; }
    std::int32_t i32() { return static_cast<std::int32_t>(fixed(4)); }
    std::int64_t i64() { return static_cast<std::int64_t>(fixed(8)); }
    View bytes();
    /// Passes over a value; `depth` is that of the struct it stands in.
    void skip(WireType type, int depth);

    bool ok() const { return !bad_; }
    bool done() const { return !bad_ && at_ == end_; }

private:
    std::uint64_t fixed(std::size_t width);
    std::int32_t count(std::int64_t least_bytes);
    void spoil() {
        bad_ = true;
        at_ = end_;
    }
    std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }

    const char* at_;
    const char* end_;
    bool bad_ = false;
};

}  // namespace ashlar::host
