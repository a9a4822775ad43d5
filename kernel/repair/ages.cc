#include "repair/ages.h"

#include <algorithm>
#include <set>

namespace ashlar::repair {

namespace {

/// Of two that are both hastened, or both not. What is hastened wants a round of this node: others' rounds keep some
/// equal_at young, and these would wait for ever behind those that nobody else begins.
bool goes_before(const Age& one, const Age& other) {
    if (one.hastened && one.not_before != other.not_before) return one.not_before < other.not_before;
    return one.equal_at < other.equal_at;
}

}  // namespace

void Ages::replace(std::map<Place, Age> owned, Instant now) {
    for (auto& [place, age] : owned) {
        auto known = ages_.find(place);
        if (known != ages_.end() && known->second.tokens == age.tokens) {
            const bool same = known->second.owners == age.owners;
            std::vector<NodeId> owners = std::move(age.owners);
            age = known->second;
            age.owners = std::move(owners);
            age.running = false;  // a round of before proves nothing any more
            // A new owner holds what it holds: nothing is proven of it.
            if (!same) age.proven = false;
        } else {
            age.equal_at = now;
        }
    }
    ages_ = std::move(owned);
}

Age* Ages::find(const Place& place) {
    auto at = ages_.find(place);
    return at == ages_.end() ? nullptr : &at->second;
}

Age* Ages::find(TableId table, const TokenRange& tokens) {
    auto at = ages_.upper_bound(Place{table, tokens.first});
    if (at == ages_.begin()) return nullptr;
    --at;
    const TokenRange& held = at->second.tokens;
    return at->first.first == table && held.first <= tokens.first && tokens.last <= held.last ? &at->second : nullptr;
}

void Ages::hasten(TableId table, const TokenRange& tokens, Instant now) {
    for (auto& [place, age] : ages_) {
        if (table.value != 0 && place.first != table) continue;
        if (age.tokens.last < tokens.first || tokens.last < age.tokens.first) continue;
        age.hastened = true;
        age.hastened_at = now;
    }
}

void Ages::equal(Age& age, Instant at) {
    if (age.proven && at < age.equal_at) return;
    age.proven = true;
    age.equal_at = std::max(age.equal_at, at);
}

std::optional<Ages::Place> Ages::next(Instant now, Duration interval, bool hastened_only, const Begins& begins) const {
    const Age* best = nullptr;
    std::optional<Place> where;
    for (const auto& [place, age] : ages_) {
        if (age.running || now < age.not_before) continue;
        if (!age.hastened && (hastened_only || now < age.equal_at + interval)) continue;
        if (best != nullptr) {
            if (best->hastened && !age.hastened) continue;
            if (best->hastened == age.hastened && !goes_before(age, *best)) continue;
        }
        if (!begins(age)) continue;
        best = &age;
        where = place;
    }
    return where;
}

Instant Ages::due(Duration interval) const {
    Instant due = port::never;
    for (const auto& [place, age] : ages_) {
        if (age.running) continue;
        due = std::min(due, age.hastened ? age.not_before : std::max(age.not_before, age.equal_at + interval));
    }
    return due;
}

void Ages::tell(Convergence& out, Instant now) const {
    std::set<NodeId> waiting_for;
    for (const auto& [place, age] : ages_) {
        if (out.tables.empty() || out.tables.back().table != place.first) {
            out.tables.emplace_back();
            out.tables.back().table = place.first;
        }
        Convergence::Table& table = out.tables.back();
        ++table.partitions;
        if (!age.proven) ++table.never_proven;
        table.oldest = std::max(table.oldest, now - age.equal_at);
        table.waiting_tombstones += age.waiting_tombstones;
        out.waiting_tombstones += age.waiting_tombstones;
        out.oldest = std::max(out.oldest, table.oldest);
        waiting_for.insert(age.waiting_for.begin(), age.waiting_for.end());
    }
    out.waiting_for.assign(waiting_for.begin(), waiting_for.end());
}

Duration Ages::oldest(Instant now) const {
    Duration oldest{0};
    for (const auto& [place, age] : ages_) oldest = std::max(oldest, now - age.equal_at);
    return oldest;
}

}  // namespace ashlar::repair
