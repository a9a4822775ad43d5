// Several replicas' parts of one range as one walk: each key once, its entries joined.
//
// Where a part was cut short by bounds nothing is known of it behind its last line, so the walk ends at the earliest
// such line and says so. Used on a lane.
#pragma once

#include <vector>

#include "ashlar/conflict_resolver.h"
#include "request/range_work.h"

namespace ashlar::request {

class MergedCursor final : public Cursor {
public:
    MergedCursor(std::vector<RangePart> parts, TableId table, bool reverse, const ConflictResolver& resolver);

    Result<bool> next() noexcept override;
    EntryKey key() const noexcept override { return EntryKey{token_, table_, key_}; }
    View entry() const noexcept override { return entry_; }

    /// Some part goes on behind the end of the walk; then this is how far all parts are known.
    bool cut() const { return cut_; }
    Token cut_token() const { return cut_token_; }
    const Bytes& cut_key() const { return cut_key_; }

private:
    /// Whether a comes before b in the direction of the walk.
    bool before(Token a_token, View a_key, Token b_token, View b_key) const;

    std::vector<RangePart> parts_;
    std::vector<std::size_t> at_;
    TableId table_;
    bool reverse_;
    const ConflictResolver& resolver_;
    bool cut_ = false;
    Token cut_token_ = 0;
    Bytes cut_key_;
    Token token_ = 0;
    Bytes key_;
    Bytes entry_;
};

}  // namespace ashlar::request
