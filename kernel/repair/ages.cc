#include "repair/ages.h"

#include <algorithm>
#include <set>

namespace ashlar::repair {

namespace {

/// Of two that are hastened the one that has waited longest for a round of this node: others' rounds keep some equal_at
/// young, and these would wait for ever behind those that nobody else begins.
bool goes_before(const Age& one, const Age& other) {
    if (one.hastened != other.hastened) return one.hastened;
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
    agenda_.clear();
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
    const bool all = table.value == 0;
    auto at = all ? ages_.begin() : ages_.upper_bound(Place{table, tokens.first});
    if (!all && at != ages_.begin()) --at;  // the partition that holds the first token
    for (; at != ages_.end() && (all || at->first <= Place{table, tokens.last}); ++at) {
        Age& age = at->second;
        if (!all && at->first.first != table) continue;
        if (age.tokens.last < tokens.first || tokens.last < age.tokens.first) continue;
        age.hastened = true;
        age.hastened_at = now;
    }
    agenda_.clear();
}

void Ages::equal(Age& age, Instant at) {
    if (age.proven && at < age.equal_at) return;
    age.proven = true;
    age.equal_at = std::max(age.equal_at, at);
}

std::optional<Ages::Place> Ages::next(Instant now, Duration interval, bool hastened_only, const Begins& begins) {
    const auto wanted = [&](const Age& age) {
        if (age.running || now < age.not_before) return false;
        return (age.hastened || (!hastened_only && age.equal_at + interval <= now)) && begins(age);
    };
    while (!agenda_.empty()) {
        const Place place = agenda_.back();
        agenda_.pop_back();
        if (wanted(ages_.at(place))) return place;
    }
    look(wanted);
    if (agenda_.empty()) return std::nullopt;
    const Place place = agenda_.back();
    agenda_.pop_back();
    return place;
}

void Ages::look(const std::function<bool(const Age&)>& wanted) {
    std::vector<std::pair<const Age*, Place>> found;
    for (const auto& [place, age] : ages_)
        if (wanted(age)) found.emplace_back(&age, place);
    const auto end = found.begin() + static_cast<std::ptrdiff_t>(std::min(found.size(), agenda_most));
    std::partial_sort(found.begin(), end, found.end(), [](const auto& one, const auto& other) {
        if (goes_before(*one.first, *other.first)) return true;
        return !goes_before(*other.first, *one.first) && one.second < other.second;
    });
    for (auto at = end; at != found.begin();) agenda_.push_back((--at)->second);
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
