// The frame, the unit of the commit log and of the manifest: what one sync makes durable, or nothing of it.
//
// A file opens with a header (magic, format version, its number, the engine directory it belongs to, a salt, marks);
// frames follow without gaps; zeros may follow the last. A frame carries the sequences it holds and the
// highest sequence known to be durable when it was written (the synced mark), and the length the file was known
// to have for good (its extent), so that a file cut short is told from one whose end was never written. Its checksum is
// seeded with the file's salt, drawn at chance, and covers the file's number: bytes of another file, or a frame-shaped
// value of a client, are never taken for a frame. Pure functions, any thread. docs/disk.md, "Frames".
#pragma once

#include <cstdint>
#include <vector>

#include "ashlar/result.h"
#include "ashlar/storage_engine.h"
#include "ashlar/types.h"

namespace ashlar::lsm {

inline constexpr std::uint64_t log_magic = 0x31474f4c4c485341;       // "ASHLLOG1"
inline constexpr std::uint64_t manifest_magic = 0x314e414d4c485341;  // "ASHLMAN1"
inline constexpr std::uint32_t format_version = 1;
inline constexpr std::size_t file_header_bytes = 64;
inline constexpr std::size_t frame_header_bytes = 48;

struct FileHeader {
    std::uint64_t magic = 0;
    std::uint64_t number = 0;
    std::uint64_t directory = 0;
    std::uint64_t salt = 0;
    Sequence synced = 0;       ///< durable when the file was made
    std::uint64_t extent = 0;  ///< the length it was made with
};

Bytes encode_header(const FileHeader& header);

/// A file's header, or: corrupt (not one, or another file's), unsupported (a newer format).
Result<FileHeader> decode_header(View bytes, std::uint64_t magic, const std::string& file);

struct Frame {
    Sequence first = 0;  ///< of the records in it
    Sequence last = 0;   ///< first - 1 when it only carries a mark
    Sequence synced = 0;
    std::uint64_t extent = 0;
    std::uint64_t offset = 0;
    View payload;
};

/// Fills in the header of a frame whose payload stands behind frame_header_bytes of room (offset: not used).
void seal_frame(Bytes& bytes, const FileHeader& file, const Frame& frame);

/// All that a file's bytes hold.
struct FrameScan {
    std::vector<Frame> frames;  ///< the unbroken run from the start
    std::uint64_t end = 0;      ///< where that run ends
    bool clean = true;          ///< only zeros behind it
    bool resumes = false;       ///< a valid frame stands behind the break
    bool unwritten = false;     ///< the break shows room that was never written: a write that did not finish
    Sequence synced = 0;        ///< highest mark of all valid frames and the header
    std::uint64_t extent = 0;   ///< the length the file is known to have had
    std::uint64_t bytes = 0;    ///< the length it has
};

/// Reads the frames behind a header. Never fails: what is no frame ends the run.
FrameScan scan_frames(View bytes, const FileHeader& file);

/// Whether what follows the run may be forgotten as the torn end of an unfinished write: `last` is the last
/// sequence read, `synced` the highest mark known from anywhere. Otherwise corrupt, in words.
Result<void> judge_tail(const FrameScan& scan, Sequence last, Sequence synced, const std::string& file);

}  // namespace ashlar::lsm
