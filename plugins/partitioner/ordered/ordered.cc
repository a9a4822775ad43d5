#include "ordered.h"

#include <algorithm>
#include <utility>

#include "deal.h"

namespace ashlar::ordered {

namespace {

std::uint32_t index_of(std::span<const Member> members, NodeId node) {
    const auto at =
        std::lower_bound(members.begin(), members.end(), node, [](const Member& m, NodeId n) { return m.node < n; });
    const bool able = at != members.end() && at->node == node && at->capacity > 0;
    return able ? static_cast<std::uint32_t>(at - members.begin()) : nobody;
}

}  // namespace

Result<Ring> Ordered::plan(const PlanRequest& request) const noexcept {
    const auto able = static_cast<std::uint32_t>(
        std::count_if(request.members.begin(), request.members.end(), [](const Member& m) { return m.capacity > 0; }));
    if (able == 0) return fail(Code::invalid_request, "no member has capacity, so nobody can own a range");

    Ring ring;
    ring.epoch.value = request.current != nullptr ? request.current->epoch.value + 1 : 1;
    ring.members.assign(request.members.begin(), request.members.end());
    if (request.current != nullptr && !request.current->claims.empty())
        ring.claims = request.current->claims;
    else
        for (Token cut : first_cuts(alphabet_, claims_)) ring.claims.push_back(Claim{cut, {}});

    std::vector<std::uint64_t> weighed = weights(request.loads, ring.claims.size());
    if (!request.loads.empty()) halve_heavy(ring.claims, weighed, claims_);
    std::vector<std::uint32_t> owners;
    for (const Claim& claim : ring.claims) owners.push_back(index_of(request.members, claim.owner));
    deal(owners, weighed, request.members, std::min(request.replicas, able));
    for (std::size_t p = 0; p < owners.size(); ++p) ring.claims[p].owner = ring.members[owners[p]].node;
    return ring;
}

}  // namespace ashlar::ordered
