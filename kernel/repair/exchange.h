// Anti-entropy: replicas compare what they hold, piece by piece, and ship what differs, until they are proven equal.
//
// The room: it decides when which partition is compared (schedule.h), holds the rounds this node begins (round.h),
// answers those of others (answering.h) and keeps what rounds have proven (ages.h, proofs.h). Always on, within a
// budget. Loop only.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "port/turn.h"
#include "repair/repair_order.h"

namespace ashlar::repair {

class Exchange {
public:
    using OrderDone = std::function<void(const port::Turn&, const Result<RepairReport>&)>;

    /// Begins an operator's order; partitions are compared one after the other before all that is not ordered. `then`
    /// hears the whole report, or why it ended early (closed, at a stop). Answers a name for progress() and cancel().
    /// Refuses (overloaded) when too many are open, (not_found) an unknown table.
    Result<std::uint64_t> order(const port::Turn& turn, const RepairOrder& order, OrderDone then);
    /// Of an order that is open.
    std::optional<RepairReport> progress(std::uint64_t order) const;
    /// Partitions not begun yet are left out; `then` hears soon.
    void cancel(const port::Turn& turn, std::uint64_t order);
    /// These tokens are compared before others (a healed block, a gap, a mark of dropped hints).
    void hasten(TableId table, const TokenRange& tokens);  ///< {0}: all tables
    Convergence convergence(Instant now) const;
};

}  // namespace ashlar::repair
