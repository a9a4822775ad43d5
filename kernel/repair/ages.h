// The partitions this node owns, each with when its replicas were proven equal last, and which of them is compared
// next: a pure schedule.
//
// Hastened ones go first, in turn, then the one proven longest ago, each again after an interval; one that could not be proven
// waits as long, so that an owner that is down costs no more than one that is well. Looking for what is due walks all of
// them, so it finds many at once. Loop only; one place for each table and partition.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "port/turn.h"
#include "repair/repair_order.h"

namespace ashlar::repair {

struct Age {
    TokenRange tokens;
    std::vector<NodeId> owners;  ///< in preference order
    Instant equal_at{0};         ///< all that any owner held then, all hold; or, not proven yet, when this node began
    bool proven = false;
    bool hastened = false;
    bool running = false;
    Instant not_before{0};
    Instant hastened_at{0};               ///< last
    std::uint64_t waiting_tombstones = 0;  ///< by the last round, whoever began it
    std::vector<NodeId> waiting_for;       ///< whose absence, hints or leftovers keep them
};

class Ages {
public:
    using Place = std::pair<TableId, Token>;  ///< a partition is named by its first token
    /// Whether this node begins the rounds of a partition at present.
    using Begins = std::function<bool(const Age&)>;

    /// What this node owns from now on; what was known of the same tokens stays known.
    void replace(std::map<Place, Age> owned, Instant now);
    Age* find(TableId table, const TokenRange& tokens);
    Age* find(const Place& place);
    void hasten(TableId table, const TokenRange& tokens, Instant now);
    void equal(Age& age, Instant at);

    /// The one to be compared now.
    std::optional<Place> next(Instant now, Duration interval, bool hastened_only, const Begins& begins);
    /// Fills in the tables.
    void tell(Convergence& out, Instant now) const;
    Duration oldest(Instant now) const;
    const std::map<Place, Age>& all() const { return ages_; }

private:
    static constexpr std::size_t agenda_most = 64;

    void look(const std::function<bool(const Age&)>& wanted);

    std::map<Place, Age> ages_;
    std::vector<Place> agenda_;  ///< what the last look found, the last one first
};

}  // namespace ashlar::repair
