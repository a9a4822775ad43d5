// Any bytes as an edit, a manifest or `current`: refused or understood, and an edit says the same when written again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "manifest.h"

namespace {

using namespace ashlar;
using namespace ashlar::lsm;

void expect(bool truth) {
    if (!truth) std::abort();
}

void read_edit(View bytes) {
    auto edit = decode_edit(bytes);
    if (!edit) return;
    Bytes coded;
    encode_edit(coded, *edit);
    auto again = decode_edit(coded);
    expect(again && again->removed == edit->removed && again->added.size() == edit->added.size() &&
           again->log_floor == edit->log_floor && again->log_begun == edit->log_begun &&
           again->flushed == edit->flushed && again->retired == edit->retired);
    Contents contents;
    if (!contents.apply(*edit)) return;
    Contents rebuilt;
    expect(rebuilt.apply(contents.whole()) && rebuilt.flushed == contents.flushed &&
           rebuilt.retired == contents.retired);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const View bytes(reinterpret_cast<const char*>(data), size);
    read_edit(bytes);
    (void)decode_current(bytes).has_value();
    (void)read_manifest(bytes, 1, 1).has_value();
    // A manifest whose one frame is the input, so that the checksum does not keep it out.
    FileHeader header;
    header.magic = manifest_magic;
    header.number = header.directory = 1;
    Bytes frame(frame_header_bytes, 0);
    frame.append(bytes);
    Frame fields;
    fields.first = fields.last = 1;
    seal_frame(frame, header, fields);
    (void)read_manifest(encode_header(header) + frame, 1, 1).has_value();
    return 0;
}
