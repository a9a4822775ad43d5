// The descriptor of replicator/simple.
#include "ashlar/plugin.h"

#include <array>
#include <memory>

#include "simple.h"

namespace {

constexpr std::array<ashlar::SettingSpec, 0> settings{};

ashlar::Result<std::unique_ptr<ashlar::Replicator>> make(ashlar::Host&, const ashlar::Settings&) {
    return std::unique_ptr<ashlar::Replicator>(new ashlar::simple::Simple);
}

}  // namespace

ASHLAR_PLUGIN(replicator, ashlar::Replicator, "simple", "1.0.0",
              "The next N distinct nodes clockwise, whatever their data centre.",
              ashlar::deterministic | ashlar::cluster_affecting, settings, make)
