// A causal context: which versions of one key somebody has seen.
//
// A version vector plus single dots: per actor a `base` (every counter up to it that concerns the key is
// seen) and the counters above it that are seen one by one. A dot above the base never implies the ones
// below it. As a set of dots it is only ever united, so merging is associative whatever the order.
// Source: Almeida et al., "Scalable and accurate causality tracking for eventually consistent stores",
// DAIS 2014 (dotted version vectors); the split into vector and cloud follows its section 4.
//
// Canonical bytes (version 1): varint actors, then per actor, sorted: u64 node, varint incarnation,
// varint slice, varint base, varint dots, then the dots as varint gaps from the one before (the first from
// base; a gap is at least 2 for the first, since base+1 folds into base, and at least 1 after it).
// No actor stands with base 0 and no dots; no counter is above counter_max. Equal contexts are equal bytes.
// Plain values, any thread. Bytes that are not canonical spoil the reader; nothing here throws for them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include "ashlar/types.h"
#include "kit/bytes.h"

namespace ashlar::kit {

/// The highest counter there is; a node that wrote a billion versions a second would need 292 years to get there.
inline constexpr std::uint64_t counter_max = ~std::uint64_t{0} >> 1;

/// Walks one encoded context, actor by actor, without taking memory. Borrows the reader, which stands behind
/// the context once next() has answered false, and is spoiled by anything but the canonical form.
class ContextCursor {
public:
    explicit ContextCursor(Reader& in) : in_(in), actors_left_(in.count(12)) {}

    /// Moves to the next actor, past the dots of this one that were not asked for. False at the end.
    bool next() {
        while (dot() != 0) continue;
        if (in_.bad() || actors_left_ == 0) return false;
        --actors_left_;
        const Actor before = actor_;
        actor_.node.value = in_.u64();
        const std::uint64_t incarnation = in_.varint();
        const std::uint64_t slice = in_.varint();
        actor_.incarnation = static_cast<std::uint32_t>(incarnation);
        actor_.slice = static_cast<std::uint32_t>(slice);
        base_ = at_ = in_.varint();
        dots_left_ = dots_ = in_.count(1);
        const bool sorted = first_ || before < actor_;
        first_ = false;
        if (incarnation >> 32 != 0 || slice >> 32 != 0 || !sorted || (base_ == 0 && dots_ == 0) || base_ > counter_max)
            in_.spoil();
        return in_.ok();
    }
    const Actor& actor() const { return actor_; }
    std::uint64_t base() const { return base_; }
    /// How many dots stand above the base.
    std::uint64_t dots() const { return dots_; }
    /// The next dot of this actor; 0 when there are no more.
    std::uint64_t dot() {
        if (dots_left_ == 0 || in_.bad()) return 0;
        const std::uint64_t gap = in_.varint();
        const std::uint64_t least = dots_left_ == dots_ ? 2 : 1;
        --dots_left_;
        if (gap < least || gap > counter_max - at_) {
            in_.spoil();
            return 0;
        }
        return at_ += gap;
    }

private:
    Reader& in_;
    std::uint64_t actors_left_;
    std::uint64_t dots_left_ = 0;
    std::uint64_t dots_ = 0;
    std::uint64_t base_ = 0;
    std::uint64_t at_ = 0;
    Actor actor_;
    bool first_ = true;
};

/// Whether an encoded context holds a dot; without taking memory. Nothing is held by bytes that are no context.
inline bool context_holds(View context, const Dot& dot) {
    Reader in(context);
    for (ContextCursor at(in); at.next();) {
        if (at.actor() != dot.actor) continue;
        if (dot.counter <= at.base()) return dot.counter != 0;
        while (std::uint64_t single = at.dot())
            if (single == dot.counter) return true;
        return false;
    }
    return false;
}

/// Whether the context `whole` holds everything `part` does; both canonical. Without taking memory.
inline bool context_includes(View whole, View part) {
    Reader whole_in(whole), part_in(part);
    ContextCursor has(whole_in), asked(part_in);
    while (asked.next()) {
        do {
            if (!has.next()) return false;
        } while (has.actor() < asked.actor());
        if (has.actor() != asked.actor() || has.base() < asked.base()) return false;
        std::uint64_t at = has.base();
        while (std::uint64_t dot = asked.dot()) {
            if (dot <= has.base()) continue;
            while (at < dot)
                if (at = has.dot(); at == 0) return false;
            if (at != dot) return false;
        }
    }
    return true;
}

class CausalContext {
public:
    struct Seen {
        Actor actor;
        std::uint64_t base = 0;
        std::vector<std::uint64_t> dots;  ///< sorted, all above base + 1
        bool operator==(const Seen&) const = default;
        bool contains(std::uint64_t counter) const {
            return counter <= base || std::binary_search(dots.begin(), dots.end(), counter);
        }
        /// The highest counter seen; earlier ones may be missing.
        std::uint64_t highest() const { return dots.empty() ? base : dots.back(); }
    };

