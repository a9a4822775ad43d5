// A causal context: which versions of one key somebody has seen.
//
// A version vector plus single dots: per actor a `base` (every counter up to it that concerns the key is
// seen) and the counters above it that are seen one by one. A dot above the base never implies the ones
// below it. Source: Almeida et al., "Scalable and accurate causality tracking for eventually consistent
// stores", DAIS 2014 (dotted version vectors); the split into vector and cloud follows its section 4.
//
// Canonical bytes (version 1): varint actors, then per actor, sorted: u64 node, varint incarnation,
// varint slice, varint base, varint dots, then the dots as varint gaps from the one before (the first from
// base; a gap is at least 2 for the first, since base+1 folds into base, and at least 1 after it).
// No actor stands with base 0 and no dots. Equal contexts are equal bytes.
#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <utility>
#include <vector>

#include "ashlar/types.h"
#include "kit/bytes.h"

namespace ashlar::kit {

class CausalContext {
public:
    struct Seen {
        Actor actor;
        std::uint64_t base = 0;
        std::vector<std::uint64_t> dots;  ///< sorted, all above base + 1
        bool operator==(const Seen&) const = default;
    };

    bool operator==(const CausalContext&) const = default;
    bool empty() const { return seen_.empty(); }
    const std::vector<Seen>& seen() const { return seen_; }

    bool contains(const Dot& dot) const {
        auto at = find(dot.actor);
        if (at == seen_.end() || at->actor != dot.actor) return false;
        return dot.counter <= at->base || std::binary_search(at->dots.begin(), at->dots.end(), dot.counter);
    }
    /// Position of an actor in seen(), or its size().
    std::size_t index_of(const Actor& actor) const {
        auto at = find(actor);
        return at != seen_.end() && at->actor == actor ? static_cast<std::size_t>(at - seen_.begin()) : seen_.size();
    }
    void add(const Dot& dot) {
        if (dot.counter == 0) return;
        Seen& s = at(dot.actor);
        if (dot.counter <= s.base) return;
        auto where = std::lower_bound(s.dots.begin(), s.dots.end(), dot.counter);
        if (where == s.dots.end() || *where != dot.counter) s.dots.insert(where, dot.counter);
        fold(s);
    }
    /// Every counter of the actor up to base that concerns the key is seen.
    void raise(const Actor& actor, std::uint64_t base) {
        if (base == 0) return;
        Seen& s = at(actor);
        if (base > s.base) s.base = base;
        fold(s);
    }
    void merge(const CausalContext& other) {
        for (const Seen& theirs : other.seen_) {
            Seen& s = at(theirs.actor);
            if (theirs.base > s.base) s.base = theirs.base;
            std::vector<std::uint64_t> both;
            both.reserve(s.dots.size() + theirs.dots.size());
            std::set_union(s.dots.begin(), s.dots.end(), theirs.dots.begin(), theirs.dots.end(),
                           std::back_inserter(both));
            s.dots = std::move(both);
            fold(s);
        }
    }

    void encode(Writer& out) const {
        out.varint(seen_.size());
        for (const Seen& s : seen_) {
            out.u64(s.actor.node.value);
            out.varint(s.actor.incarnation);
            out.varint(s.actor.slice);
            out.varint(s.base);
            out.varint(s.dots.size());
            std::uint64_t before = s.base;
            for (std::uint64_t dot : s.dots) {
                out.varint(dot - before);
                before = dot;
            }
        }
    }
    /// Reads one context; anything but the canonical form spoils the reader.
    static CausalContext decode(Reader& in) {
        CausalContext out;
        std::uint64_t actors = in.count(12);
        out.seen_.reserve(static_cast<std::size_t>(actors));
        for (std::uint64_t i = 0; i < actors && in.ok(); ++i) {
            Seen s;
            s.actor.node.value = in.u64();
            std::uint64_t incarnation = in.varint();
            std::uint64_t slice = in.varint();
            s.base = in.varint();
            std::uint64_t dots = in.count(1);
            if ((incarnation >> 32) != 0 || (slice >> 32) != 0 || (s.base == 0 && dots == 0)) in.spoil();
            s.actor.incarnation = static_cast<std::uint32_t>(incarnation);
            s.actor.slice = static_cast<std::uint32_t>(slice);
            if (!out.seen_.empty() && !(out.seen_.back().actor < s.actor)) in.spoil();
            s.dots.reserve(static_cast<std::size_t>(in.ok() ? dots : 0));
            std::uint64_t before = s.base;
            for (std::uint64_t d = 0; d < dots && in.ok(); ++d) {
                std::uint64_t gap = in.varint();
                if (gap < (d == 0 ? 2u : 1u) || before + gap < before) in.spoil();
                before += gap;
                s.dots.push_back(before);
            }
            out.seen_.push_back(std::move(s));
        }
        if (in.bad()) out.seen_.clear();
        return out;
    }

private:
    std::vector<Seen>::const_iterator find(const Actor& actor) const {
        return std::lower_bound(seen_.begin(), seen_.end(), actor,
                                [](const Seen& s, const Actor& a) { return s.actor < a; });
    }
    Seen& at(const Actor& actor) {
        auto where = find(actor);
        auto index = where - seen_.begin();
        if (where == seen_.end() || where->actor != actor) seen_.insert(where, Seen{actor, 0, {}});
        return seen_[static_cast<std::size_t>(index)];
    }
    /// Drops dots the base covers and draws the base up over dots that touch it.
    static void fold(Seen& s) {
        auto keep = s.dots.begin();
        while (keep != s.dots.end() && *keep <= s.base + 1) s.base = std::max(s.base, *keep++);
        s.dots.erase(s.dots.begin(), keep);
    }

    std::vector<Seen> seen_;  ///< sorted by actor
};

}  // namespace ashlar::kit
