// Hints: as they are given by another node, and as their records stand in the engine. What is read is written again as
// the same bytes, and records join to one outcome in any order.
#include <cstdlib>

#include "kit/bytes.h"
#include "port/hint.h"
#include "wire/codec.h"

using namespace ashlar;

namespace {

void judge_key(View bytes) {
    auto key = port::decode_hint_key(bytes);
    if (key && port::encode_hint_key(*key) != bytes) std::abort();
}

Bytes joined(View a, View b) {
    auto out = port::join_hints(a, b);
    if (!out || !port::decode_hint(*out)) std::abort();
    return *out;
}

void judge_records(View a, View b) {
    auto one = port::decode_hint(a);
    auto other = port::decode_hint(b);
    if (!one || !other) {
        if (port::join_hints(a, b).has_value()) std::abort();
        return;
    }
    Bytes both = joined(a, b);
    if (joined(b, a) != both || joined(both, a) != both || joined(both, b) != both) std::abort();
    if (port::encode_hint(*one) != a) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    View input(reinterpret_cast<const char*>(data), size);
    judge_key(input);
    kit::Reader in(input);
    View a = in.blob();
    View b = in.blob();
    if (in.ok()) judge_records(a, b);
    wire::Message message;
    if (wire::decode(input, message)) {
        Bytes again;
        wire::encode(message, again);
        if (!input.starts_with(again)) std::abort();
        if (const auto* given = std::get_if<wire::HintGive>(&message); given != nullptr && !given->key.key.empty()) {
            const port::HintKey where{NodeId{7}, given->key};
            const Bytes kept = port::encode_hint_key(where);
            auto back = port::decode_hint_key(kept);
            if (!back || back->owner != where.owner || back->key.key != given->key.key) std::abort();
        }
    }
    return 0;
}
