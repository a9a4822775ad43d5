// The descriptor of conflict_resolver/vector_clock.
#include "ashlar/plugin.h"

#include <array>
#include <memory>

#include "vector_clock.h"

namespace {

constexpr std::array settings{
    ashlar::SettingSpec{"clock_pairs_max", ashlar::SettingType::integer, "10", 2, 1000, nullptr,
                        "A version's clock keeps at most so many [node, counter] pairs; the oldest are dropped, which "
                        "can bring replaced or removed values back as siblings."},
};

ashlar::Result<std::unique_ptr<ashlar::ConflictResolver>> make(ashlar::Host&, const ashlar::Settings& given) {
    return std::unique_ptr<ashlar::ConflictResolver>(
        new ashlar::vector_clock::VectorClock(static_cast<std::size_t>(given.integer("clock_pairs_max"))));
}

}  // namespace

ASHLAR_PLUGIN(conflict_resolver, ashlar::ConflictResolver, "vector_clock", "1.0.0",
              "Keeps concurrent writes as siblings by a vector clock per version, pruned past a threshold.",
              ashlar::deterministic | ashlar::cluster_affecting | ashlar::per_key_counters, settings, make)
