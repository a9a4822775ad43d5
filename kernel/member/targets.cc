#include "member/targets.h"

#include <algorithm>
#include <utility>

namespace ashlar::member {
namespace {

/// One round in so many tells a seed, though enough others are known.
constexpr std::uint64_t seed_every = 8;

}  // namespace

std::vector<NodeId> choose(std::vector<NodeId> from, std::size_t count, Random& random) {
    count = std::min(count, from.size());
    for (std::size_t i = 0; i < count; ++i) std::swap(from[i], from[i + random.next() % (from.size() - i)]);
    from.resize(count);
    return from;
}

std::vector<port::Peer> choose_targets(const Roster& roster, const std::vector<std::string>& seeds,
                                       std::uint32_t gossip_peers, Random& random) {
    std::vector<NodeId> living, fallen, accusers;
    for (const auto& [node, known] : roster.peers) {
        (known.state == PeerState::down ? fallen : living).push_back(node);
        const auto& accused = known.entry.accuses;
        if (std::binary_search(accused.begin(), accused.end(), roster.self.node)) accusers.push_back(node);
    }
    std::vector<NodeId> chosen = choose(living, gossip_peers, random);
    if (random.next() % (living.size() + 1) < fallen.size())
        for (NodeId node : choose(fallen, 1, random)) chosen.push_back(node);
    for (NodeId node : choose(accusers, 1, random))
        if (std::find(chosen.begin(), chosen.end(), node) == chosen.end()) chosen.push_back(node);

    std::vector<port::Peer> out;
    for (NodeId node : chosen) out.push_back(port::Peer{node, roster.find(node)->entry.background_at});
    if (seeds.empty()) return out;
    const std::string& seed = seeds[random.next() % seeds.size()];
    const bool told = std::any_of(out.begin(), out.end(), [&](const port::Peer& peer) { return peer.address == seed; });
    const bool wanted = living.size() < seeds.size() || random.next() % seed_every == 0;
    if (wanted && !told && seed != roster.self.background_at) out.push_back(port::Peer{NodeId{}, seed});
    return out;
}

}  // namespace ashlar::member
