#include "history.h"

#include <algorithm>
#include <tuple>

#include "kit/text.h"

namespace ashlar::contract {

History::History(const ConflictResolver& resolver, Rule rule, std::uint64_t seed, int replicas)
    : resolver_(resolver), rule_(rule), random_(seed), copies_(static_cast<std::size_t>(replicas)) {}

void History::step() {
    now_ += 1 + static_cast<std::int64_t>(random_.below(5));
    const std::size_t one = random_.below(copies_.size()), other = random_.below(copies_.size());
    switch (random_.below(10)) {
        case 0:
        case 1:
        case 2:
            write(static_cast<int>(one));
            break;
        case 3:
        case 4:
        case 5:
            if (!under_way_.empty()) deliver(random_.below(under_way_.size()));
            break;
        case 6:
            absorb(copies_[one], Copy(copies_[other]));
            break;
        case 7:
        case 8: {
            Reading reading;
            if (copies_[one].entry.empty() || !resolver_.read(copies_[one].entry, WallTime{now_}, reading)) break;
            reads_.push_back({reading.context, copies_[one].seen});
            break;
        }
        default: {
            now_ += 40;
            if (copies_[one].entry.empty()) break;
            Result<Bytes> settled = resolver_.settle(copies_[one].entry, Keep{WallTime{now_}, WallTime{0}});
            if (!settled || settled->empty()) return complain("settling lost an entry");
            copies_[one].entry = *settled;
            compare(copies_[one]);
        }
    }
}

void History::write(int replica) {
    Fact fact;
    const int id = static_cast<int>(facts_.size());
    const Seen seen = reads_.empty() || random_.one_in(3)
                          ? Seen{}
                          : reads_[reads_.size() - 1 - random_.below(std::min<std::size_t>(reads_.size(), 6))];
    fact.remove = !seen.context.empty() && random_.one_in(4);
    fact.value = kit::text("write ", id);
    fact.wall = WallTime{now_ + replica * 3};  // clocks differ
    if (!fact.remove && random_.one_in(4))
        fact.expires = WallTime{now_ + static_cast<std::int64_t>(random_.below(60)) + 1};
    fact.dot = Dot{Actor{NodeId{static_cast<std::uint64_t>(replica) + 1}, 1, 0}, 1};
    for (const Fact& f : facts_)
        if (f.dot.actor == fact.dot.actor) fact.dot.counter = f.dot.counter + 1 + random_.below(3);
    facts_.push_back(fact);

    Copy& own = copies_[static_cast<std::size_t>(replica)];
    const bool sees_held = resolver_.needs_held(change_for(fact, seen.context, replica, false));
    const Change change = change_for(fact, seen.context, replica, sees_held);
    const Copy base = sees_held ? own : Copy{};
    Result<Bytes> made = resolver_.update(base.entry, change);
    if (!made) return complain("update: " + made.error().detail);
    Copy next{*made, base.seen, base.live};
    if (rule_ != Rule::latest) {  // where stamps decide, what a write has seen does not
        for (int gone : seen.seen) next.live.erase(gone);
        next.seen.insert(seen.seen.begin(), seen.seen.end());
        next.seen.insert(id);
    }
    next.live.insert(id);
    pool_.push_back(next.entry);
    if (!base.entry.empty()) {
        Result<Bytes> joined = resolver_.join(base.entry, next.entry);
        if (!joined || *joined != next.entry) complain("joining an update to what it was made from changed it");
    }
    for (int to = 0; to < static_cast<int>(copies_.size()); ++to)
        if (to != replica && !random_.one_in(4)) under_way_.push_back({to, next});
    // A blind write may take its time to reach even its own node; a causal one is made on what that holds.
    if (!sees_held && random_.one_in(3))
        under_way_.push_back({replica, next});
    else
        absorb(own, next);
}

Change History::change_for(const Fact& fact, View context, int replica, bool sees_held) const {
    Change change;
    change.remove = fact.remove;
    change.value = fact.remove ? View() : View(fact.value);
    change.context = context;
    change.dot = fact.dot;
    change.wall = fact.wall;
    change.expires = fact.expires;
    if (!sees_held) return change;
    change.complete_through = fact.dot.counter - 1;
    for (const Message& m : under_way_)
        for (int id : m.copy.live) {
            const Dot& dot = facts_[static_cast<std::size_t>(id)].dot;
            if (m.to == replica && dot.actor == fact.dot.actor)
                change.complete_through = std::min(change.complete_through, dot.counter - 1);
        }
    return change;
}

void History::absorb(Copy& into, const Copy& from) {
    if (from.entry.empty()) return;
    if (into.entry.empty()) {
        into = from;
    } else {
        Result<Bytes> joined = resolver_.join(into.entry, from.entry);
        if (!joined) return complain("join: " + joined.error().detail);
        into.entry = *joined;
        std::set<int> live;
        for (int id : into.live)
            if (from.live.contains(id) || !from.seen.contains(id)) live.insert(id);
        for (int id : from.live)
            if (!into.seen.contains(id)) live.insert(id);
        into.live = live;
        into.seen.insert(from.seen.begin(), from.seen.end());
    }
    if (rule_ == Rule::latest) keep_latest(into.live);
    pool_.push_back(into.entry);
    compare(into);
}

void History::deliver(std::size_t message) {
    const Message taken = under_way_[message];
    under_way_.erase(under_way_.begin() + static_cast<std::ptrdiff_t>(message));
    absorb(copies_[static_cast<std::size_t>(taken.to)], taken.copy);
}

void History::keep_latest(std::set<int>& live) const {
    auto stamp = [&](int id) {
        const Fact& f = facts_[static_cast<std::size_t>(id)];
        return std::tuple(f.wall, f.dot);
    };
    const auto last = std::max_element(live.begin(), live.end(), [&](int a, int b) { return stamp(a) < stamp(b); });
    if (last != live.end()) live = {*last};
}

void History::compare(const Copy& copy) {
    Reading reading;
    if (!resolver_.check(copy.entry)) complain("an entry the resolver made does not pass its check");
    if (!resolver_.read(copy.entry, WallTime{now_}, reading)) return complain("an entry cannot be read");
    std::set<std::string> shown, wanted;
    for (std::size_t i = 0; i < reading.values; ++i) shown.emplace(reading.versions[i].value);
    for (int id : copy.live) {
        const Fact& f = facts_[static_cast<std::size_t>(id)];
        if (!f.remove && (f.expires.us == 0 || f.expires > WallTime{now_})) wanted.insert(f.value);
    }
    for (const std::string& value : wanted)
        if (!shown.contains(value)) complain(kit::text("'", value, "' is lost"));
    for (const std::string& value : shown)
        if (rule_ != Rule::superset && !wanted.contains(value)) complain(kit::text("'", value, "' is back"));
}

bool History::converge() {
    while (!under_way_.empty()) deliver(0);
    for (std::size_t round = 0; round < 2; ++round)
        for (Copy& into : copies_)
            for (const Copy& from : copies_) absorb(into, Copy(from));
    for (Copy& copy : copies_) {  // one moment for all: some may have settled and others not
        if (copy.entry.empty()) continue;
        Result<Bytes> settled = resolver_.settle(copy.entry, Keep{WallTime{now_}, WallTime{0}});
        if (settled) copy.entry = *settled;
        compare(copy);
    }
    return std::all_of(copies_.begin(), copies_.end(), [&](const Copy& c) { return c.entry == copies_[0].entry; });
}

}  // namespace ashlar::contract
