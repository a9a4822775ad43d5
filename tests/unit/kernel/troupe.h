// Several nodes on stages of their own, which hear each other: messages travel as bytes, in order, until a way is
// cut. Time passes in small steps; whoever is told to be down is down for all.
#pragma once

#include <algorithm>
#include <deque>
#include <initializer_list>
#include <map>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "stage.h"
#include "wire/codec.h"

namespace ashlar::test {

inline constexpr Consistency one{Level::one, 0};
inline constexpr Consistency all{Level::all, 0};

/// Who plays.
struct Cast {
    std::uint32_t nodes = 3;     ///< in each data centre
    std::uint32_t replicas = 3;  ///< in each data centre
    std::string resolver = "dotted_version_vector";
    std::uint32_t datacentres = 1;  ///< dc1 has the first nodes, dc2 the next
    port::Limits limits = {};
};

class Troupe {
public:
    /// Nodes 1, 2, ..., already agreed on a ring of all of them, with a table `default`.
    explicit Troupe(const Cast& cast);
    explicit Troupe(std::uint32_t nodes, std::uint32_t replicas = 3) : Troupe(Cast{nodes, replicas}) {}

    Stage& at(std::uint32_t node) { return *stages_[node - 1]; }
    /// Lets everything happen for so long.
    void run(Duration time);
    /// Sends an order to a node and runs until it is answered.
    Answer call(std::uint32_t node, port::Order order);
    /// What a node finds out about a key everywhere.
    port::Explanation explain(std::uint32_t node, View key, Duration patience = seconds(2));
    Answer put(std::uint32_t node, View key, View value, Consistency consistency = {});
    Answer get(std::uint32_t node, View key, Consistency consistency = {});
    /// Nothing passes between them any more, or again; the link is lost at once.
    void cut(std::uint32_t a, std::uint32_t b, bool is_cut = true);
    /// The same, and nobody notices.
    void silence(std::uint32_t a, std::uint32_t b) { cuts_.insert({std::min(a, b), std::max(a, b)}); }
    /// Messages of a kind, by wire::name_of, stay on the way until let go.
    void hold_back(const std::string& name) { held_back_.insert(name); }
    void let_go();
    void isolate(std::uint32_t node, bool is_cut = true);
    /// What every detector thinks of a node from now on.
    void tell(std::uint32_t node, PeerState state);
    /// They are cut off, and known to be down.
    void lose(std::initializer_list<std::uint32_t> nodes);
    /// Its disk is lost, and another node bears its name: the number of that one, once the ring has taken it in.
    std::uint32_t come_home_empty(std::uint32_t node);
    /// It is reached again, is known to be well, and has had time to get what it is owed.
    void bring_back(std::uint32_t node);
    /// Messages of a kind that travelled so far, by wire::name_of.
    std::uint64_t said(const std::string& name) const;
    /// Their bytes, of all kinds of anti-entropy together.
    std::uint64_t repair_bytes() const { return repair_bytes_; }

private:
    struct Letter {
        std::uint32_t from = 0;
        std::uint32_t to = 0;
        port::Road road = port::Road::link;
        Bytes message;
    };
    /// Everything that can happen without time passing.
    void settle();
    void carry(std::uint32_t from);
    bool is_cut(std::uint32_t a, std::uint32_t b) const { return cuts_.contains({std::min(a, b), std::max(a, b)}); }

    Cast cast_;
    std::vector<std::unique_ptr<Stage>> stages_;
    std::deque<Letter> letters_;
    std::deque<Letter> on_the_way_;  ///< of the kinds held back
    std::set<std::string> held_back_;
    std::set<std::pair<std::uint32_t, std::uint32_t>> cuts_;
    std::map<std::string, std::uint64_t> said_;
    std::uint64_t repair_bytes_ = 0;
};

/// What a node alone holds of a key, as Answer::value() tells it.
std::string held(Troupe& troupe, std::uint32_t node, View key);
/// The hints that `by` keeps for `to`.
std::uint64_t owed(Troupe& troupe, std::uint32_t by, std::uint32_t to);

}  // namespace ashlar::test
