// Bytes as a stream may bring them: frames are cut and heads are read within their bounds, and a stream cut in
// other pieces gives the same frames.
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "host/message_head.h"

using namespace ashlar;
using namespace ashlar::host;

namespace {

constexpr std::size_t payload_max = 1 << 16;

struct Seen {
    std::vector<Bytes> payloads;
    bool refused = false;
    bool operator==(const Seen&) const = default;
};

/// Takes all whole frames off the front of `held`.
void take(Bytes& held, Seen& seen) {
    while (!seen.refused) {
        FrameCut cut = cut_frame(held, payload_max);
        if (cut.state == FrameCut::State::partial) return;
        if (cut.state == FrameCut::State::refused) {
            seen.refused = true;
            return;
        }
        if (cut.payload.empty() || cut.payload.size() > payload_max || cut.frame_bytes != cut.payload.size() + 4)
            std::abort();
        if (auto head = read_head(cut.payload)) {
            if (head->method.size() > method_name_max) std::abort();
            if (head->body.data() + head->body.size() != cut.payload.data() + cut.payload.size()) std::abort();
        }
        seen.payloads.emplace_back(cut.payload);
        held.erase(0, cut.frame_bytes);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    std::size_t step = 1 + data[0] % 16;
    View stream(reinterpret_cast<const char*>(data) + 1, size - 1);
    Seen at_once;
    Bytes held(stream);
    take(held, at_once);
    Seen in_pieces;
    held.clear();
    for (std::size_t at = 0; at < stream.size() && !in_pieces.refused; at += step) {
        held += stream.substr(at, step);
        take(held, in_pieces);
    }
    if (!(at_once == in_pieces)) std::abort();
    return 0;
}
