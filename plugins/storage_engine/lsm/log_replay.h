// Reads the commit log back at a start.
//
// Gives every record of every segment from the manifest's floor on, in order, and decides whether the end is a
// torn tail (log_frame.h) or damage. A segment that existed and is gone is missed: the manifest and the segment
// before know of it. Blocking, at creation only.
#pragma once

#include <functional>
#include <vector>

#include "ashlar/disk.h"
#include "log_record.h"

namespace ashlar::lsm {

/// What the manifest says of the log.
struct LogExpected {
    std::uint64_t floor = 1;  ///< lower segments are in table files
    std::uint64_t begun = 0;  ///< this segment has existed
    Sequence flushed = 0;     ///< all up to here is in table files
    std::uint64_t directory = 0;
};

struct Replayed {
    Sequence last = 0;               ///< of the last record read, or where the table files end
    Sequence synced = 0;             ///< known to have been durable
    std::uint64_t next_segment = 1;  ///< above all that exist
    bool torn = false;
};

/// Called for each record behind `flushed`, with its segment; it may fail.
using RecordTaker = std::function<Result<void>(std::uint64_t segment, const RecordReader& record)>;

Result<Replayed> replay_log(Disk& disk, std::vector<std::uint64_t> segments, const LogExpected& expected,
                            const RecordTaker& take);

}  // namespace ashlar::lsm
