#include "clock.h"

#include <algorithm>
#include <utility>

namespace ashlar::vector_clock {

std::optional<WallTime> Clock::grown_at(const Actor& actor) const {
    const std::size_t index = past.index_of(actor);
    if (index == past.seen().size()) return std::nullopt;
    return grown[index];
}

void Clock::prune(std::size_t most, const Actor& own, const std::vector<Actor>& keep) {
    struct Pair {
        WallTime grown;
        Actor actor;
        auto operator<=>(const Pair&) const = default;
    };
    std::size_t pairs = 1;  // its own
    std::vector<Pair> may_go;
    for (std::size_t i = 0; i < grown.size(); ++i) {
        const Actor& actor = past.seen()[i].actor;
        if (actor == nobody || actor == own) continue;
        ++pairs;
        if (!std::binary_search(keep.begin(), keep.end(), actor)) may_go.push_back({grown[i], actor});
    }
    if (pairs <= most) return;
    const std::size_t drop = std::min(pairs - most, may_go.size());
    std::sort(may_go.begin(), may_go.end());
    std::vector<std::pair<Actor, WallTime>> stamps;
    for (std::size_t i = 0; i < grown.size(); ++i) stamps.emplace_back(past.seen()[i].actor, grown[i]);
    for (std::size_t i = 0; i < drop; ++i) {
        const std::uint64_t counter = past.of(may_go[i].actor)->highest();
        past.erase(may_go[i].actor);
        past.raise(nobody, counter);
    }
    grown.clear();
    for (const auto& seen : past.seen()) {
        auto at = std::lower_bound(stamps.begin(), stamps.end(), std::pair(seen.actor, WallTime{INT64_MIN}));
        grown.push_back(seen.actor == nobody || at == stamps.end() ? WallTime{} : at->second);
    }
}

Bytes Clock::encoded() const {
    Bytes out;
    kit::Writer writer(out);
    past.encode(writer);
    for (std::size_t i = 0; i < grown.size(); ++i)
        if (past.seen()[i].actor != nobody) writer.i64(grown[i].us);
    return out;
}

std::optional<Clock> Clock::decode(View extra) {
    kit::Reader in(extra);
    Clock clock;
    clock.past = kit::CausalContext::decode(in);
    clock.grown.reserve(clock.past.seen().size());
    for (const auto& seen : clock.past.seen()) {
        if (seen.actor == nobody && !seen.dots.empty()) return std::nullopt;
        clock.grown.push_back(seen.actor == nobody ? WallTime{} : WallTime{in.i64()});
    }
    if (!in.done()) return std::nullopt;
    return clock;
}

std::uint64_t highest(const kit::CausalContext& context, const Actor& actor) {
    const auto* seen = context.of(actor);
    const auto* dropped = context.of(nobody);
    return std::max(seen != nullptr ? seen->highest() : 0, dropped != nullptr ? dropped->highest() : 0);
}

kit::CausalContext unite(std::vector<kit::CausalContext> contexts) {
    if (contexts.empty()) return {};
    for (std::size_t width = 1; width < contexts.size(); width *= 2)
        for (std::size_t i = 0; i + width < contexts.size(); i += 2 * width) contexts[i].merge(contexts[i + width]);
    return std::move(contexts.front());
}

}  // namespace ashlar::vector_clock
