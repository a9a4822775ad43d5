#include "repair/bucket_tree.h"

#include <algorithm>
#include <array>

namespace ashlar::repair {

namespace {

constexpr TokenRange whole{0, ~Token{0}};

bool overlap(const TokenRange& a, const TokenRange& b) {
    return a.first <= b.last && b.first <= a.last;
}
bool within(const TokenRange& inner, const TokenRange& outer) {
    return outer.first <= inner.first && inner.last <= outer.last;
}
TokenRange common(const TokenRange& a, const TokenRange& b) {
    return {std::max(a.first, b.first), std::min(a.last, b.last)};
}

}  // namespace

BucketTree::Place BucketTree::quarter(const Place& parent, unsigned which) const {
    // A quarter of 2^64 tokens is 2^62, and so on down to one: the arithmetic never leaves 64 bits.
    const Token size = (parent.tokens.last - parent.tokens.first) / 4 + 1;
    const Token first = parent.tokens.first + size * which;
    return {nodes_[parent.node].quarters + which, {first, first + (size - 1)}};
}

BucketTree::Place BucketTree::bucket_of(Token token) const {
    Place at{0, whole};
    while (nodes_[at.node].quarters != 0) {
        const Token size = (at.tokens.last - at.tokens.first) / 4 + 1;
        at = quarter(at, static_cast<unsigned>((token - at.tokens.first) / size));
    }
    return at;
}

void BucketTree::mark(Token token) {
    Place at{0, whole};
    nodes_[0].freshness = Freshness::stale;
    while (nodes_[at.node].quarters != 0) {
        const Token size = (at.tokens.last - at.tokens.first) / 4 + 1;
        at = quarter(at, static_cast<unsigned>((token - at.tokens.first) / size));
        nodes_[at.node].freshness = Freshness::stale;
    }
}

std::optional<TokenRange> BucketTree::stale_in(const TokenRange& range, WallTime as_of) const {
    return stale_below({0, whole}, range, as_of);
}

std::optional<TokenRange> BucketTree::stale_below(const Place& place, const TokenRange& range, WallTime as_of) const {
    const Node& node = nodes_[place.node];
    if (!overlap(place.tokens, range) || !stale(node, as_of)) return std::nullopt;
    if (node.quarters == 0) return node.freshness == Freshness::scanning ? std::nullopt : std::optional(place.tokens);
    for (unsigned which = 0; which < 4; ++which)
        if (auto found = stale_below(quarter(place, which), range, as_of)) return found;
    return std::nullopt;
}

std::optional<BucketTree::Place> BucketTree::find(const TokenRange& bucket) const {
    const Place place = bucket_of(bucket.first);
    return place.tokens == bucket ? std::optional(place) : std::nullopt;
}

void BucketTree::begin(const TokenRange& bucket) {
    if (auto place = find(bucket)) nodes_[place->node].freshness = Freshness::scanning;
}

void BucketTree::abandon(const TokenRange& bucket) {
    auto place = find(bucket);
    if (place && nodes_[place->node].freshness == Freshness::scanning) mark(bucket.first);
}

void BucketTree::learn(const TokenRange& bucket, std::span<const TokenSum> found, Token through) {
    auto place = find(bucket);
    if (!place) return;
    const Freshness freshness = nodes_[place->node].freshness;
    if (freshness == Freshness::clean) return;  // nobody began
    fill(*place, found, through, freshness == Freshness::stale);
    renew_above(bucket.first);
}

/// Makes a bucket, or the cut it has become, of what was found in it. One that was written meanwhile is cut by what
/// was found, since that says how full it is, and stays stale.
void BucketTree::fill(const Place& place, std::span<const TokenSum> found, Token through, bool written_meanwhile) {
    Node known;
    for (const TokenSum& token : found) {
        known.sum += token.sum;
        known.keys += token.keys;
        known.until = std::min(known.until, token.until);
    }
    const bool complete = place.tokens.last <= through;
    if (complete && !written_meanwhile) known.freshness = Freshness::clean;
    const bool one_token = place.tokens.first == place.tokens.last;
    if (one_token || known.keys <= full_) {
        nodes_[place.node] = known;
        return;
    }
    cut_in_four(place);
    for (unsigned which = 0; which < 4; ++which) {
        const Place part = quarter(place, which);
        auto end = std::upper_bound(found.begin(), found.end(), part.tokens.last,
                                    [](Token token, const TokenSum& sum) { return token < sum.token; });
        const auto count = static_cast<std::size_t>(end - found.begin());
        fill(part, found.first(count), through, written_meanwhile);
        found = found.subspan(count);
    }
    renew(place.node);
}

void BucketTree::cut_in_four(const Place& place) {
    std::uint32_t first = 0;
    if (!spare_.empty()) {
        first = spare_.back();
        spare_.pop_back();
    } else {
        first = static_cast<std::uint32_t>(nodes_.size());
        nodes_.resize(nodes_.size() + 4);
    }
    for (unsigned which = 0; which < 4; ++which) nodes_[first + which] = Node{};
    nodes_[place.node].quarters = first;
    buckets_ += 3;
}

void BucketTree::make_one(std::uint32_t node) {
    spare_.push_back(nodes_[node].quarters);
    nodes_[node].quarters = 0;
    buckets_ -= 3;
}

/// Adds up a cut out of its quarters, and makes one bucket of four that are nearly empty.
void BucketTree::renew(std::uint32_t at) {
    Node sum;
    sum.quarters = nodes_[at].quarters;
    sum.freshness = Freshness::clean;
    bool buckets = true;
    for (std::uint32_t child = sum.quarters; child < sum.quarters + 4; ++child) {
        const Node& part = nodes_[child];
        sum.sum += part.sum;
        sum.keys += part.keys;
        sum.until = std::min(sum.until, part.until);
        if (part.freshness != Freshness::clean) sum.freshness = Freshness::stale;
        buckets = buckets && part.quarters == 0;
    }
    nodes_[at] = sum;
    if (buckets && sum.freshness == Freshness::clean && sum.keys < full_ / 4) make_one(at);
}

void BucketTree::renew_above(Token token) {
    std::array<std::uint32_t, 33> path{};
    std::size_t steps = 0;
    Place at{0, whole};
    while (nodes_[at.node].quarters != 0) {
        path[steps++] = at.node;
        const Token size = (at.tokens.last - at.tokens.first) / 4 + 1;
        at = quarter(at, static_cast<unsigned>((token - at.tokens.first) / size));
    }
    while (steps > 0) renew(path[--steps]);
}

BucketTree::Known BucketTree::known(const TokenRange& range, WallTime as_of) const {
    Known known;
    add_known({0, whole}, range, as_of, known);
    return known;
}

void BucketTree::add_known(const Place& place, const TokenRange& range, WallTime as_of, Known& known) const {
    if (!overlap(place.tokens, range)) return;
    const Node& node = nodes_[place.node];
    const bool inside = within(place.tokens, range);
    if (inside && (node.quarters == 0 || !stale(node, as_of))) {
        known.sum += node.sum;
        known.keys += node.keys;
        known.settled = known.settled && !stale(node, as_of);
    } else if (node.quarters == 0) {
        known.pieces.push_back(common(place.tokens, range));
    } else {
        for (unsigned which = 0; which < 4; ++which) add_known(quarter(place, which), range, as_of, known);
    }
}

std::vector<TokenRange> BucketTree::cut(const TokenRange& range, std::size_t most) const {
    std::vector<Place> pieces{{0, whole}};
    // Level by level, as long as there is room for all the pieces of the next.
    for (bool further = true; further;) {
        further = false;
        std::vector<Place> next;
        for (const Place& place : pieces) {
            if (nodes_[place.node].quarters == 0) {
                next.push_back(place);
                continue;
            }
            for (unsigned which = 0; which < 4; ++which) {
                const Place part = quarter(place, which);
                if (!overlap(part.tokens, range)) continue;
                next.push_back(part);
                further = true;
            }
        }
        if (next.size() > std::max<std::size_t>(most, 4)) break;
        pieces = std::move(next);
    }
    std::vector<TokenRange> out;
    for (const Place& place : pieces) out.push_back(common(place.tokens, range));
    return out;
}

}  // namespace ashlar::repair
