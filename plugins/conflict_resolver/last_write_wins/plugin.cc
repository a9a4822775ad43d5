// The descriptor of conflict_resolver/last_write_wins.
#include "ashlar/plugin.h"

#include <array>
#include <memory>

#include "last_write_wins.h"

namespace {

constexpr std::array<ashlar::SettingSpec, 0> settings{};

ashlar::Result<std::unique_ptr<ashlar::ConflictResolver>> make(ashlar::Host&, const ashlar::Settings&) {
    return std::unique_ptr<ashlar::ConflictResolver>(new ashlar::last_write_wins::LastWriteWins);
}

}  // namespace

ASHLAR_PLUGIN(conflict_resolver, ashlar::ConflictResolver, "last_write_wins", "1.0.0",
              "Keeps the version with the latest stamp; concurrent writes are lost.",
              ashlar::deterministic | ashlar::cluster_affecting | ashlar::merges_blind_writes, settings, make)
