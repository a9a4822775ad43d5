#include "log_frame.h"

#include <algorithm>
#include <cstring>

#include "advice.h"
#include "kit/bytes.h"
#include "kit/hash.h"
#include "kit/text.h"

namespace ashlar::lsm {
namespace {

constexpr std::uint32_t frame_marker = 0x31'46'4c'41;  // "ALF1"
constexpr std::size_t header_checked_bytes = file_header_bytes - 8;
constexpr std::size_t sector_bytes = 512;  // the least piece a disk writes

bool all_zero(View bytes) {
    return std::all_of(bytes.begin(), bytes.end(), [](char c) { return c == 0; });
}

std::uint64_t frame_checksum(const FileHeader& file, View fields, View payload) {
    char number[8];
    std::memcpy(number, &file.number, sizeof number);
    return kit::Hasher(file.salt).add(View(number, sizeof number)).add(fields).add(payload).value();
}

// In the bytes: u32 marker, u32 payload length, u64 first, u64 last, u64 synced, u64 extent, u64 checksum over
// the file's number, all of these from the length on, and the payload.
constexpr std::size_t checked_at = 4, checksum_at = 40;

bool read_frame(View bytes, std::uint64_t offset, const FileHeader& file, Frame& frame) {
    if (bytes.size() < offset + frame_header_bytes) return false;
    const char* at = bytes.data() + offset;
    if (kit::load<std::uint32_t>(at) != frame_marker) return false;
    auto length = kit::load<std::uint32_t>(at + 4);
    if (length > bytes.size() - offset - frame_header_bytes) return false;
    frame.first = kit::load<Sequence>(at + 8);
    frame.last = kit::load<Sequence>(at + 16);
    frame.synced = kit::load<Sequence>(at + 24);
    frame.extent = kit::load<std::uint64_t>(at + 32);
    frame.offset = offset;
    frame.payload = View(at + frame_header_bytes, length);
    View checked(at + checked_at, checksum_at - checked_at);
    return kit::load<std::uint64_t>(at + checksum_at) == frame_checksum(file, checked, frame.payload);
}

}  // namespace

Bytes encode_header(const FileHeader& header) {
    Bytes out;
    kit::Writer w(out);
    w.u64(header.magic);
    w.u32(format_version);
    w.u32(0);
    w.u64(header.number);
    w.u64(header.directory);
    w.u64(header.salt);
    w.u64(header.synced);
    w.u64(header.extent);
    w.u64(kit::hash64(out, header.magic));
    return out;
}

Result<FileHeader> decode_header(View bytes, std::uint64_t magic, const std::string& file) {
    kit::Reader in(bytes.substr(0, std::min(bytes.size(), file_header_bytes)));
    FileHeader h;
    h.magic = in.u64();
    std::uint32_t version = in.u32();
    in.u32();
    h.number = in.u64();
    h.directory = in.u64();
    h.salt = in.u64();
    h.synced = in.u64();
    h.extent = in.u64();
    std::uint64_t checksum = in.u64();
    if (in.bad() || h.magic != magic) return fail(Code::corrupt, file + " does not begin as such a file does");
    if (version > format_version)
        return fail(Code::unsupported, kit::text(file, " has format version ", version, ", this build reads up to ",
                                                 format_version, ": use the newer build"));
    if (checksum != kit::hash64(bytes.substr(0, header_checked_bytes), magic))
        return fail(Code::corrupt, file + ": the checksum of its header does not hold");
    return h;
}

void seal_frame(Bytes& bytes, const FileHeader& file, const Frame& frame) {
    char* at = bytes.data();
    auto length = static_cast<std::uint32_t>(bytes.size() - frame_header_bytes);
    std::memcpy(at, &frame_marker, 4);
    std::memcpy(at + 4, &length, 4);
    std::memcpy(at + 8, &frame.first, 8);
    std::memcpy(at + 16, &frame.last, 8);
    std::memcpy(at + 24, &frame.synced, 8);
    std::memcpy(at + 32, &frame.extent, 8);
    View checked(at + checked_at, checksum_at - checked_at);
    std::uint64_t checksum = frame_checksum(file, checked, View(bytes).substr(frame_header_bytes));
    std::memcpy(at + checksum_at, &checksum, 8);
}

FrameScan scan_frames(View bytes, const FileHeader& file) {
    FrameScan scan;
    scan.synced = file.synced;
    scan.extent = file.extent;
    scan.end = file_header_bytes;
    scan.bytes = bytes.size();
    Frame frame;
    auto heed_marks = [&] {
        scan.synced = std::max(scan.synced, frame.synced);
        scan.extent = std::max(scan.extent, frame.extent);
    };
    while (read_frame(bytes, scan.end, file, frame)) {
        scan.frames.push_back(frame);
        heed_marks();
        scan.end += frame_header_bytes + frame.payload.size();
    }
    View rest = bytes.substr(std::min<std::size_t>(bytes.size(), scan.end));
    scan.clean = all_zero(rest);
    if (scan.clean) return scan;

    // Look for a frame behind the break. The marker filters, so this reads each byte about once.
    View marker(reinterpret_cast<const char*>(&frame_marker), sizeof frame_marker);
    std::size_t broken_end = bytes.size();
    for (std::size_t at = bytes.find(marker, scan.end); at != View::npos; at = bytes.find(marker, at + 1)) {
        if (!read_frame(bytes, at, file, frame)) continue;
        if (!scan.resumes) broken_end = at;
        scan.resumes = true;
        heed_marks();
        at += frame_header_bytes + frame.payload.size() - 1;
    }
    // A disk writes a sector whole or not at all, and the room was zeros before.
    for (std::size_t at = scan.end; !scan.unwritten && at < broken_end;) {
        std::size_t next = std::min(broken_end, (at / sector_bytes + 1) * sector_bytes);
        scan.unwritten = all_zero(bytes.substr(at, next - at));
        at = next;
    }
    return scan;
}

Result<void> judge_tail(const FrameScan& scan, Sequence last, Sequence synced, const std::string& file) {
    auto refuse = [&](const std::string& why) {
        return fail(Code::corrupt,
                    kit::text(file, " is damaged at offset ", scan.end, ": ", why, damage_advice));
    };
    if (scan.bytes < scan.extent)
        return refuse(kit::text("the file was cut to ", scan.bytes, " bytes, it had at least ", scan.extent));
    if (synced > last)
        return refuse(kit::text("records up to ", synced, " had been synced, but the last that can be read is ", last));
    if (scan.resumes && !scan.unwritten)
        return refuse(kit::text("a bad record stands behind record ", last, " and good ones follow it"));
    return {};
}

}  // namespace ashlar::lsm
