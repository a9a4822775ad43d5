// Members, rings and what can be measured on them, for the partitioner suite. Pure.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "ashlar/partitioner.h"

namespace ashlar::contract {

/// `count` nodes of equal capacity in one rack, ids far apart and not in the order of their birth.
inline Member member(std::uint32_t number, std::uint32_t capacity = 1, std::string datacentre = "dc1",
                     std::string rack = "rack1") {
    return Member{NodeId{(number + 1) * 0x9e3779b97f4a7c15u}, std::move(datacentre), std::move(rack), capacity};
}
inline std::vector<Member> sorted(std::vector<Member> members) {
    std::sort(members.begin(), members.end(), [](const Member& a, const Member& b) { return a.node < b.node; });
    return members;
}
inline std::vector<Member> equals(std::uint32_t count, std::uint32_t racks = 1, std::uint32_t centres = 1) {
    std::vector<Member> out;
    for (std::uint32_t i = 0; i < count; ++i)
        out.push_back(member(i, 1, "dc" + std::to_string(i % centres), "rack" + std::to_string(i / centres % racks)));
    return sorted(out);
}
inline std::vector<Member> without(std::vector<Member> members, NodeId gone) {
    std::erase_if(members, [&](const Member& m) { return m.node == gone; });
    return members;
}
inline std::vector<Member> with(std::vector<Member> members, Member more) {
    members.push_back(std::move(more));
    return sorted(members);
}

/// The first n distinct owners from a claim on, clockwise: the preference list every replicator starts from.
inline std::vector<NodeId> walk(const Ring& ring, std::size_t claim, std::size_t n) {
    std::vector<NodeId> out;
    for (std::size_t i = 0; i < ring.claims.size() && out.size() < n; ++i) {
        const NodeId owner = ring.claims[(claim + i) % ring.claims.size()].owner;
        if (std::find(out.begin(), out.end(), owner) == out.end()) out.push_back(owner);
    }
    return out;
}

/// Length of a claim's range; the whole circle is 2^64, so it is given in units of 2^-32 of the circle.
inline std::uint64_t length(const Ring& ring, std::size_t claim) {
    const TokenRange range = ring.range_of(claim);
    return ((range.last - range.first) >> 32) + 1;
}

/// Share of the circle per node: of its claims alone (n = 1), or of all that it holds as one of n replicas.
inline std::map<NodeId, std::uint64_t> held(const Ring& ring, std::size_t n) {
    std::map<NodeId, std::uint64_t> out;
    for (std::size_t i = 0; i < ring.claims.size(); ++i)
        for (NodeId node : walk(ring, i, n)) out[node] += length(ring, i);
    return out;
}

/// Busiest node over the mean, in thousandths, capacity counted.
inline std::uint64_t imbalance_milli(const Ring& ring, std::size_t n) {
    std::uint64_t capacity = 0, all = 0;
    for (const Member& m : ring.members) capacity += m.capacity;
    const auto shares = held(ring, n);
    for (const auto& [node, share] : shares) all += share;
    std::uint64_t worst = 0;
    for (const auto& [node, share] : shares)
        worst = std::max(worst, share * 1000 / (all * ring.member(node)->capacity / capacity));
    return worst;
}

/// Where either ring has a cut.
inline std::vector<Token> cuts(const Ring& a, const Ring& b) {
    std::set<Token> out;
    for (const Claim& c : a.claims) out.insert(c.first);
    for (const Claim& c : b.claims) out.insert(c.first);
    return {out.begin(), out.end()};
}

/// How much moves: per piece of the circle, its length times the nodes that are new among its first n.
inline std::uint64_t moved(const Ring& from, const Ring& to, std::size_t n) {
    std::uint64_t sum = 0;
    const std::vector<Token> pieces = cuts(from, to);
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        const Token last = i + 1 < pieces.size() ? pieces[i + 1] - 1 : ~Token{0};
        const std::vector<NodeId> before = walk(from, from.partition_of(pieces[i]), n);
        for (NodeId node : walk(to, to.partition_of(pieces[i]), n))
            if (std::find(before.begin(), before.end(), node) == before.end()) sum += ((last - pieces[i]) >> 32) + 1;
    }
    return sum;
}

/// Runs of n consecutive claims, wrap included, in which a node stands twice.
inline std::size_t repeats(const Ring& ring, std::size_t n) {
    std::size_t out = 0;
    for (std::size_t i = 0; i < ring.claims.size(); ++i) {
        std::set<NodeId> seen;
        for (std::size_t k = 0; k < n; ++k) seen.insert(ring.claims[(i + k) % ring.claims.size()].owner);
        out += seen.size() < n ? 1 : 0;
    }
    return out;
}

}  // namespace ashlar::contract
