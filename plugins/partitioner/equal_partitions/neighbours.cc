#include "neighbours.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

namespace ashlar::equal_partitions {

Neighbours::Neighbours(std::span<const Member> members, std::uint32_t window, std::size_t partitions)
    : reach_(std::min<std::size_t>(window > 0 ? window - 1 : 0, (partitions - 1) / 2)) {
    std::map<std::pair<std::string, std::string>, std::uint32_t> racks;
    std::map<std::string, std::uint32_t> centres;
    for (const Member& m : members) {
        rack_.push_back(
            racks.try_emplace({m.datacentre, m.rack}, static_cast<std::uint32_t>(racks.size())).first->second);
        centre_.push_back(centres.try_emplace(m.datacentre, static_cast<std::uint32_t>(centres.size())).first->second);
    }
}

std::uint32_t Neighbours::repeats(const Owners& owners, std::size_t partition, std::uint32_t member) const {
    std::uint32_t count = 0;
    each(partition, owners.size(), [&](std::size_t near) { count += owners[near] == member ? 1u : 0u; });
    return count;
}

std::uint64_t Neighbours::misfit(const Owners& owners, std::size_t partition, std::uint32_t member) const {
    std::uint64_t node = 0, rack = 0, centre = 0;
    each(partition, owners.size(), [&](std::size_t near) {
        const std::uint32_t other = owners[near];
        if (other == nobody) return;
        if (other == member) ++node;
        if (rack_[other] == rack_[member]) ++rack;
        if (centre_[other] == centre_[member]) ++centre;
    });
    return node << 40 | rack << 20 | centre;
}

}  // namespace ashlar::equal_partitions
