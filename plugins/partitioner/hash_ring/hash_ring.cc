#include "hash_ring.h"

#include <algorithm>
#include <tuple>

#include "kit/bytes.h"
#include "kit/hash.h"
#include "kit/text.h"

namespace ashlar::hash_ring {

namespace {

/// Keeps the places of nodes apart from the tokens of keys, which are hashed without a seed.
constexpr std::uint64_t place_seed = 0x706c616365;

Token place(NodeId node, std::uint64_t number) {
    Bytes name;
    kit::Writer out(name);
    out.u64(node.value);
    out.u64(number);
    return kit::hash64(name, place_seed);
}

}  // namespace

Token HashRing::token(View key) const noexcept {
    return kit::hash64(key);
}

Result<Ring> HashRing::plan(const PlanRequest& request) const noexcept {
    std::uint64_t capacity = 0;
    for (const Member& m : request.members) capacity += m.capacity;
    if (capacity == 0) return fail(Code::invalid_request, "no member has capacity, so nobody can own a range");
    if (capacity > claims_max / tokens_)
        return fail(Code::invalid_request,
                    kit::text("capacities of ", capacity, " in all times ", tokens_, " tokens make more than ",
                              claims_max, " claims: lower one of them"));
    Ring ring;
    ring.epoch.value = request.current != nullptr ? request.current->epoch.value + 1 : 1;
    ring.members.assign(request.members.begin(), request.members.end());
    ring.claims.reserve(static_cast<std::size_t>(capacity) * tokens_ + 1);
    for (const Member& m : request.members)
        for (std::uint64_t i = 0; i < std::uint64_t{m.capacity} * tokens_; ++i)
            ring.claims.push_back(Claim{place(m.node, i), m.node});
    std::sort(ring.claims.begin(), ring.claims.end(),
              [](const Claim& a, const Claim& b) { return std::tie(a.first, a.owner) < std::tie(b.first, b.owner); });
    auto taken = [](const Claim& a, const Claim& b) { return a.first == b.first; };
    ring.claims.erase(std::unique(ring.claims.begin(), ring.claims.end(), taken), ring.claims.end());
    if (ring.claims.front().first != 0) ring.claims.insert(ring.claims.begin(), Claim{0, ring.claims.back().owner});
    return ring;
}

}  // namespace ashlar::hash_ring
