// The commit log on its way out: records gather on the loop, one sync Work at a time writes them.
//
// LogBuffer lives on the loop and holds chunks, each of which becomes one frame of one segment. LogFile is the
// open segment; a sync Work takes it along to the lane and brings it back. A new segment is made on the lane:
// the one before is synced; the new file gets its header under another name, is synced, renamed, the directory
// synced; then frames follow. So a segment exists only with a header and only if all before it is durable. The
// one before is told of it (a link record), so that a lost segment is missed.
//
// How it fails: no_space leaves everything as it was and may be tried again, since room is set aside before
// anything is written to it; any other failure is final, nothing is tried again on that file.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "ashlar/disk.h"
#include "ashlar/host.h"
#include "ashlar/storage_engine.h"
#include "log_frame.h"

namespace ashlar::lsm {

struct Chunk {
    FileHeader segment;  ///< where it goes (`synced` is filled in on the lane)
    Sequence first = 0;
    Sequence last = 0;
    Bytes bytes;  ///< room for the frame's header, then the records
};

class LogBuffer {
public:
    LogBuffer(Random& random, std::uint64_t directory, std::uint64_t next_segment, std::uint64_t segment_bytes);

    void add_batch(std::span<const Write> batch, Sequence first);
    void add_retirement(const Retirement& retirement, Sequence sequence);
    /// The next record goes to a new segment (unless the current one is still empty).
    void cut();
    /// Where the next record goes.
    std::uint64_t segment() const { return segment_.number; }
    const FileHeader& segment_header() const { return segment_; }
    std::uint64_t bytes() const { return bytes_; }

    std::vector<Chunk> take();
    /// Puts chunks that were taken and not written back in front.
    void give_back(std::vector<Chunk>&& chunks);
    /// Gives the memory of written chunks back for reuse.
    void recycle(std::vector<Chunk>&& chunks);
    /// Drops what is bound for segments below: it is durable in table files.
    void forget_below(std::uint64_t segment);

private:
    /// The chunk with room for so many bytes.
    Chunk& room(std::size_t bytes, Sequence first);
    void close(Chunk& chunk, std::size_t size_before, Sequence last);

    Random* random_;
    std::uint64_t segment_bytes_;
    FileHeader segment_;
    std::uint64_t in_segment_ = 0;
    std::uint64_t bytes_ = 0;
    std::vector<Chunk> chunks_;
    std::vector<Bytes> spare_;
};

class LogFile {
public:
    LogFile(Disk& disk, std::uint64_t reserve_bytes, Sequence synced)
        : disk_(disk), reserve_bytes_(reserve_bytes), written_(synced), synced_(synced) {}

    /// Writes the chunks in order, to the given depth. `durable`: known to be durable otherwise (flushed).
    /// Chunks that were written when it fails with no_space are taken out.
    Result<void> write(std::vector<Chunk>& chunks, SyncDepth depth, Sequence durable);
    /// Makes the next segment.
    Result<void> begin(const FileHeader& segment);

    Sequence written() const { return written_; }
    Sequence synced() const { return synced_; }
    /// Segments made so far, as (number, bytes); the newest is the open one.
    const std::vector<std::pair<std::uint64_t, std::uint64_t>>& segments() const { return segments_; }
    void forget_segments_below(std::uint64_t number);
    std::uint64_t syncs() const { return syncs_; }

private:
    Result<void> write_chunk(Chunk& chunk);
    Result<void> make_room(AppendFile& file, std::uint64_t bytes);
    Result<void> append(View bytes);
    Result<void> sync();
    Result<void> put_mark(View payload);
    void seal(Bytes& bytes, Sequence first, Sequence last) const;

    Disk& disk_;
    std::uint64_t reserve_bytes_;
    Sequence written_;
    Sequence synced_;
    std::uint64_t syncs_ = 0;
    std::uint64_t reserved_to_ = 0;
    std::uint64_t extent_ = 0;  ///< the length the open segment has for good
    FileHeader header_;
    std::unique_ptr<AppendFile> file_;
    Bytes mark_;  ///< kept for its memory
    std::vector<std::pair<std::uint64_t, std::uint64_t>> segments_;
};

}  // namespace ashlar::lsm
