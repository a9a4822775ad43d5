#include "state.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <utility>

#include "kit/resolve.h"

namespace ashlar::crdt {
namespace {

/// Which item shows each kind of value: the one with the highest dot. items.size(): none.
std::array<std::size_t, facets> shown_at(const std::vector<Item>& items) {
    std::array<std::size_t, facets> out;
    out.fill(items.size());
    for (std::size_t i = 0; i < items.size(); ++i) out[static_cast<std::size_t>(items[i].extra.facet)] = i;
    return out;
}

/// Facts that both hold: what either has taken away is gone.
Item common(const Item& a, const Item& b) {
    const bool later = a.version.content() < b.version.content();
    Item out = later ? b : a;
    if (a.extra.facet != b.extra.facet) {
        // Only bytes of a broken peer are so: the same one everywhere.
        return crdt::encoded(a.extra) < crdt::encoded(b.extra) ? b : a;
    }
    out.extra.requests = std::max(a.extra.requests, b.extra.requests);
    out.extra.facts.clear();
    std::set_intersection(a.extra.facts.begin(), a.extra.facts.end(), b.extra.facts.begin(), b.extra.facts.end(),
                          std::back_inserter(out.extra.facts),
                          [](const Fact& x, const Fact& y) { return x.order() < y.order(); });
    return out;
}

}  // namespace

Bytes face_of(Facet facet, const std::vector<Item>& items) {
    if (facet == Facet::map) return map_text(items);
    std::vector<std::int64_t> amounts;
    std::vector<View> elements;
    std::vector<Stamped> values;
    for (const Item& item : items) {
        if (item.extra.facet != facet) continue;
        for (const Fact& fact : item.extra.facts) {
            amounts.push_back(fact.amount);
            elements.push_back(fact.data);
            values.push_back(Stamped{item.version.wall, item.version.dot, fact.data});
        }
    }
    if (facet == Facet::counter) return counter_text(sum_of(amounts));
    if (facet == Facet::set) return set_text(elements);
    return Bytes(register_value(values));
}

Result<State> State::open(View entry) {
    const Error malformed = kit::refuse_head(kit::EntryHead{}, head, name);
    std::optional<kit::EntryParts> parts = kit::open_entry(entry);
    if (!parts) return malformed;
    if (parts->head != head) return kit::refuse_head(parts->head, head, name);
    State out;
    out.context = std::move(parts->context);
    out.items.reserve(parts->versions.size());
    std::vector<View> texts;
    for (const kit::StoredVersion& version : parts->versions) {
        Item item{version, {}};
        texts.push_back(version.value);
        if (!version.extra.empty()) {
            std::optional<Extra> extra = decode(version.extra);
            if (!extra || version.kind != VersionKind::value || version.expires.us != 0) return malformed;
            item.extra = std::move(*extra);
            item.version.extra = item.version.value = View();
        }
        out.items.push_back(std::move(item));
    }
    const auto shown = shown_at(out.items);
    for (std::size_t i = 0; i < out.items.size(); ++i) {
        const Item& item = out.items[i];
        if (!item.typed()) continue;
        const bool shows = shown[static_cast<std::size_t>(item.extra.facet)] == i;
        if (shows ? texts[i] != face_of(item.extra.facet, out.items) : !texts[i].empty()) return malformed;
    }
    return out;
}

Bytes State::encoded() const {
    const auto shown = shown_at(items);
    std::array<Bytes, facets> faces;
    std::vector<Bytes> extras;
    std::vector<kit::StoredVersion> versions;
    extras.reserve(items.size());
    versions.reserve(items.size());
    for (std::size_t i = 0; i < items.size(); ++i) {
        kit::StoredVersion& version = versions.emplace_back(items[i].version);
        if (!items[i].typed()) continue;
        version.extra = extras.emplace_back(crdt::encoded(items[i].extra));
        const auto facet = static_cast<std::size_t>(items[i].extra.facet);
        if (shown[facet] != i) continue;
        faces[facet] = face_of(items[i].extra.facet, items);
        version.value = faces[facet];
    }
    return kit::write_entry(head, context, versions);
}

State State::join(const State& a, const State& b) {
    State out;
    out.items.reserve(a.items.size() + b.items.size());
    auto left = a.items.begin();
    auto right = b.items.begin();
    while (left != a.items.end() || right != b.items.end()) {
        const bool take_left = right == b.items.end() || (left != a.items.end() && left->version.dot <= right->version.dot);
        const bool take_right = left == a.items.end() || (right != b.items.end() && right->version.dot <= left->version.dot);
        if (take_left && take_right) {
            Item both = common(*left, *right);
            if (!both.typed() || !both.extra.facts.empty()) out.items.push_back(std::move(both));
        } else if (take_left && !b.context.contains(left->version.dot)) {
            out.items.push_back(*left);
        } else if (take_right && !a.context.contains(right->version.dot)) {
            out.items.push_back(*right);
        }
        if (take_left) ++left;
        if (take_right) ++right;
    }
    out.context = a.context;
    out.context.merge(b.context);
    return out;
}

}  // namespace ashlar::crdt
