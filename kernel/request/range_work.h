// A piece of a table as it is held here, undigested: for a page that several replicas make together.
#pragma once

#include <memory>
#include <vector>

#include "ashlar/storage_engine.h"

namespace ashlar::request {

/// One entry, owning its bytes.
struct RangeLine {
    Token token = 0;
    Bytes key;
    Bytes entry;
};

/// What one replica holds of a range, in the order of the scan; `more`: bounds ended it, not the range.
struct RangePart {
    std::vector<RangeLine> lines;
    bool more = false;
};

class RangeWork final : public Work {
public:
    RangeWork(std::shared_ptr<const Snapshot> snapshot, ScanRange range, std::uint32_t entries, std::uint64_t bytes)
        : snapshot_(std::move(snapshot)), range_(std::move(range)), entries_max_(entries), bytes_max_(bytes) {}

    void run() noexcept override { outcome_ = walk(); }
    Result<void> finish() noexcept override { return outcome_; }
    RangePart part;  ///< after finish()

private:
    Result<void> walk();

    std::shared_ptr<const Snapshot> snapshot_;
    ScanRange range_;
    std::uint32_t entries_max_;
    std::uint64_t bytes_max_;
    Result<void> outcome_;
};

}  // namespace ashlar::request
