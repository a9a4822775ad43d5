#include "order.h"

#include <algorithm>
#include <map>
#include <utility>

namespace ashlar::datacentre_aware {

namespace {

/// Members that can hold data, by index, each once, clockwise from the token; those without a claim at the end.
std::vector<std::size_t> clockwise(const Ring& ring, Token token) {
    std::vector<std::size_t> out;
    std::vector<bool> met(ring.members.size());
    auto meet = [&](std::size_t i) {
        if (met[i] || ring.members[i].capacity == 0) return;
        met[i] = true;
        out.push_back(i);
    };
    const auto able = static_cast<std::size_t>(
        std::count_if(ring.members.begin(), ring.members.end(), [](const Member& m) { return m.capacity > 0; }));
    const std::size_t start = ring.claims.empty() ? 0 : ring.partition_of(token);
    for (std::size_t i = 0; i < ring.claims.size() && out.size() < able; ++i) {
        const Member* owner = ring.member(ring.claims[(start + i) % ring.claims.size()].owner);
        if (owner != nullptr) meet(static_cast<std::size_t>(owner - ring.members.data()));
    }
    for (std::size_t i = 0; i < ring.members.size(); ++i) meet(i);
    return out;
}

struct Standing {
    NodeId node;
    std::uint32_t turn;  ///< how many of its rack come before it
};

}  // namespace

std::vector<Centre> centres_from(const Ring& ring, Token token) {
    std::vector<Centre> out;
    std::vector<std::vector<Standing>> standing;
    std::map<View, std::size_t> number;
    std::map<std::pair<std::size_t, View>, std::uint32_t> met_of_rack;
    for (std::size_t i : clockwise(ring, token)) {
        const Member& member = ring.members[i];
        const auto [at, first] = number.try_emplace(member.datacentre, out.size());
        if (first) {
            out.push_back({member.datacentre, {}});
            standing.emplace_back();
        }
        const std::uint32_t turn = met_of_rack[{at->second, member.rack}]++;
        standing[at->second].push_back({member.node, turn});
    }
    for (std::size_t c = 0; c < out.size(); ++c) {
        std::stable_sort(standing[c].begin(), standing[c].end(),
                         [](const Standing& a, const Standing& b) { return a.turn < b.turn; });
        for (const Standing& s : standing[c]) out[c].nodes.push_back(s.node);
    }
    return out;
}

}  // namespace ashlar::datacentre_aware
