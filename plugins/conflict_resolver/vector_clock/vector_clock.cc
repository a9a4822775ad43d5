#include "vector_clock.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "clock.h"
#include "kit/resolve.h"

namespace ashlar::vector_clock {

namespace {

struct Clocked {
    kit::StoredVersion version;
    Clock clock;
};
using Versions = std::vector<Clocked>;

/// The pasts of all versions: what some version of the entry has replaced.
kit::CausalContext pasts(const Versions& versions) {
    std::vector<kit::CausalContext> all;
    all.reserve(versions.size());
    for (const Clocked& c : versions) all.push_back(c.clock.past);
    return unite(std::move(all));
}

Bytes write(const Versions& versions) {
    kit::CausalContext context = pasts(versions);
    std::vector<kit::StoredVersion> plain;
    plain.reserve(versions.size());
    for (const Clocked& c : versions) {
        context.add(c.version.dot);
        plain.push_back(c.version);
    }
    return kit::write_entry(head, context, plain);
}

/// Opens an entry whose clocks fit together: none has seen itself or another, and the context is their union.
Result<Versions> open(View entry) {
    const Error malformed = kit::refuse_head(kit::EntryHead{}, head, name);
    std::optional<kit::EntryParts> parts = kit::open_entry(entry);
    if (!parts) return malformed;
    if (parts->head != head) return kit::refuse_head(parts->head, head, name);
    Versions versions;
    versions.reserve(parts->versions.size());
    for (const kit::StoredVersion& v : parts->versions) {
        std::optional<Clock> clock = Clock::decode(v.extra);
        if (!clock || v.dot.actor == nobody) return malformed;
        versions.push_back({v, std::move(*clock)});
    }
    kit::CausalContext all = pasts(versions);
    for (const Clocked& c : versions)
        if (all.contains(c.version.dot)) return malformed;
    for (const Clocked& c : versions) all.add(c.version.dot);
    if (all != parts->context) return malformed;
    return versions;
}

/// What a new version has seen: the context, and what the versions it replaces had seen.
Clock clock_of(const Versions& held, kit::CausalContext seen, WallTime wall, std::vector<Actor>& replaced) {
    Clock made;
    made.past = std::move(seen);
    const kit::CausalContext given = made.past;
    for (const Clocked& c : held) {
        if (!given.contains(c.version.dot)) continue;
        made.past.merge(c.clock.past);
        replaced.push_back(c.version.dot.actor);
    }
    std::sort(replaced.begin(), replaced.end());
    // A pair nobody here knows has just been learnt from the client, so it is as young as this write.
    for (const auto& pair : made.past.seen()) {
        std::optional<WallTime> grown;
        for (const Clocked& c : held) {
            if (c.version.dot.actor == pair.actor) grown = std::max(grown, std::optional(c.version.wall));
            grown = std::max(grown, c.clock.grown_at(pair.actor));
        }
        made.grown.push_back(pair.actor == nobody ? WallTime{} : grown.value_or(wall));
    }
    return made;
}

}  // namespace

bool VectorClock::needs_held(const Change&) const noexcept {
    return true;
}

Result<Bytes> VectorClock::update(View held, const Change& change) const noexcept {
    std::optional<kit::CausalContext> seen = kit::CausalContext::parse(change.context);
    if (!seen) return fail(Code::invalid_request, "the context is damaged: give back the bytes of a read unchanged");
    if (const auto* dropped = seen->of(nobody); dropped != nullptr && !dropped->dots.empty())
        return fail(Code::invalid_request, "the context is damaged: dropped pairs have one counter");
    if (change.dot.actor == nobody) return fail(Code::invalid_request, "a write needs an actor");
    Versions versions;
    if (!held.empty()) {
        Result<Versions> opened = open(held);
        if (!opened) return opened.error();
        versions = std::move(*opened);
    }
    for (const Clocked& c : versions)
        if (kit::is_retry(c.version, change)) return Bytes(held);

    std::uint64_t counter = highest(*seen, change.dot.actor);
    for (const Clocked& c : versions) {
        counter = std::max(counter, highest(c.clock.past, change.dot.actor));
        if (c.version.dot.actor == change.dot.actor) counter = std::max(counter, c.version.dot.counter);
    }
    if (counter >= kit::counter_max)
        return fail(Code::invalid_request, kit::text("the key's counter has reached its end, ", kit::counter_max));

    std::vector<Actor> replaced;
    Clock clock = clock_of(versions, std::move(*seen), change.wall, replaced);
    clock.prune(clock_pairs_max_, change.dot.actor, replaced);
    std::erase_if(versions, [&](const Clocked& c) { return clock.past.contains(c.version.dot); });
    const Bytes extra = clock.encoded();
    Clocked made{kit::version_of(change, Dot{change.dot.actor, counter + 1}), std::move(clock)};
    made.version.extra = extra;
    auto where = std::upper_bound(versions.begin(), versions.end(), made.version.dot,
                                  [](const Dot& dot, const Clocked& c) { return dot < c.version.dot; });
    versions.insert(where, std::move(made));
    return write(versions);
}

Result<Bytes> VectorClock::join(View a, View b) const noexcept {
    Result<Versions> left = open(a);
    if (!left) return left.error();
    if (a == b) return Bytes(a);
    Result<Versions> right = open(b);
    if (!right) return right.error();
    Versions all = std::move(*left);
    std::move(right->begin(), right->end(), std::back_inserter(all));
    std::sort(all.begin(), all.end(), [](const Clocked& x, const Clocked& y) {
        return x.version.dot != y.version.dot ? x.version.dot < y.version.dot
                                              : y.version.content() < x.version.content();
    });
    auto repeated = [](const Clocked& x, const Clocked& y) { return x.version.dot == y.version.dot; };
    all.erase(std::unique(all.begin(), all.end(), repeated), all.end());
    const kit::CausalContext replaced = pasts(all);
    std::erase_if(all, [&](const Clocked& c) { return replaced.contains(c.version.dot); });
    return write(all);
}

Result<void> VectorClock::read(View entry, WallTime now, Reading& reading) const noexcept {
    Result<void> done = kit::read_versions(entry, head, name, now, reading);
    if (!done) return done;
    kit::Reader in(reading.context);
    kit::ContextCursor cursor(in);
    reading.truncated = cursor.next() && cursor.actor() == nobody;
    return {};
}

Result<Bytes> VectorClock::settle(View entry, const Keep& keep) const noexcept {
    return kit::settle_versions(entry, head, name, keep);
}

Result<void> VectorClock::check(View entry) const noexcept {
    Result<Versions> versions = open(entry);
    if (!versions) return versions.error();
    return {};
}

}  // namespace ashlar::vector_clock
