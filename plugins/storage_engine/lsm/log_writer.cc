#include "log_writer.h"

#include <algorithm>

#include "log_record.h"
#include "names.h"

namespace ashlar::lsm {
namespace {

// Large enough that a chunk is one good write, small enough that a frame is checked in cache.
constexpr std::size_t chunk_bytes = 256 * 1024;
constexpr std::size_t spare_max = 16;
constexpr std::size_t retirement_bytes = 48;

}  // namespace

LogBuffer::LogBuffer(Random& random, std::uint64_t directory, std::uint64_t next_segment, std::uint64_t segment_bytes)
    : random_(&random), segment_bytes_(segment_bytes) {
    segment_.magic = log_magic;
    segment_.number = next_segment;
    segment_.directory = directory;
    segment_.salt = random_->next();
}

Chunk& LogBuffer::room(std::size_t bytes, Sequence first) {
    if (in_segment_ >= segment_bytes_) cut();
    bool fits = !chunks_.empty() && chunks_.back().segment.number == segment_.number &&
                chunks_.back().bytes.size() + bytes <= chunk_bytes;
    if (!fits) {
        Chunk& chunk = chunks_.emplace_back();
        chunk.segment = segment_;
        chunk.first = first;
        if (!spare_.empty()) {
            chunk.bytes = std::move(spare_.back());
            spare_.pop_back();
        }
        chunk.bytes.reserve(std::max(chunk_bytes, bytes + frame_header_bytes));
        chunk.bytes.assign(frame_header_bytes, 0);
    }
    return chunks_.back();
}

void LogBuffer::close(Chunk& chunk, std::size_t size_before, Sequence last) {
    chunk.last = last;
    bytes_ += chunk.bytes.size() - size_before;
    in_segment_ += chunk.bytes.size() - size_before;
}

void LogBuffer::add_batch(std::span<const Write> batch, Sequence first) {
    Chunk& chunk = room(batch_record_bound(batch), first);
    std::size_t before = chunk.bytes.size();
    put_batch_record(chunk.bytes, batch);
    close(chunk, before, first + batch.size() - 1);
}

void LogBuffer::add_retirement(const Retirement& retirement, Sequence sequence) {
    Chunk& chunk = room(retirement_bytes, sequence);
    std::size_t before = chunk.bytes.size();
    put_retirement_record(chunk.bytes, retirement);
    close(chunk, before, sequence);
}

void LogBuffer::cut() {
    if (in_segment_ == 0) return;
    ++segment_.number;
    segment_.salt = random_->next();
    in_segment_ = 0;
}

std::vector<Chunk> LogBuffer::take() {
    bytes_ = 0;
    return std::move(chunks_);
}

void LogBuffer::give_back(std::vector<Chunk>&& chunks) {
    for (Chunk& chunk : chunks_) chunks.push_back(std::move(chunk));
    chunks_ = std::move(chunks);
    forget_below(0);
}

void LogBuffer::recycle(std::vector<Chunk>&& chunks) {
    for (Chunk& chunk : chunks)
        if (spare_.size() < spare_max && chunk.bytes.capacity() <= 2 * chunk_bytes)
            spare_.push_back(std::move(chunk.bytes));
    chunks.clear();
    if (chunks_.empty()) chunks_ = std::move(chunks);  // keeps the vector's own memory too
}

void LogBuffer::forget_below(std::uint64_t segment) {
    std::erase_if(chunks_, [&](const Chunk& chunk) { return chunk.segment.number < segment; });
    bytes_ = 0;
    for (const Chunk& chunk : chunks_) bytes_ += chunk.bytes.size() - frame_header_bytes;
}

/// Sees to it that so many bytes can be appended without failing half-way for want of room.
Result<void> LogFile::make_room(AppendFile& file, std::uint64_t bytes) {
    std::uint64_t end = file.size() + bytes;
    if (reserve_bytes_ == 0 || end <= reserved_to_) return {};
    for (std::uint64_t ahead : {bytes + reserve_bytes_, bytes}) {
        auto done = file.reserve(ahead);
        if (done) {
            reserved_to_ = file.size() + ahead;
            return {};
        }
        if (done.error().code != Code::no_space) return {};  // no harm: then the append will tell
        if (ahead == bytes) return done;
    }
    return {};
}

Result<void> LogFile::append(View bytes) {
    auto done = file_->append(bytes);
    segments_.back().second = file_->size();
    // Part of it may stand in the file now, so that nothing can follow it: final, whatever the cause.
    if (!done) return fail(Code::io, done.error().detail);
    return {};
}

Result<void> LogFile::sync() {
    if (auto done = file_->sync(); !done) return fail(Code::io, done.error().detail);
    ++syncs_;
    synced_ = std::max(synced_, written_);
    extent_ = std::max(reserved_to_, file_->size());
    return {};
}

Result<void> LogFile::put_mark(View payload) {
    // Says what is durable (and, as a link, that the next segment exists). It is not synced itself: it costs one
    // small write, and lets a start tell rot from an unfinished write after anything but a power cut.
    if (!make_room(*file_, frame_header_bytes + payload.size())) return {};  // a full disk can do without
    mark_.assign(frame_header_bytes, 0);
    mark_.append(payload);
    seal(mark_, written_ + 1, written_);
    return append(mark_);
}

void LogFile::seal(Bytes& bytes, Sequence first, Sequence last) const {
    Frame frame;
    frame.first = first;
    frame.last = last;
    frame.synced = synced_;
    frame.extent = extent_;
    seal_frame(bytes, header_, frame);
}

Result<void> LogFile::begin(const FileHeader& segment) {
    if (file_ != nullptr && written_ > synced_)
        if (auto done = sync(); !done) return done;
    FileHeader header = segment;
    header.synced = synced_;
    std::string aside(log_aside_name);
    auto give_up = [&](const Error& error) {
        (void)disk_.remove(aside);
        return error;
    };
    auto made = disk_.create(aside);
    if (!made) return made.error().code == Code::no_space ? made.error() : fail(Code::io, made.error().detail);
    std::uint64_t reserved_before = reserved_to_;
    reserved_to_ = 0;
    auto room = make_room(**made, file_header_bytes);
    if (!room) {
        reserved_to_ = reserved_before;
        made->reset();
        return give_up(room.error());
    }
    header.extent = reserved_to_;
    if (auto done = (*made)->append(encode_header(header)); !done) {
        reserved_to_ = reserved_before;
        made->reset();
        return give_up(done.error());
    }
    if (auto done = (*made)->sync(); !done) return fail(Code::io, done.error().detail);
    if (auto done = disk_.rename(aside, log_name(header.number)); !done) return fail(Code::io, done.error().detail);
    if (auto done = disk_.sync_directory(""); !done) return fail(Code::io, done.error().detail);
    ++syncs_;

    if (file_ != nullptr) {
        std::swap(reserved_to_, reserved_before);
        Bytes link;
        put_link_record(link, header.number);
        auto done = put_mark(link);
        std::swap(reserved_to_, reserved_before);
        if (!done) return done;
    }
    header_ = header;
    file_ = std::move(*made);
    extent_ = std::max(reserved_to_, file_->size());
    segments_.emplace_back(header_.number, file_->size());
    return {};
}

Result<void> LogFile::write_chunk(Chunk& chunk) {
    if (file_ == nullptr || chunk.segment.number != header_.number)
        if (auto done = begin(chunk.segment); !done) return done;
    if (auto done = make_room(*file_, chunk.bytes.size()); !done) return done;
    seal(chunk.bytes, chunk.first, chunk.last);
    if (auto done = append(chunk.bytes); !done) return done;
    written_ = std::max(written_, chunk.last);
    return {};
}

Result<void> LogFile::write(std::vector<Chunk>& chunks, SyncDepth depth, Sequence durable) {
    synced_ = std::max(synced_, durable);
    written_ = std::max(written_, durable);
    for (std::size_t i = 0; i < chunks.size(); ++i) {
        auto done = write_chunk(chunks[i]);
        if (done) continue;
        chunks.erase(chunks.begin(), chunks.begin() + static_cast<std::ptrdiff_t>(i));
        return done;
    }
    if (depth != SyncDepth::synced || file_ == nullptr || written_ <= synced_) return {};
    if (auto done = sync(); !done) return done;
    return put_mark({});
}

void LogFile::forget_segments_below(std::uint64_t number) {
    std::erase_if(segments_, [&](const auto& s) { return s.first < number && s.first != header_.number; });
}

}  // namespace ashlar::lsm
