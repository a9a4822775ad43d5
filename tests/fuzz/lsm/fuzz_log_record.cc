// Any bytes as a commit log: never a crash, and no damaged frame passes for another.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "log_frame.h"
#include "log_record.h"

namespace {

using namespace ashlar;
using namespace ashlar::lsm;

void expect(bool truth) {
    if (!truth) std::abort();
}

/// Batches have one byte form, so what was read is written back as it was.
void read_records(View payload) {
    RecordReader reader(payload, 1);
    Bytes again;
    bool only_batches = true;
    for (;;) {
        auto more = reader.next();
        if (!more) return;
        if (!*more) break;
        only_batches = only_batches && reader.is_batch;
        if (reader.is_batch) put_batch_record(again, reader.writes);
    }
    expect(!only_batches || again == payload);
}

void flip_one(View payload, std::uint64_t where) {
    FileHeader header;
    header.magic = log_magic;
    header.number = 7;
    header.salt = 99;
    Bytes file = encode_header(header);
    Bytes bytes(frame_header_bytes, 0);
    bytes.append(payload);
    Frame frame;
    frame.first = frame.last = 1;
    seal_frame(bytes, header, frame);
    file += bytes;
    expect(scan_frames(file, header).frames.size() == 1);
    std::uint64_t bit = where % (bytes.size() * 8);
    auto& byte = file[file_header_bytes + bit / 8];
    byte = static_cast<char>(byte ^ (1 << (bit % 8)));
    for (const Frame& found : scan_frames(file, header).frames) expect(found.payload == payload && found.first == 1);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const View bytes(reinterpret_cast<const char*>(data), size);
    FileHeader header;
    if (auto decoded = decode_header(bytes, log_magic, "log")) header = *decoded;
    FrameScan scan = scan_frames(bytes, header);
    (void)judge_tail(scan, 0, 0, "log").has_value();
    for (const Frame& frame : scan.frames) read_records(frame.payload);
    read_records(bytes);
    if (size >= 8) flip_one(bytes.substr(8), kit::load<std::uint64_t>(bytes.data()));
    return 0;
}
