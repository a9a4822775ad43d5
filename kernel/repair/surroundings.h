// What anti-entropy needs of the rooms beside it: the ring and its owners, the fence, the hints, durability.
//
// Rooms of one floor do not see each other; node joins them. Loop only.
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "ashlar/ring.h"
#include "base/token_ranges.h"
#include "port/turn.h"

namespace ashlar::repair {

/// A table whose replicas are compared.
struct ComparedTable {
    TableId id;
    bool forgets = false;  ///< its resolver lets tombstones go (forgetting.h)
};

class Surroundings {
public:
    virtual const Ring& ring() const = 0;
    virtual std::vector<ComparedTable> tables() const = 0;
    /// In preference order; none: there is no such table.
    virtual std::vector<NodeId> owners(TableId table, Token token) = 0;
    /// The fence of epochs (request/fence.h), and whether the table is known.
    virtual Result<void> admit(const port::Turn& turn, NodeId from, TableId table, Epoch epoch) = 0;
    /// Whether it is an entry of the table; what it holds is met.
    virtual Result<void> check(const port::Turn& turn, TableId table, View entry) = 0;
    /// Calls back once all that was applied before this call is durable; never after a failure.
    virtual void after_sync(std::function<void(const port::Turn&)> then) = 0;
    /// All hints were counted since the start, and none is kept for anybody.
    virtual bool owes_nothing() const = 0;
    /// Partitions, by table and first token, in which somebody misses writes whose hints were dropped here.
    virtual std::vector<std::pair<TableId, Token>> missed() const = 0;
    /// A round that began then has proven all owners equal: marks of hints dropped before may go.
    virtual void compared(const port::Turn& turn, TableId table, const TokenRange& tokens, Instant began) = 0;
    /// What this node cannot answer for until it has been filled (gaps.h), and how often a gap was opened: as of the
    /// beginning of a round, this tells whether the round began behind the newest.
    virtual const base::TokenRanges& lacking() const = 0;
    virtual std::uint32_t openings() const = 0;
    /// This node holds all that any owner held when a round of its own began, at so many openings.
    virtual void filled(const port::Turn& turn, TableId table, const TokenRange& tokens, std::uint32_t openings) = 0;

protected:
    ~Surroundings() = default;
};

}  // namespace ashlar::repair
