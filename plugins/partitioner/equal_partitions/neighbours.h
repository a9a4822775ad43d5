// Who stands near a partition: the ring is a circle, and so many partitions in a row should differ.
//
// Pure; borrows the members, not the owners, which the callers change as they go.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "ashlar/ring.h"

namespace ashlar::equal_partitions {

/// Index of a member, per partition.
using Owners = std::vector<std::uint32_t>;

/// Owned by nobody yet.
inline constexpr std::uint32_t nobody = ~std::uint32_t{0};

class Neighbours {
public:
    /// `window` partitions in a row should have different owners.
    Neighbours(std::span<const Member> members, std::uint32_t window, std::size_t partitions);

    /// How many neighbours within the window the member owns.
    std::uint32_t repeats(const Owners& owners, std::size_t partition, std::uint32_t member) const;
    /// How badly a member would fit: a repeated node outweighs any racks, a rack any data centres.
    std::uint64_t misfit(const Owners& owners, std::size_t partition, std::uint32_t member) const;

private:
    template <class Visit>
    void each(std::size_t partition, std::size_t partitions, const Visit& visit) const {
        for (std::size_t d = 1; d <= reach_; ++d) {
            visit((partition + d) % partitions);
            visit((partition + partitions - d) % partitions);
        }
    }
    std::size_t reach_;                  ///< neighbours on each side
    std::vector<std::uint32_t> rack_;    ///< of each member: equal numbers, same rack of the same data centre
    std::vector<std::uint32_t> centre_;  ///< of each member: equal numbers, same data centre
};

}  // namespace ashlar::equal_partitions
