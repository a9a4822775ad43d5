// The descriptor of conflict_resolver/dotted_version_vector.
#include "ashlar/plugin.h"

#include <array>
#include <memory>
#include <new>

#include "dotted_version_vector.h"

namespace {

constexpr std::array<ashlar::SettingSpec, 0> settings{};

ashlar::Result<std::unique_ptr<ashlar::ConflictResolver>> make(ashlar::Host&, const ashlar::Settings&) {
    return std::unique_ptr<ashlar::ConflictResolver>(new ashlar::dotted_version_vector::DottedVersionVector);
}

}  // namespace

ASHLAR_PLUGIN(conflict_resolver, ashlar::ConflictResolver, "dotted_version_vector", "1.0.0",
              "Keeps concurrent writes as siblings, one dot each; a write replaces exactly what its context saw.",
              ashlar::deterministic | ashlar::cluster_affecting, settings, make)
