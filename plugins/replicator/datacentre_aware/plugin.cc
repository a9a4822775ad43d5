// The descriptor of replicator/datacentre_aware.
#include "ashlar/plugin.h"

#include <array>
#include <memory>

#include "datacentre_aware.h"

namespace {

constexpr std::array<ashlar::SettingSpec, 0> settings{};

ashlar::Result<std::unique_ptr<ashlar::Replicator>> make(ashlar::Host&, const ashlar::Settings&) {
    return std::unique_ptr<ashlar::Replicator>(new ashlar::datacentre_aware::DatacentreAware);
}

}  // namespace

ASHLAR_PLUGIN(replicator, ashlar::Replicator, "datacentre_aware", "1.0.0",
              "N owners in each data centre, there on as many racks as possible.",
              ashlar::deterministic | ashlar::cluster_affecting, settings, make)
