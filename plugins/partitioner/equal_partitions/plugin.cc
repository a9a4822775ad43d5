// The descriptor of partitioner/equal_partitions.
#include "ashlar/plugin.h"

#include <array>
#include <bit>
#include <memory>

#include "equal_partitions.h"
#include "kit/text.h"

namespace {

using ashlar::equal_partitions::partitions_max;

constexpr std::array settings{
    ashlar::SettingSpec{"partitions", ashlar::SettingType::integer, "1024", 1, partitions_max, nullptr,
                        "Into how many equal partitions the tokens are cut: a power of two, fixed once there is data. "
                        "At least 32 for every node there will ever be keeps the shares within 3 %."},
};

ashlar::Result<std::unique_ptr<ashlar::Partitioner>> make(ashlar::Host&, const ashlar::Settings& given) {
    const auto partitions = static_cast<std::uint32_t>(given.integer("partitions"));
    if (!std::has_single_bit(partitions))
        return ashlar::fail(ashlar::Code::invalid_request,
                            ashlar::kit::text("partitions must be a power of two, not ", partitions));
    return std::unique_ptr<ashlar::Partitioner>(new ashlar::equal_partitions::EqualPartitions(partitions));
}

}  // namespace

ASHLAR_PLUGIN(partitioner, ashlar::Partitioner, "equal_partitions", "1.0.0",
              "Equal partitions, a power of two of them, owned whole (strategy 3 of the Dynamo paper).",
              ashlar::deterministic | ashlar::cluster_affecting, settings, make)
