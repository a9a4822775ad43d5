#include "host/hot_reader.h"

#include "host/hot_codec.h"

namespace ashlar::host {
namespace {

/// Least bytes of one value in a container, as the generated code reckons them; below 0: no type for a container.
std::int64_t least_bytes(WireType type) {
    switch (type) {
        case WireType::stop:
        case WireType::nothing:
        case WireType::structure:
            return 0;
        case WireType::boolean:
        case WireType::byte:
            return 1;
        case WireType::i16:
            return 2;
        case WireType::i32:
        case WireType::string:
        case WireType::map:
        case WireType::set:
        case WireType::list:
            return 4;
        case WireType::real:
        case WireType::i64:
            return 8;
    }
    return -1;
}

}  // namespace

std::uint64_t HotReader::fixed(std::size_t width) {
    if (left() < width) {
        spoil();
        return 0;
    }
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < width; ++i) value = value << 8 | static_cast<std::uint8_t>(at_[i]);
    at_ += width;
    return value;
}

HotReader::Field HotReader::field() {
    Field out;
    out.type = static_cast<WireType>(fixed(1));
    if (out.type != WireType::stop) out.id = static_cast<std::int16_t>(fixed(2));
    if (bad_) out.type = WireType::stop;
    return out;
}

View HotReader::bytes() {
    std::int32_t length = i32();
    if (length < 0 || static_cast<std::size_t>(length) > left()) {
        spoil();
        return {};
    }
    View out(at_, static_cast<std::size_t>(length));
    at_ += length;
    return out;
}

std::int32_t HotReader::count(std::int64_t least) {
    std::int32_t n = i32();
    if (n < 0 || n > container_max || least < 0 || n * least > static_cast<std::int64_t>(left())) spoil();
    return bad_ ? 0 : n;
}

void HotReader::skip(WireType type, int depth) {
    if (++depth > nesting_max) return spoil();
    switch (type) {
        case WireType::boolean:
        case WireType::byte:
            fixed(1);
            return;
        case WireType::i16:
            fixed(2);
            return;
        case WireType::i32:
            fixed(4);
            return;
        case WireType::real:
        case WireType::i64:
            fixed(8);
            return;
        case WireType::string:
            bytes();
            return;
        case WireType::structure:
            for (Field inner = field(); inner.type != WireType::stop; inner = field()) skip(inner.type, depth);
            return;
        case WireType::map: {
            auto key = static_cast<WireType>(fixed(1));
            auto value = static_cast<WireType>(fixed(1));
            bool known = least_bytes(key) >= 0 && least_bytes(value) >= 0;
            std::int32_t n = count(known ? least_bytes(key) + least_bytes(value) : -1);
            for (; n > 0 && !bad_; --n) {
                skip(key, depth);
                skip(value, depth);
            }
            return;
        }
        case WireType::set:
        case WireType::list: {
            auto element = static_cast<WireType>(fixed(1));
            for (std::int32_t n = count(least_bytes(element)); n > 0 && !bad_; --n) skip(element, depth);
            return;
        }
        case WireType::stop:
        case WireType::nothing:
            break;
    }
    spoil();
}

}  // namespace ashlar::host
