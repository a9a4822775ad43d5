#include "apply.h"

#include <algorithm>
#include <map>

#include "kit/resolve.h"

namespace ashlar::crdt {
namespace {

/// 256 bytes of a counter for each node that adds to it, where clients give request ids.
constexpr std::size_t requests_most = 32;

std::uint64_t hash_of(const RequestId& request) {
    // Never 0, which is nobody's.
    return kit::hash64(View(reinterpret_cast<const char*>(request.bytes.data()), request.bytes.size())) | 1;
}

/// Does the steps one by one on what is held and on what the operation itself has made so far.
class Doing {
public:
    Doing(const Change& change, const kit::CausalContext& seen, State& state)
        : change_(change), seen_(seen), state_(state) {}

    Result<void> take(const Step& step) {
        switch (step.verb) {
            case Verb::increment:
                return increment(step);
            case Verb::add:
                put(Fact{step.path, Kind::element, step.data, 0});
                return {};
            case Verb::assign:
                put(Fact{step.path, Kind::reg, step.data, 0});
                return {};
            case Verb::remove:
                drop(Fact{step.path, Kind::element, step.data, 0});
                return {};
            case Verb::clear:
                clear(step.path);
                return {};
        }
        return {};
    }

    Extra made(Facet facet) {
        Extra out;
        out.facet = facet;
        for (const auto& [place, fact] : made_) out.facts.push_back(fact);
        if (requests_.size() > requests_most) requests_.erase(requests_.begin(), requests_.end() - requests_most);
        out.requests = std::move(requests_);
        return out;
    }

private:
    using Place = decltype(std::declval<const Fact&>().place());

    bool may_take(const Item& item) const { return seen_.empty() || seen_.contains(item.version.dot); }

    template <class Gone>
    void take_away(Gone gone) {
        for (Item& item : state_.items) {
            if (item.typed() && may_take(item)) std::erase_if(item.extra.facts, gone);
        }
        std::erase_if(made_, [&gone](const auto& one) { return gone(one.second); });
    }
    void drop(const Fact& fact) {
        take_away([&fact](const Fact& held) { return held.place() == fact.place(); });
    }
    void put(const Fact& fact) {
        drop(fact);
        made_.insert_or_assign(fact.place(), fact);
    }
    void clear(View path) {
        // The names begin behind one byte, their count.
        const View names = path.substr(1);
        take_away([&names](const Fact& held) { return held.path.size() > 1 && held.path.substr(1).starts_with(names); });
    }
    Result<void> increment(const Step& step) {
        Fact fact{step.path, Kind::counter, {}, step.amount};
        std::int64_t sum = step.amount;
        bool over = false;
        if (auto at = made_.find(fact.place()); at != made_.end())
            over = __builtin_add_overflow(sum, at->second.amount, &sum);
        // What this node added before becomes part of the new amount; what others did is theirs.
        for (Item& item : state_.items) {
            const Dot& dot = item.version.dot;
            if (!item.typed() || dot.actor != change_.dot.actor || dot.counter > change_.complete_through) continue;
            auto held = std::find_if(item.extra.facts.begin(), item.extra.facts.end(),
                                     [&fact](const Fact& one) { return one.place() == fact.place(); });
            if (held == item.extra.facts.end()) continue;
            over = __builtin_add_overflow(sum, held->amount, &sum) || over;
            item.extra.facts.erase(held);
            remember(item);
        }
        if (over)
            return fail(Code::invalid_request, "this node's part of the counter would leave the range of 64 bits");
        fact.amount = sum;
        made_.insert_or_assign(fact.place(), fact);
        return {};
    }
    void remember(const Item& item) {
        for (std::uint64_t request : item.extra.requests) remember(request);
        if (item.version.request.given()) remember(hash_of(item.version.request));
    }
    void remember(std::uint64_t request) {
        if (std::find(requests_.begin(), requests_.end(), request) == requests_.end()) requests_.push_back(request);
    }

    const Change& change_;
    const kit::CausalContext& seen_;
    State& state_;
    std::map<Place, Fact> made_;
    std::vector<std::uint64_t> requests_;
};

bool is_tombstone(const Item& item, WallTime now) {
    return !item.typed() &&
           (item.version.kind != VersionKind::value || kit::has_expired(item.version.expires, now));
}

}  // namespace

Result<void> apply(const Operation& operation, const Change& change, const kit::CausalContext& seen, State& state) {
    if (change.expires.us > 0)
        return fail(Code::invalid_request, "an operation does not expire: give it a time to live of 0");
    for (const Item& item : state.items) {
        if (item.extra.facet != operation.facet && !is_tombstone(item, change.wall))
            return fail(Code::invalid_request,
                        kit::text("the key holds ", kind_of(item.extra.facet), ", the operation is for ",
                                  kind_of(operation.facet), ": remove the key first, or use another"));
    }
    Doing doing(change, seen, state);
    for (const Step& step : operation.steps)
        if (auto done = doing.take(step); !done) return done;
    // A tombstone that was seen has done its work.
    std::erase_if(state.items, [&](const Item& item) {
        return item.typed() ? item.extra.facts.empty() : is_tombstone(item, change.wall);
    });
    Item made;
    made.version.dot = change.dot;
    made.version.wall = change.wall;
    made.version.request = change.request;
    made.extra = doing.made(operation.facet);
    if (made.extra.facts.empty()) {
        // A dot must stay, also where other versions do: they may be the ones a reader saw, with other facts in them.
        // It goes with the next operation, and is forgotten in time where nothing else is left.
        made.version.kind = VersionKind::removed;
        made.extra = Extra{};
    }
    auto where = std::upper_bound(state.items.begin(), state.items.end(), made,
                                  [](const Item& a, const Item& b) { return a.version.dot < b.version.dot; });
    state.items.insert(where, std::move(made));
    return {};
}

bool known(const State& state, const Change& change) {
    if (!change.request.given()) return false;
    const std::uint64_t hash = hash_of(change.request);
    return std::any_of(state.items.begin(), state.items.end(), [&](const Item& item) {
        if (!item.typed()) return kit::is_retry(item.version, change);
        if (!is_operation(change.value) || change.remove) return false;
        return item.version.request == change.request ||
               std::find(item.extra.requests.begin(), item.extra.requests.end(), hash) != item.extra.requests.end();
    });
}

}  // namespace ashlar::crdt
