#include "layout.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "kit/hash.h"
#include "quota.h"

namespace ashlar::equal_partitions {

namespace {

/// Weaves sequences into one, each as evenly as its length allows: the one most behind its share goes next.
Owners weave(const std::vector<Owners>& parts) {
    Owners out;
    std::size_t whole = 0;
    for (const Owners& part : parts) whole += part.size();
    std::vector<std::size_t> given(parts.size());
    while (out.size() < whole) {
        std::size_t next = parts.size();
        std::int64_t most = 0;
        for (std::size_t i = 0; i < parts.size(); ++i) {
            if (given[i] == parts[i].size()) continue;
            const auto behind = static_cast<std::int64_t>(parts[i].size() * (out.size() + 1)) -
                                static_cast<std::int64_t>(given[i] * whole);
            if (next == parts.size() || behind > most) {
                next = i;
                most = behind;
            }
        }
        out.push_back(parts[next][given[next]++]);
    }
    return out;
}

/// Exchanges owners where that makes fewer repeats, the best exchange first. Bounded: with a node that owns more
/// than its window permits there are repeats no exchange removes.
void mend(Owners& owners, const Neighbours& near) {
    std::size_t tries = std::size_t{1} << 20;
    auto misfit = [&](std::size_t p, std::size_t q) {
        return near.misfit(owners, p, owners[p]) + near.misfit(owners, q, owners[q]);
    };
    for (std::size_t p = 0; p < owners.size() && tries > 0; ++p) {
        if (near.repeats(owners, p, owners[p]) == 0) continue;
        std::uint64_t most = 0;
        std::size_t best = p;
        for (std::size_t q = 0; q < owners.size() && tries > 0; ++q, --tries) {
            const std::uint64_t before = misfit(p, q);
            std::swap(owners[p], owners[q]);
            const std::uint64_t after = misfit(p, q);
            std::swap(owners[p], owners[q]);
            if (after < before && before - after > most) {
                most = before - after;
                best = q;
            }
        }
        std::swap(owners[p], owners[best]);
    }
}

/// Equal capacities make one cycle of all nodes, gone through again and again: no node is nearer to itself than that.
Owners repeat(const Owners& cycle, std::size_t partitions) {
    Owners owners(partitions);
    for (std::size_t p = 0; p < partitions; ++p) owners[p] = cycle[p % cycle.size()];
    return owners;
}

/// Exchanges owners at random where nobody stands worse for it. A ring that only repeats one cycle gives every node
/// the same neighbours everywhere; when it leaves, they could take none of its claims without repeating.
void shuffle(Owners& owners, const Neighbours& near) {
    for (std::uint64_t turn = 0; turn < 8 * owners.size(); ++turn) {
        const View seed(reinterpret_cast<const char*>(&turn), sizeof turn);
        const std::uint64_t chance = kit::hash64(seed);
        const std::size_t p = (chance >> 32) % owners.size(), q = (chance & 0xffffffff) % owners.size();
        if (owners[p] == owners[q]) continue;
        const std::uint64_t before = near.misfit(owners, p, owners[p]) + near.misfit(owners, q, owners[q]);
        std::swap(owners[p], owners[q]);
        if (near.misfit(owners, p, owners[p]) + near.misfit(owners, q, owners[q]) > before)
            std::swap(owners[p], owners[q]);
    }
}

}  // namespace

Owners lay_out(std::span<const Member> members, std::uint32_t partitions, std::uint32_t window) {
    std::uint32_t lightest = ~std::uint32_t{0}, heaviest = 0;
    for (const Member& m : members) {
        if (m.capacity == 0) continue;
        lightest = std::min(lightest, m.capacity);
        heaviest = std::max(heaviest, m.capacity);
    }
    const bool equal = lightest == heaviest;
    const std::vector<std::uint32_t> turns =
        equal ? std::vector<std::uint32_t>(members.size(), 1)
              : quotas(members, partitions, std::vector<std::uint32_t>(members.size()));

    std::map<std::string, std::map<std::string, std::vector<Owners>>> places;
    for (std::size_t i = 0; i < members.size(); ++i)
        if (members[i].capacity > 0 && turns[i] > 0)
            places[members[i].datacentre][members[i].rack].emplace_back(turns[i], static_cast<std::uint32_t>(i));
    std::vector<Owners> centres;
    for (const auto& [centre, racks] : places) {
        std::vector<Owners> woven;
        for (const auto& [rack, nodes] : racks) woven.push_back(weave(nodes));
        centres.push_back(weave(woven));
    }
    Owners owners = repeat(weave(centres), partitions);
    const Neighbours near(members, window, partitions);
    mend(owners, near);
    shuffle(owners, near);
    return owners;
}

}  // namespace ashlar::equal_partitions
