#include "merging.h"

#include "kit/bytes.h"

namespace ashlar::sim {
namespace {

// docs/crdt.md, "The bytes of an operation".
constexpr View mark = "\xcd" "crdt\x01";
constexpr std::uint8_t increment = 1;
constexpr std::uint8_t add = 2;
constexpr std::uint64_t one = 2;  // zigzag
constexpr View count_field = "count";
constexpr View set_field = "names";
// How the map reads.
constexpr View before_count = "{\"counters\":{\"count\":";
constexpr View before_elements = "},\"sets\":{\"names\":[";
constexpr View behind_elements = "]}}";

bool take(View& text, View what) {
    if (!text.starts_with(what)) return false;
    text.remove_prefix(what.size());
    return true;
}

std::uint64_t take_number(View& text) {
    std::uint64_t out = 0;
    for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; text.remove_prefix(1))
        out = out * 10 + static_cast<std::uint64_t>(text.front() - '0');
    return out;
}

void put_step(kit::Writer& out, View field, std::uint8_t verb) {
    out.varint(1);
    out.blob(field);
    out.u8(verb);
}

}  // namespace

Bytes merging_operation(View element) {
    Bytes bytes(mark);
    kit::Writer out(bytes);
    out.varint(2);
    put_step(out, count_field, increment);
    out.varint(one);
    put_step(out, set_field, add);
    out.blob(element);
    return bytes;
}

View element_of(View value) {
    // No letter of an element is its first.
    return value.starts_with(mark) ? value.substr(value.rfind('w')) : value;
}

std::optional<Merged> read_merged(View text) {
    Merged out;
    if (!take(text, before_count)) return std::nullopt;
    out.count = take_number(text);
    if (!take(text, before_elements)) return std::nullopt;
    for (bool first = true; !text.starts_with(behind_elements); first = false) {
        if (!first && !take(text, ",")) return std::nullopt;
        if (!take(text, "\"")) return std::nullopt;
        const std::size_t end = text.find('"');
        if (end == View::npos) return std::nullopt;
        out.elements.emplace_back(text.substr(0, end));
        text.remove_prefix(end + 1);
    }
    return text == behind_elements ? std::optional(std::move(out)) : std::nullopt;
}

}  // namespace ashlar::sim
