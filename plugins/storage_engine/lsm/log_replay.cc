#include "log_replay.h"

#include <algorithm>

#include "advice.h"
#include "kit/text.h"
#include "log_frame.h"
#include "names.h"

namespace ashlar::lsm {
namespace {

struct Segment {
    std::uint64_t number = 0;
    Bytes bytes;
    FileHeader header;
    FrameScan scan;
};

Error damaged(const std::string& where, const std::string& why) {
    return fail(Code::corrupt, kit::text(where, ": ", why, damage_advice));
}

Result<Segment> read_segment(Disk& disk, std::uint64_t number, std::uint64_t directory) {
    Segment s;
    s.number = number;
    std::string name = log_name(number);
    auto file = disk.open(name);
    if (!file) return file.error();
    if (auto done = (*file)->read(0, static_cast<std::size_t>((*file)->size()), s.bytes); !done)
        return fail(done.error().code, kit::text("reading ", name, ": ", done.error().detail));
    auto header = decode_header(s.bytes, log_magic, name);
    if (!header) return header.error().code == Code::corrupt ? damaged(name, header.error().detail) : header.error();
    if (header->number != number || header->directory != directory)
        return damaged(name, "the file belongs to another number or data directory");
    s.header = *header;
    s.scan = scan_frames(s.bytes, s.header);
    return s;
}

class Replay {
public:
    Replay(const LogExpected& expected, const RecordTaker& take) : expected_(expected), take_(take) {
        out.last = out.synced = expected.flushed;
    }

    /// All records of a segment that are not in table files.
    Result<void> read(const Segment& segment) {
        for (const Frame& frame : segment.scan.frames) {
            std::string where = kit::text(log_name(segment.number), " at offset ", frame.offset);
            if (frame.first > out.last + 1)
                return damaged(where,
                               kit::text("records ", out.last + 1, " to ", frame.first - 1, " are missing before it"));
            RecordReader reader(frame.payload, frame.first);
            for (;;) {
                auto more = reader.next();
                if (!more) return damaged(where, more.error().detail);
                if (!*more) break;
                if (reader.next_segment != 0) linked_ = std::max(linked_, reader.next_segment);
                if (reader.next_segment != 0 || reader.following() <= out.last + 1) continue;
                if (auto done = take_(segment.number, reader); !done) return done;
                out.last = reader.following() - 1;
            }
            if (reader.following() != frame.last + 1) return damaged(where, "a frame holds other records than it says");
        }
        return {};
    }

    /// Whether a segment ends as it should, knowing the header of the next one.
    Result<void> judge(const Segment& segment, const Segment* next) {
        out.synced = std::max({out.synced, segment.scan.synced, next != nullptr ? next->header.synced : 0});
        out.torn = out.torn || !segment.scan.clean;
        return judge_tail(segment.scan, out.last, out.synced, log_name(segment.number));
    }

    /// The links of the last segment before the floor: it may be the only one that knows of the first after it.
    void heed_links(const Segment& segment) {
        for (const Frame& frame : segment.scan.frames) {
            RecordReader reader(frame.payload, frame.first);
            for (auto more = reader.next(); more && *more; more = reader.next())
                linked_ = std::max(linked_, reader.next_segment);
        }
    }
    /// The highest segment that must exist.
    std::uint64_t must_exist() const { return std::max(linked_, expected_.begun); }

    Replayed out;

private:
    const LogExpected& expected_;
    const RecordTaker& take_;
    std::uint64_t linked_ = 0;
};

}  // namespace

Result<Replayed> replay_log(Disk& disk, std::vector<std::uint64_t> segments, const LogExpected& expected,
                            const RecordTaker& take) {
    std::sort(segments.begin(), segments.end());
    auto floor = std::lower_bound(segments.begin(), segments.end(), expected.floor);
    std::vector<std::uint64_t> live(floor, segments.end());
    Replay replay(expected, take);
    replay.out.next_segment = expected.floor + live.size();
    for (std::size_t i = 0; i < live.size(); ++i)
        if (live[i] != expected.floor + i)
            return damaged(log_name(expected.floor + i), "this segment of the commit log is missing");
    if (floor != segments.begin())
        if (auto before = read_segment(disk, *(floor - 1), expected.directory)) replay.heed_links(*before);

    // A segment is judged knowing what the next one's header says of it, so one is held back.
    std::unique_ptr<Segment> held;
    for (std::uint64_t number : live) {
        auto next = read_segment(disk, number, expected.directory);
        if (!next) return next.error();
        if (held != nullptr)
            if (auto done = replay.judge(*held, &*next); !done) return done.error();
        if (auto done = replay.read(*next); !done) return done.error();
        held = std::make_unique<Segment>(std::move(*next));
    }
    if (held != nullptr)
        if (auto done = replay.judge(*held, nullptr); !done) return done.error();
    if (replay.must_exist() >= replay.out.next_segment)
        return damaged(log_name(replay.out.next_segment), "this segment of the commit log is missing");
    return replay.out;
}

}  // namespace ashlar::lsm
