// The descriptor of partitioner/hash_ring.
#include "ashlar/plugin.h"

#include <array>
#include <memory>

#include "hash_ring.h"

namespace {

constexpr std::array settings{
    ashlar::SettingSpec{
        "tokens", ashlar::SettingType::integer, "128", 1, 4096, nullptr,
        "At how many places of the ring a node of capacity 1 stands. More make more even shares (100 to "
        "200: within 10 to 7 %) and longer rings."},
};

ashlar::Result<std::unique_ptr<ashlar::Partitioner>> make(ashlar::Host&, const ashlar::Settings& given) {
    return std::unique_ptr<ashlar::Partitioner>(
        new ashlar::hash_ring::HashRing(static_cast<std::uint32_t>(given.integer("tokens"))));
}

}  // namespace

ASHLAR_PLUGIN(partitioner, ashlar::Partitioner, "hash_ring", "1.0.0",
              "Consistent hashing with random virtual nodes, as many as a node has capacity.",
              ashlar::deterministic | ashlar::cluster_affecting, settings, make)
