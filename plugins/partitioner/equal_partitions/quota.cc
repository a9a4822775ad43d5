#include "quota.h"

#include <algorithm>
#include <numeric>

namespace ashlar::equal_partitions {

std::vector<std::uint32_t> quotas(std::span<const Member> members, std::uint32_t partitions,
                                  std::span<const std::uint32_t> owned) {
    // At most 2^16 partitions times 2^32 of capacity: the products below fit.
    std::uint64_t capacity = 0;
    for (const Member& m : members) capacity += m.capacity;
    std::vector<std::uint32_t> out(members.size());
    std::vector<std::uint64_t> rest(members.size());
    std::uint32_t left = partitions;
    for (std::size_t i = 0; i < members.size(); ++i) {
        const std::uint64_t share = std::uint64_t{partitions} * members[i].capacity;
        out[i] = static_cast<std::uint32_t>(share / capacity);
        rest[i] = share % capacity;
        left -= out[i];
    }
    std::vector<std::size_t> order(members.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        const bool keeps_a = owned[a] > out[a], keeps_b = owned[b] > out[b];
        return keeps_a != keeps_b ? keeps_a : rest[a] > rest[b];
    });
    for (std::size_t i : order) {
        if (left == 0) break;
        if (rest[i] == 0) continue;  // exact already, or no capacity
        ++out[i];
        --left;
    }
    return out;
}

}  // namespace ashlar::equal_partitions
