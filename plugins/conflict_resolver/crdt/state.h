// An entry of this resolver, opened: versions by dot, each a plain value or the facts one operation left.
//
// A set of (dot, fact) under one causal context: a fact is in the value while some version holds it. Taking a fact
// away leaves its dot in the context, so that no older copy brings it back; a fact added elsewhere at the same time
// has a dot of its own and stays (add wins). The join is that of dots, fact by fact: of a fact, "never seen < held <
// seen and gone", a maximum, hence commutative, associative and idempotent.
//
// For readers each kind of value there is stands as text in the `value` of its newest version; it follows from the facts
// and is checked against them. Views borrow from the entry. Any thread.
// Source: Almeida, Shoker, Baquero, "Delta State Replicated Data Types", JPDC 2018 (causal contexts, dot stores);
// Shapiro et al., "A comprehensive study of CRDTs", INRIA RR-7506, 2011.
#pragma once

#include <vector>

#include "ashlar/conflict_resolver.h"
#include "codec.h"
#include "kit/entry.h"

namespace ashlar::crdt {

inline constexpr View name = "crdt";
inline constexpr kit::EntryHead head{0xbbbca48e, 1};

/// One write and what is left of it.
struct Item {
    kit::StoredVersion version;  ///< of facts: without extra and value
    Extra extra;                 ///< facet plain: none
    bool typed() const { return extra.facet != Facet::plain; }
};

struct State {
    kit::CausalContext context;
    std::vector<Item> items;  ///< sorted by dot

    static Result<State> open(View entry);
    /// Canonical bytes, with the texts for readers.
    Bytes encoded() const;
    static State join(const State& a, const State& b);
};

/// The text of one kind of value, from all its items.
Bytes face_of(Facet facet, const std::vector<Item>& items);

// counter.cc, set.cc, register.cc, map.cc: how one place of the value reads.
std::int64_t sum_of(const std::vector<std::int64_t>& amounts);
Bytes counter_text(std::int64_t sum);
/// Elements sorted, each once.
Bytes set_text(const std::vector<View>& elements);
/// Of values written at the same time the one with the latest stamp is shown.
struct Stamped {
    WallTime wall;
    Dot dot;
    View value;
};
View register_value(const std::vector<Stamped>& values);
Bytes map_text(const std::vector<Item>& items);

}  // namespace ashlar::crdt
