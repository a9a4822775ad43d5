// Ranges whose data was retired as a whole: what every run wrote before is invisible, at once.
//
// A retirement takes a sequence of its own, and hides what was written before it. An entry of a memtable goes
// by its own sequence; a table file by its `through`, the sequence the engine stood at when the file was
// planned: what was retired up to then has been left out of it, what is retired later hides all of it.
// Immutable, any thread.
#pragma once

#include <memory>
#include <vector>

#include "ashlar/storage_engine.h"
#include "ashlar/types.h"

namespace ashlar::lsm {

struct Hide {
    Sequence sequence = 0;
    TokenRange tokens;
    TableId table;  ///< {0}: every table
    bool operator==(const Hide&) const = default;
    bool concerns(TableId t) const { return table == TableId{} || table == t; }
};

struct Hidden {
    std::vector<Hide> hides;

    bool empty() const { return hides.empty(); }
    bool holds(Token token, TableId table, Sequence written) const {
        for (const Hide& h : hides)
            if (written < h.sequence && h.tokens.holds(token) && h.concerns(table)) return true;
        return false;
    }
    /// Everything between two keys of a run written up to `through` is hidden by one hide of every table.
    bool holds_all(const EntryKey& first, const EntryKey& last, Sequence through) const {
        for (const Hide& h : hides) {
            bool one_table = first.token == last.token && first.table == last.table;
            if (through < h.sequence && h.tokens.holds(first.token) && h.tokens.holds(last.token) &&
                (h.table == TableId{} || (one_table && h.table == first.table)))
                return true;
        }
        return false;
    }
};

using HiddenPtr = std::shared_ptr<const Hidden>;

}  // namespace ashlar::lsm
