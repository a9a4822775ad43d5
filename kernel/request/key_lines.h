// One read-modify-write per key at a time: who holds a key while its entry comes from the disk, and who waits.
//
// Without it two orders would build on the same held entry, and a resolver that counts per key would name two
// versions alike (Riak's kv679 family). Orders that finish within one step never enter. Bounded by the orders
// that wait. Loop only.
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <utility>

#include "ashlar/types.h"
#include "base/slab.h"

namespace ashlar::request {

class KeyLines {
public:
    bool busy(TableId table, View key) const {
        return !lines_.empty() && lines_.find(Place(table, key)) != lines_.end();
    }
    /// The key must not be busy.
    void hold(TableId table, View key, base::SlotId who) { lines_[Key{table, Bytes(key)}].holder = who; }
    /// Queues behind the holder.
    void join(TableId table, View key, base::SlotId who) {
        lines_.find(Place(table, key))->second.waiting.push_back(who);
    }
    /// The holder goes by another name from now on.
    void rename(TableId table, View key, base::SlotId was, base::SlotId now) {
        auto at = lines_.find(Place(table, key));
        if (at != lines_.end() && at->second.holder == was) at->second.holder = now;
    }
    /// Leaves, as holder or from the queue. Answers who holds the key now and may go on, if that changed.
    base::SlotId leave(TableId table, View key, base::SlotId who) {
        if (lines_.empty()) return {};
        auto at = lines_.find(Place(table, key));
        if (at == lines_.end()) return {};
        Line& line = at->second;
        if (line.holder != who) {
            line.waiting.erase(std::remove(line.waiting.begin(), line.waiting.end(), who), line.waiting.end());
            return {};
        }
        if (line.waiting.empty()) {
            lines_.erase(at);
            return {};
        }
        line.holder = line.waiting.front();
        line.waiting.pop_front();
        return line.holder;
    }

private:
    using Key = std::pair<TableId, Bytes>;
    using Place = std::pair<TableId, View>;
    struct Order {
        using is_transparent = void;
        template <class A, class B>
        bool operator()(const A& a, const B& b) const {
            if (a.first != b.first) return a.first < b.first;
            return View(a.second) < View(b.second);
        }
    };
    struct Line {
        base::SlotId holder;
        std::deque<base::SlotId> waiting;
    };
    std::map<Key, Line, Order> lines_;
};

}  // namespace ashlar::request
