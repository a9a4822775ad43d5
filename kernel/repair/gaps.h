// What this node cannot answer for although it owns it: its "nothing" would not be the truth.
//
// A node whose disk was wiped has everything to learn, and a block that was given up leaves its tokens open; a gap is
// durable in the ledger before anybody may miss what it held, and closes partition by partition, once a round of
// anti-entropy has proven that this node holds all that any owner held. Meanwhile it takes writes and hints as ever,
// answers with what it has, and does not count towards R there. Loop only.
#pragma once

#include <functional>
#include <set>
#include <utility>
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
    /// Opens a gap in all tables; `then` hears when it is durable.
    void open(const port::Turn& turn, const TokenRange& tokens, ledger::Changes::Then then);
    /// A round over these tokens of a table, which began after the gap opened, has brought all there is.
    void filled(const port::Turn& turn, TableId table, const TokenRange& tokens,
                const std::vector<TableId>& all_tables);
    bool any() const;
    /// x 1000: share of the circle that is open, for status and gossip.
    std::uint32_t open_milli() const;

private:
    ledger::Changes& changes_;
    std::set<std::pair<TableId, Token>> filled_;  ///< whose gap waits for other tables: table, last token
};

}  // namespace ashlar::repair
