// One page of entries out of pieces of a table, as they settle: what is given to a peer, or fetched by one.
//
// Reads the disk: run on a lane. An entry that may be forgotten is left out, and one that fits no frame, which is
// counted. A page ends when it is full; an entry too large for the background road is a page of its own.
#pragma once

#include <memory>
#include <vector>

#include "ashlar/host.h"
#include "ashlar/storage_engine.h"
#include "wire/message.h"

namespace ashlar::repair {

/// Larger entries go by the link, whose frames may be larger.
inline constexpr std::size_t background_most = 1024 * 1024;
/// Pages are closed once they are so large.
inline constexpr std::size_t page_bytes_most = 256 * 1024;

/// An entry that owns its bytes.
struct Line {
    Token token = 0;
    Bytes key;
    Bytes entry;
};
std::vector<wire::ScanLine> views_of(const std::vector<Line>& lines);
std::size_t bytes_of(const std::vector<Line>& lines);

/// Where the last page ended: the next begins strictly behind.
struct PageEnd {
    bool given = false;
    Token token = 0;
    Bytes key;
};

struct PageOrder {
    TableId table;
    Keep keep;
    std::vector<TokenRange> pieces;  ///< sorted
    PageEnd after;
    std::size_t entries_most = 0;
};

class EntryScan final : public Work {
public:
    EntryScan(std::shared_ptr<const Snapshot> snapshot, const Joiner& joiner, PageOrder order)
        : snapshot_(std::move(snapshot)), joiner_(joiner), order_(std::move(order)) {}

    void run() noexcept override { outcome_ = walk(); }
    Result<void> finish() noexcept override { return outcome_; }

    // After finish().
    std::vector<Line> lines;
    bool more = false;
    PageEnd end;  ///< with more
    std::uint32_t too_large = 0;

private:
    Result<void> walk();
    Result<bool> walk_piece(const TokenRange& piece, bool resume);
    /// False: the page is full, and this entry is not on it.
    bool take(const EntryKey& at, Bytes settled);

    std::shared_ptr<const Snapshot> snapshot_;
    const Joiner& joiner_;
    PageOrder order_;
    std::size_t bytes_ = 0;
    std::size_t seen_ = 0;
    Result<void> outcome_;
};

}  // namespace ashlar::repair
