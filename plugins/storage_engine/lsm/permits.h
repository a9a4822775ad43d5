// What the kernel allows to be forgotten: per table, token ranges with the wall time before which tombstones
// may leave.
//
// Kept disjoint and sorted, so a look-up is a binary search. Bounded: with more than permits_max ranges in all
// the oldest permission is given up, which is safe (a tombstone stays until the next permission). A permission
// counts only when no snapshot is older than it. Loop owns it; a rewrite takes a copy to its lane.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "ashlar/storage_engine.h"

namespace ashlar::lsm {

inline constexpr std::size_t permits_max = 4096;

class Permits {
public:
    struct Permit {
        TokenRange tokens;
        WallTime before;
        Sequence given = 0;
        bool operator==(const Permit&) const = default;
    };

    void add(TableId table, const Permit& permit);
    /// Tombstones of a key written before this may leave; 0: none may.
    WallTime before(Token token, TableId table) const;
    /// Whether a permission for any table in a range was given after a sequence and reaches up to a time.
    bool news(TokenRange tokens, Sequence after, WallTime reaches) const;
    /// Only what was given up to a sequence.
    Permits given_by(Sequence sequence) const;
    /// Forgets a table's permissions in a range.
    void clear(TableId table, TokenRange tokens);

    bool empty() const { return tables_.empty(); }
    std::size_t size() const;
    const std::map<TableId, std::vector<Permit>>& tables() const { return tables_; }
    bool operator==(const Permits&) const = default;

private:
    void bound();
    std::map<TableId, std::vector<Permit>> tables_;
};

}  // namespace ashlar::lsm
