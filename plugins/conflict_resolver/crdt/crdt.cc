#include "crdt.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "apply.h"
#include "kit/resolve.h"

namespace ashlar::crdt {
namespace {

/// Steps that only take away are the way out of a value that is too large, so they may leave a tombstone in it.
bool adds(const Operation& operation) {
    return std::any_of(operation.steps.begin(), operation.steps.end(),
                       [](const Step& step) { return step.verb != Verb::remove && step.verb != Verb::clear; });
}

/// A plain value or a removal: replaces exactly what was seen, of any kind.
void put_plain(const Change& change, const kit::CausalContext& seen, State& state) {
    std::erase_if(state.items, [&seen](const Item& item) { return seen.contains(item.version.dot); });
    Item made{kit::version_of(change, change.dot), {}};
    auto where = std::upper_bound(state.items.begin(), state.items.end(), made,
                                  [](const Item& a, const Item& b) { return a.version.dot < b.version.dot; });
    state.items.insert(where, std::move(made));
}

/// Which of an entry's versions show a value to readers: plain ones, and the newest of each kind.
class Shown {
public:
    explicit Shown(View entry) {
        kit::EntryWalk walk(entry);
        for (kit::StoredVersion version; walk.next(version);)
            if (const auto facet = of(version); facet != 0) newest_[facet] = version.dot;
    }
    bool operator()(const kit::StoredVersion& version) const {
        const auto facet = of(version);
        return facet == 0 || newest_[facet] == version.dot;
    }

private:
    static std::size_t of(const kit::StoredVersion& version) {
        if (version.extra.empty()) return 0;
        return std::min<std::size_t>(static_cast<unsigned char>(version.extra[0]), facets - 1);
    }
    std::array<Dot, facets> newest_;
};

}  // namespace

bool Crdt::needs_held(const Change& change) const noexcept {
    return !change.context.empty() || (!change.remove && is_operation(change.value));
}

Result<Bytes> Crdt::update(View held, const Change& change) const noexcept {
    Result<kit::CausalContext> seen = kit::context_before(change);
    if (!seen) return seen.error();
    State state;
    if (!held.empty()) {
        Result<State> opened = State::open(held);
        if (!opened) return opened.error();
        state = std::move(*opened);
    }
    if (state.context.contains(change.dot))
        return fail(Code::invalid_request, kit::text("counter ", change.dot.counter, " of this actor is already used"));
    if (known(state, change)) return Bytes(held);
    bool may_grow = true;
    if (!change.remove && is_operation(change.value)) {
        Result<Operation> operation = parse_operation(change.value);
        if (!operation) return operation.error();
        // What the client saw and this node does not hold yet stays to be joined: only what is held is taken away.
        if (auto applied = apply(*operation, change, *seen, state); !applied) return applied.error();
        may_grow = adds(*operation);
    } else {
        put_plain(change, *seen, state);
        state.context.merge(*seen);
    }
    state.context.raise(change.dot.actor, std::min(change.complete_through, change.dot.counter - 1));
    state.context.add(change.dot);
    Bytes made = state.encoded();
    if (may_grow && made.size() > entry_bytes_max_ && made.size() > held.size())
        return fail(Code::invalid_request, kit::text("the value would take ", made.size(), " bytes, over the limit of ",
                                                     entry_bytes_max_, " (crdt.entry_bytes_max)"));
    return made;
}

Result<Bytes> Crdt::join(View a, View b) const noexcept {
    if (kit::covers(b, a, head)) return Bytes(b);
    if (kit::covers(a, b, head)) return Bytes(a);
    Result<State> left = State::open(a);
    if (!left) return left.error();
    if (a == b) return Bytes(a);
    Result<State> right = State::open(b);
    if (!right) return right.error();
    return State::join(*left, *right).encoded();
}

Result<void> Crdt::read(View entry, WallTime now, Reading& reading) const noexcept {
    reading.versions.clear();
    reading.values = 0;
    reading.truncated = false;
    reading.context.clear();
    const Shown shown(entry);
    for (const bool want_values : {true, false}) {
        kit::EntryWalk walk(entry);
        if (!walk.ok() || walk.head() != head) return kit::refuse_head(walk.head(), head, name);
        reading.context.assign(walk.context());
        for (kit::StoredVersion v; walk.next(v);) {
            const bool lives = v.kind == VersionKind::value && !kit::has_expired(v.expires, now);
            // What adds to another's text is there too: who has not seen it has not seen the value.
            const bool value = lives && shown(v);
            if (value != want_values) continue;
            const bool retried = value && v.request.given() && reading.versions.size() < 128 &&
                                 std::any_of(reading.versions.begin(), reading.versions.end(), [&v](const Version& seen) {
                                     return seen.request == v.request && seen.value == v.value;
                                 });
            if (retried) continue;
            VersionKind kind = !lives && v.kind == VersionKind::value ? VersionKind::expired : v.kind;
            if (lives && !value) kind = VersionKind::removed;
            reading.versions.push_back(Version{kind, value ? v.value : View(), v.dot, v.wall, v.expires, v.request});
        }
        if (!walk.ok()) return kit::refuse_head(kit::EntryHead{}, head, name);
        if (want_values) reading.values = static_cast<std::uint32_t>(reading.versions.size());
    }
    return {};
}

Result<Bytes> Crdt::settle(View entry, const Keep& keep) const noexcept {
    return kit::settle_versions(entry, head, name, keep);
}

Result<void> Crdt::check(View entry) const noexcept {
    Result<State> state = State::open(entry);
    if (!state) return state.error();
    return {};
}

}  // namespace ashlar::crdt
