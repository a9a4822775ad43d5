// Bytes as another node may send them. A frame that opens gives messages, and each message that is read is written
// again as the same bytes; since few random frames have a right checksum, the input is also read as a frame's messages
// behind a head that is right, and as a single message.
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "kit/hash.h"
#include "wire/frame.h"

using namespace ashlar;
using namespace ashlar::wire;

namespace {

constexpr std::uint64_t cluster = 7;

void judge_message(View bytes) {
    Message message;
    if (!decode(bytes, message)) return;
    Bytes again;
    encode(message, again);
    const bool greets = std::holds_alternative<Greeting>(message);  // later fields may stand behind its own
    if (greets ? !bytes.starts_with(again) : again != bytes) std::abort();
    if (name_of(message) == nullptr) std::abort();
}

void judge_frame(View frame) {
    auto reader = FrameReader::open(frame, cluster);
    if (!reader) {
        if (reader.error().detail.empty()) std::abort();
        return;
    }
    if (reader->sender().node.value == 0) std::abort();
    FrameWriter writer(reader->sender(), cluster, reader->protocol());
    writer.begin();
    Message message;
    bool greets = false;
    while (reader->next(message)) {
        greets = greets || std::holds_alternative<Greeting>(message);
        if (!writer.add(message)) std::abort();
    }
    if (reader->bad() || greets) return;
    Bytes again;
    writer.take(again);
    if (again != frame) std::abort();
}

/// The input as messages of a frame that is right in all else.
Bytes framed(View messages) {
    FrameWriter writer(Sender{NodeId{1}, 1}, cluster);
    writer.begin();
    Bytes frame;
    writer.take(frame);
    frame.append(messages);
    auto length = static_cast<std::uint32_t>(frame.size() - head_bytes);
    std::memcpy(frame.data() + 4, &length, sizeof length);
    std::uint64_t sum = kit::Hasher().add(View(frame).substr(4, 4)).add(View(frame).substr(head_bytes)).value();
    std::memcpy(frame.data() + 8, &sum, sizeof sum);
    return frame;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    View input(reinterpret_cast<const char*>(data), size);
    judge_frame(input);
    judge_frame(framed(input));
    judge_message(input);
    return 0;
}
