#include "repair/bucket_tree.h"

#include <algorithm>
#include <array>
#include <bit>

namespace ashlar::repair {

namespace {

bool overlap(const TokenRange& a, const TokenRange& b) {
    return a.first <= b.last && b.first <= a.last;
}

/// A quarter of 2^64 tokens is 2^62, and so on down to one: the arithmetic never leaves 64 bits.
Token quarter_size(const TokenRange& tokens) {
    return (tokens.last - tokens.first) / 4 + 1;
}

}  // namespace

BucketTree::Place BucketTree::quarter(const Place& parent, unsigned which) const {
    const Token size = quarter_size(parent.tokens);
    const Token first = parent.tokens.first + size * which;
    return {nodes_[parent.node].quarters + which, {first, first + (size - 1)}};
}

BucketTree::Place BucketTree::quarter_with(const Place& parent, Token token) const {
    const int quarter_bits = std::bit_width(parent.tokens.last - parent.tokens.first) - 2;
    return quarter(parent, static_cast<unsigned>((token - parent.tokens.first) >> quarter_bits));
}

void BucketTree::mark(Token token) {
    Node* node = nodes_.data();
    node->fresh = false;
    // Two bits of the token for each level: which quarter of the parent it is in.
    for (unsigned shift = 62; node->quarters != 0; shift -= 2) {
        node = &nodes_[node->quarters + ((token >> shift) & 3)];
        node->fresh = false;
    }
    node->scan = 0;
}

void BucketTree::mark_range(const TokenRange& range) {
    mark_range(Place{0, whole_circle}, range);
}

void BucketTree::mark_range(const Place& place, const TokenRange& range) {
    if (!overlap(place.tokens, range)) return;
    Node& node = nodes_[place.node];
    node.fresh = false;
    node.scan = 0;
    if (node.quarters == 0) return;
    for (unsigned which = 0; which < 4; ++which) mark_range(quarter(place, which), range);
}

BucketTree::Step BucketTree::first_of(const TokenRange& range, const Keep& keep) const {
    for (Place at{0, whole_circle};; at = quarter_with(at, range.first)) {
        const Node& node = nodes_[at.node];
        if (at.tokens.first == range.first && at.tokens.last <= range.last && node.fresh && node.content.holds(keep))
            return {at.tokens, true, node.content};
        if (node.quarters == 0) return {{range.first, std::min(range.last, at.tokens.last)}, false, {}};
    }
}

BucketTree::Step BucketTree::bucket_of(Token token, const Keep& keep) const {
    Place at{0, whole_circle};
    while (nodes_[at.node].quarters != 0) at = quarter_with(at, token);
    const Node& bucket = nodes_[at.node];
    return {at.tokens, bucket.fresh && bucket.content.holds(keep), bucket.content};
}

std::optional<BucketTree::Place> BucketTree::find(const TokenRange& bucket) const {
    Place at{0, whole_circle};
    while (nodes_[at.node].quarters != 0) at = quarter_with(at, bucket.first);
    return at.tokens == bucket ? std::optional(at) : std::nullopt;
}

std::uint32_t BucketTree::begin(const TokenRange& tokens) {
    if (++scans_ == 0) ++scans_;
    if (auto place = find(tokens)) nodes_[place->node].scan = scans_;
    return scans_;
}

void BucketTree::learn(const TokenRange& tokens, std::uint32_t begun, std::span<const TokenContent> found,
                       Token through, bool forgot) {
    auto place = find(tokens);
    if (!place) return;
    if (nodes_[place->node].scan != begun) {
        std::uint64_t keys = 0;
        for (const TokenContent& token : found) keys += token.content.keys;
        if (keys > full_ && tokens.first != tokens.last) cut_in_four(*place);
        return;
    }
    fill(*place, found, through, forgot);
    renew_above(tokens.first);
}

/// Makes a bucket, or the cut it has become, of what was found in it.
void BucketTree::fill(const Place& place, std::span<const TokenContent> found, Token through, bool forgot) {
    Node known;
    for (const TokenContent& token : found) known.content += token.content;
    known.fresh = place.tokens.last <= through;
    known.forgot = forgot;
    if (place.tokens.first == place.tokens.last || known.content.keys <= full_) {
        nodes_[place.node] = known;
        return;
    }
    cut_in_four(place);
    for (unsigned which = 0; which < 4; ++which) {
        const Place part = quarter(place, which);
        auto end = std::upper_bound(found.begin(), found.end(), part.tokens.last,
                                    [](Token token, const TokenContent& other) { return token < other.token; });
        const auto count = static_cast<std::size_t>(end - found.begin());
        fill(part, found.first(count), through, forgot);
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
    sum.fresh = true;
    bool buckets = true;
    for (std::uint32_t child = sum.quarters; child < sum.quarters + 4; ++child) {
        const Node& part = nodes_[child];
        sum.content += part.content;
        sum.fresh = sum.fresh && part.fresh;
        sum.forgot = sum.forgot || part.forgot;
        buckets = buckets && part.quarters == 0;
    }
    nodes_[at] = sum;
    if (buckets && sum.fresh && sum.content.keys < full_ / 4) make_one(at);
}

void BucketTree::renew_above(Token token) {
    std::array<std::uint32_t, 33> path{};
    std::size_t steps = 0;
    for (Place at{0, whole_circle}; nodes_[at.node].quarters != 0; at = quarter_with(at, token))
        path[steps++] = at.node;
    while (steps > 0) renew(path[--steps]);
}

void BucketTree::renew_all(std::uint32_t at) {
    const std::uint32_t first = nodes_[at].quarters;
    if (first == 0) return;
    for (std::uint32_t child = first; child < first + 4; ++child) renew_all(child);
    renew(at);
}

BucketTree::Bucket BucketTree::bucket_at(Token token) const {
    Place at{0, whole_circle};
    while (nodes_[at.node].quarters != 0) at = quarter_with(at, token);
    const Node& bucket = nodes_[at.node];
    return lasts(bucket) ? Bucket{at.tokens, true, bucket.content} : Bucket{at.tokens, false, {}};
}

bool BucketTree::put(const Bucket& bucket) {
    Place at{0, whole_circle};
    while (at.tokens != bucket.tokens) {
        if (at.tokens.first == at.tokens.last) return false;
        if (nodes_[at.node].quarters == 0) cut_in_four(at);
        at = quarter_with(at, bucket.tokens.first);
        if (at.tokens.last < bucket.tokens.last || at.tokens.first > bucket.tokens.first) return false;
    }
    Node& node = nodes_[at.node];
    if (node.quarters != 0) return false;
    node.content = bucket.content;
    node.fresh = bucket.known;
    return true;
}

std::size_t BucketTree::known_buckets() const {
    std::size_t known = 0;
    std::vector<std::uint32_t> below{0};
    while (!below.empty()) {
        const Node& node = nodes_[below.back()];
        below.pop_back();
        if (node.quarters == 0) known += lasts(node) ? 1 : 0;
        else for (std::uint32_t child = 0; child < 4; ++child) below.push_back(node.quarters + child);
    }
    return known;
}

std::vector<TokenRange> BucketTree::cut(const TokenRange& range, std::size_t most) const {
    std::vector<Place> pieces{{0, whole_circle}};
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
        if (next.size() > most) break;
        pieces = std::move(next);
    }
    std::vector<TokenRange> out;
    for (const Place& place : pieces)
        out.push_back({std::max(place.tokens.first, range.first), std::min(place.tokens.last, range.last)});
    return out;
}

}  // namespace ashlar::repair