    bool operator==(const CausalContext&) const = default;
    bool empty() const { return seen_.empty(); }
    const std::vector<Seen>& seen() const { return seen_; }

    bool contains(const Dot& dot) const {
        const Seen* s = of(dot.actor);
        return s != nullptr && dot.counter != 0 && s->contains(dot.counter);
    }
    /// What is seen of an actor, or nullptr.
    const Seen* of(const Actor& actor) const {
        auto at = find(actor);
        return at != seen_.end() && at->actor == actor ? &*at : nullptr;
    }
    /// Position of an actor in seen(), or its size().
    std::size_t index_of(const Actor& actor) const {
        const Seen* s = of(actor);
        return s != nullptr ? static_cast<std::size_t>(s - seen_.data()) : seen_.size();
    }
    void add(const Dot& dot) {
        if (dot.counter == 0) return;
        Seen& s = at(dot.actor);
        if (dot.counter <= s.base) return;
        if (dot.counter == s.base + 1) {
            s.base = dot.counter;  // the usual case, and no list is made for it
            return fold(s);
        }
        auto where = std::lower_bound(s.dots.begin(), s.dots.end(), dot.counter);
        if (where == s.dots.end() || *where != dot.counter) s.dots.insert(where, dot.counter);
        fold(s);
    }
    /// Every counter of the actor up to base that concerns the key is seen.
    void raise(const Actor& actor, std::uint64_t base) {
        if (base == 0) return;
        Seen& s = at(actor);
        s.base = std::max(s.base, base);
        fold(s);
    }
    /// Forgets what was seen of one actor.
    void erase(const Actor& actor) {
        auto where = find(actor);
        if (where != seen_.end() && where->actor == actor) seen_.erase(where);
    }
    /// Unites both, in time linear in their sizes.
    void merge(const CausalContext& other) {
        auto by_actor = [](const Seen& a, const Seen& b) { return a.actor < b.actor; };
        if (std::includes(seen_.begin(), seen_.end(), other.seen_.begin(), other.seen_.end(), by_actor)) {
            auto mine = seen_.begin();
            for (const Seen& theirs : other.seen_) {
                while (mine->actor != theirs.actor) ++mine;
                *mine = unite(*mine, theirs);
            }
            return;
        }
        std::vector<Seen> both;
        both.reserve(seen_.size() + other.seen_.size());
        auto mine = seen_.begin();
        for (const Seen& theirs : other.seen_) {
            for (; mine != seen_.end() && mine->actor < theirs.actor; ++mine) both.push_back(std::move(*mine));
            if (mine != seen_.end() && mine->actor == theirs.actor)
                both.push_back(unite(*mine++, theirs));
            else
                both.push_back(theirs);
        }
        std::move(mine, seen_.end(), std::back_inserter(both));
        seen_ = std::move(both);
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
    Bytes encoded() const {
        Bytes out;
        Writer writer(out);
        encode(writer);
        return out;
    }
    /// Reads one context; anything but the canonical form spoils the reader and gives an empty one. Takes
    /// memory in proportion to the bytes that are there, whatever they claim.
    static CausalContext decode(Reader& in) {
        CausalContext out;
        out.read(in);
        return out;
    }
    /// As decode(), into a context whose memory is used again.
    void read(Reader& in) {
        seen_.clear();
        ContextCursor cursor(in);
        while (cursor.next()) {
            Seen& s = seen_.emplace_back(Seen{cursor.actor(), cursor.base(), {}});
            s.dots.reserve(static_cast<std::size_t>(cursor.dots()));
            while (std::uint64_t dot = cursor.dot()) s.dots.push_back(dot);
        }
        if (in.bad()) seen_.clear();
    }
    void clear() { seen_.clear(); }
    /// Bytes that are one context and nothing else. No bytes at all mean "nothing seen".
    static std::optional<CausalContext> parse(View bytes) {
        if (bytes.empty()) return CausalContext();
        Reader in(bytes);
        CausalContext out = decode(in);
        if (!in.done()) return std::nullopt;
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
    static Seen unite(const Seen& a, const Seen& b) {
        Seen out{a.actor, std::max(a.base, b.base), {}};
        out.dots.reserve(a.dots.size() + b.dots.size());
        std::set_union(a.dots.begin(), a.dots.end(), b.dots.begin(), b.dots.end(), std::back_inserter(out.dots));
        fold(out);
        return out;
    }
    /// Drops dots the base covers and draws the base up over dots that touch it.
    static void fold(Seen& s) {
        auto keep = s.dots.begin();
        while (keep != s.dots.end() && *keep - 1 <= s.base) s.base = std::max(s.base, *keep++);
        s.dots.erase(s.dots.begin(), keep);
    }

    std::vector<Seen> seen_;  ///< sorted by actor
};

}  // namespace ashlar::kit
