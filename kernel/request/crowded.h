// Keys found with many siblings lately: a put that does not look at what is held looks at theirs.
//
// The newest 64; a key that has dropped out is found again by the next put that looks. Loop only.
#pragma once

#include <algorithm>
#include <deque>

#include "ashlar/types.h"
#include "kit/hash.h"

namespace ashlar::request {

class Crowded {
public:
    void note(TableId table, View key) {
        const Name name = name_of(table, key);
        if (holds(name)) return;
        names_.push_back(name);
        if (names_.size() > most) names_.pop_front();
    }
    bool has(TableId table, View key) const { return !names_.empty() && holds(name_of(table, key)); }

private:
    using Name = std::uint64_t;
    static constexpr std::size_t most = 64;

    /// A key mistaken for another is looked at once too often.
    static Name name_of(TableId table, View key) { return kit::hash64(key, table.value); }
    bool holds(Name name) const { return std::find(names_.begin(), names_.end(), name) != names_.end(); }

    std::deque<Name> names_;
};

}  // namespace ashlar::request
