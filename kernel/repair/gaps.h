// What this node cannot answer for although it owns it: its "nothing" would not be the truth.
//
// A node whose disk was wiped has everything to learn, and a block that was given up leaves its tokens open. A gap is
// durable in the ledger before anybody may miss what it held (a member that comes home: with the ring that takes it
// in, accord/homecoming.h; an engine that keeps nothing: before each start, node/birth.h; a bad block: healing.h). It
// closes partition by partition, once a round of anti-entropy that began behind its opening has brought all that any
// owner held. Meanwhile this node takes writes and hints as ever, answers with what it has, and does not count towards
// R there. Which of another node's rounds began behind the opening no clock can tell, so only rounds that this node leads
// close its gaps: it hastens them. Loop only.
#pragma once

#include <map>
#include <vector>

#include "ashlar/types.h"
#include "ledger/changes.h"

namespace ashlar::repair {

class Gaps {
public:
    explicit Gaps(ledger::Changes& changes) : changes_(changes) {}

    /// Whether this node answers for all it ever took of these tokens of a table.
    bool complete(TableId table, const TokenRange& tokens) const;
    bool complete(TableId table, Token token) const { return complete(table, TokenRange{token, token}); }
    /// Opens gaps in all tables where this node is about to forget what it held, versions it named itself among them:
    /// so it is another actor from then on. `then` hears when that is durable, or why it is not.
    void forget(const port::Turn& turn, const base::TokenRanges& tokens, ledger::Changes::Then then);
    /// How many were opened, durably.
    std::uint32_t openings() const { return changes_.state().openings; }
    /// A round over these tokens of a table, which this node began after so many openings, has brought all there is.
    /// `owned_in`: the tables in which this node owns these tokens.
    void filled(const port::Turn& turn, TableId table, const TokenRange& tokens, std::uint32_t openings,
                const std::vector<TableId>& owned_in);
    /// Only what this node owns can be missed here, and only that is brought by rounds.
    void keep_to(const port::Turn& turn, const base::TokenRanges& owned);
    bool any() const { return !changes_.state().gaps.empty(); }
    const base::TokenRanges& open() const { return changes_.state().gaps; }
    /// x 1000: share of the circle that is open, for status and gossip.
    std::uint32_t open_milli() const { return base::share_milli(open()); }

private:
    void close(const port::Turn& turn, base::TokenRanges closed, std::uint32_t openings);

    ledger::Changes& changes_;
    std::map<TableId, base::TokenRanges> filled_;  ///< where the gap waits for other tables
    std::size_t opening_ = 0;                      ///< asked for, and not known to be durable or refused
};

}  // namespace ashlar::repair
