// The descriptor of conflict_resolver/crdt.
#include "ashlar/plugin.h"

#include <array>
#include <memory>

#include "crdt.h"

namespace {

constexpr std::array settings{
    ashlar::SettingSpec{"entry_bytes_max", ashlar::SettingType::integer, "1048576", 1024, 4194304, "bytes",
                        "An operation or put that would let one key's value grow beyond this is refused; what replicas "
                        "join is not."},
};

ashlar::Result<std::unique_ptr<ashlar::ConflictResolver>> make(ashlar::Host&, const ashlar::Settings& given) {
    return std::unique_ptr<ashlar::ConflictResolver>(
        new ashlar::crdt::Crdt(static_cast<std::size_t>(given.integer("entry_bytes_max"))));
}

}  // namespace

ASHLAR_PLUGIN(conflict_resolver, ashlar::ConflictResolver, "crdt", "1.0.0",
              "Counters, sets, registers and maps that merge on the server; other values are kept as siblings.",
              ashlar::deterministic | ashlar::cluster_affecting, settings, make)
