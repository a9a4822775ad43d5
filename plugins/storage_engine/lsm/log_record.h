// What a frame of the commit log holds: records, each one step of apply() or retire().
//
// A record begins with its kind. A batch takes as many sequences as it has writes, a retirement takes one, a
// link to the next segment none; their numbers follow from the frame's first. Decoding is bounded and refuses
// (corrupt). Any thread.
#pragma once

#include <span>
#include <vector>

#include "ashlar/result.h"
#include "ashlar/storage_engine.h"
#include "kit/bytes.h"

namespace ashlar::lsm {

/// At most so many bytes a batch takes in the log.
std::size_t batch_record_bound(std::span<const Write> batch);
void put_batch_record(Bytes& out, std::span<const Write> batch);
void put_retirement_record(Bytes& out, const Retirement& retirement);
void put_link_record(Bytes& out, std::uint64_t next_segment);

/// Walks the records of one payload. Views borrow from it.
class RecordReader {
public:
    RecordReader(View payload, Sequence first) : in_(payload), next_(first) {}

    /// False at the end. After true `writes` is filled, or `next_segment` is not 0, or `retirement` is meant.
    Result<bool> next();

    bool is_batch = false;
    Sequence first = 0;  ///< of this record
    std::vector<Write> writes;
    Retirement retirement;
    /// With neither a batch nor a retirement: the segment that follows this one has been made.
    std::uint64_t next_segment = 0;
    /// The sequence the next record would have.
    Sequence following() const { return next_; }

private:
    kit::Reader in_;
    Sequence next_;
};

}  // namespace ashlar::lsm
