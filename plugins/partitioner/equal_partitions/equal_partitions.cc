#include "equal_partitions.h"

#include <algorithm>
#include <bit>
#include <utility>
#include <vector>

#include "kit/hash.h"
#include "layout.h"
#include "shift.h"

namespace ashlar::equal_partitions {

namespace {

std::uint32_t index_of(std::span<const Member> members, NodeId node) {
    auto at =
        std::lower_bound(members.begin(), members.end(), node, [](const Member& m, NodeId n) { return m.node < n; });
    return at != members.end() && at->node == node ? static_cast<std::uint32_t>(at - members.begin()) : nobody;
}

/// Who owns what today; empty if the current ring is cut otherwise.
Owners owners_today(const PlanRequest& request, std::uint32_t partitions) {
    Owners owners;
    if (request.current == nullptr || request.current->claims.size() != partitions) return owners;
    for (const Claim& claim : request.current->claims) owners.push_back(index_of(request.members, claim.owner));
    return owners;
}

}  // namespace

Token EqualPartitions::token(View key) const noexcept {
    return kit::hash64(key);
}

Result<Ring> EqualPartitions::plan(const PlanRequest& request) const noexcept {
    const auto able = static_cast<std::uint32_t>(
        std::count_if(request.members.begin(), request.members.end(), [](const Member& m) { return m.capacity > 0; }));
    if (able == 0) return fail(Code::invalid_request, "no member has capacity, so nobody can own a partition");

    const std::uint32_t window = std::min(request.replicas, able);
    Owners owners = owners_today(request, partitions_);
    if (owners.empty() || able <= request.replicas)
        owners = lay_out(request.members, partitions_, window);
    else
        shift(owners, request.members, window);

    Ring ring;
    ring.epoch.value = request.current != nullptr ? request.current->epoch.value + 1 : 1;
    ring.members.assign(request.members.begin(), request.members.end());
    ring.claims.reserve(partitions_);
    const int bits = 64 - std::countr_zero(partitions_);
    for (std::uint64_t p = 0; p < partitions_; ++p)
        ring.claims.push_back(Claim{bits == 64 ? 0 : p << bits, ring.members[owners[p]].node});
    return ring;
}

}  // namespace ashlar::equal_partitions
