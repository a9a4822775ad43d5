// Generated histories of one key: replicas that write, exchange and lose nothing, beside a model that knows the truth.
//
// The model names writes by number and keeps, per copy, the set of writes it has heard of and the set that nothing it
// has heard of replaced. So what a reader must see is known exactly at every step, whatever the resolver's
// bytes look like. One thread, one seed, one history.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "ashlar/conflict_resolver.h"
#include "random.h"

namespace ashlar::contract {

/// One replica's copy, or a message: the resolver's bytes and the model's sets.
struct Copy {
    Bytes entry;
    std::set<int> seen;
    std::set<int> live;
};

class History {
public:
    /// How the model and the resolver may differ.
    enum class Rule {
        exact,     ///< readers see exactly the writes that nothing replaced
        superset,  ///< clocks are pruned: replaced ones may come back, none is missing
        latest,    ///< only the latest of them, by stamp
    };

    History(const ConflictResolver& resolver, Rule rule, std::uint64_t seed, int replicas);

    /// One random thing happens: a write, a delivery, an exchange, a read, an hour passes.
    void step();
    /// Delivers everything and exchanges until all replicas hold the same; false if they never do.
    bool converge();

    /// Every entry that existed, for the laws.
    const std::vector<Bytes>& pool() const { return pool_; }
    /// What went wrong first, in words; empty if nothing.
    const std::string& complaint() const { return complaint_; }
    std::size_t writes() const { return facts_.size(); }

private:
    struct Fact {
        bool remove = false;
        std::string value;
        WallTime wall;
        WallTime expires;
        Dot dot;
    };
    struct Message {
        int to = 0;
        Copy copy;
    };
    struct Seen {
        Bytes context;
        std::set<int> seen;
    };

    void write(int replica);
    Change change_for(const Fact& fact, View context, int replica, bool sees_held) const;
    void absorb(Copy& into, const Copy& from);
    void deliver(std::size_t message);
    void compare(const Copy& copy);
    void keep_latest(std::set<int>& live) const;
    void complain(const std::string& what) {
        if (complaint_.empty()) complaint_ = what;
    }

    const ConflictResolver& resolver_;
    Rule rule_;
    sim::SeededRandom random_;
    std::vector<Copy> copies_;
    std::vector<Message> under_way_;
    std::vector<Seen> reads_;
    std::vector<Fact> facts_;
    std::vector<Bytes> pool_;
    std::string complaint_;
    std::int64_t now_ = 1'000'000;
};

}  // namespace ashlar::contract
