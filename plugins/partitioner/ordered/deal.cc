#include "deal.h"

#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <utility>

namespace ashlar::ordered {

namespace {

/// Chance that is the same everywhere: the mixing step of splitmix64 (Steele, Lea and Flood, OOPSLA 2014).
std::uint64_t mixed(std::uint64_t z) {
    z = (z + 1) * 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

class Deal {
public:
    Deal(std::vector<std::uint32_t>& owners, std::span<const std::uint64_t> weights, std::span<const Member> members,
         std::uint32_t window)
        : owners_(owners),
          weights_(weights),
          members_(members),
          reach_(std::min<std::size_t>(window > 0 ? window - 1 : 0, (owners.size() - 1) / 2)),
          over_(members.size()) {
        std::int64_t all = 0, capacity = 0;
        for (std::uint64_t weight : weights) all += static_cast<std::int64_t>(weight);
        for (const Member& m : members) capacity += m.capacity;
        // A weight counts `scale` times, so that shares are whole numbers precise enough to be compared.
        for (std::size_t m = 0; m < members.size(); ++m) over_[m] = -(all * scale * members[m].capacity / capacity);
        for (std::size_t p = 0; p < owners.size(); ++p)
            if (owners[p] != nobody) over_[owners[p]] += weight(p);
        std::map<std::pair<std::string, std::string>, std::size_t> racks;
        std::map<std::string, std::size_t> centres;
        for (const Member& m : members) {
            rack_.push_back(racks.try_emplace({m.datacentre, m.rack}, racks.size()).first->second);
            centre_.push_back(centres.try_emplace(m.datacentre, centres.size()).first->second);
        }
    }

    void run() {
        const bool afresh = std::all_of(owners_.begin(), owners_.end(), [](std::uint32_t o) { return o == nobody; });
        for (std::size_t p = 0; p < owners_.size(); ++p)
            if (owners_[p] == nobody) give(p, fitting(p));
        for (std::size_t moves = 0; moves < 2 * owners_.size() && pass_one(); ++moves) {
        }
        if (afresh) shuffle();
    }

private:
    static constexpr std::int64_t scale = 256;  ///< sums of 2^20 times capacities of 2^32 fit

    std::int64_t weight(std::size_t p) const { return static_cast<std::int64_t>(weights_[p]) * scale; }

    /// Neighbours within the window that are the same node, rack, data centre.
    std::tuple<int, int, int> misfit(std::size_t p, std::uint32_t m) const {
        int nodes = 0, racks = 0, centres = 0;
        for (std::size_t d = 1; d <= reach_; ++d)
            for (std::size_t near : {(p + d) % owners_.size(), (p + owners_.size() - d) % owners_.size()}) {
                const std::uint32_t other = owners_[near];
                if (other == nobody) continue;
                nodes += other == m ? 1 : 0;
                racks += rack_[other] == rack_[m] ? 1 : 0;
                centres += centre_[other] == centre_[m] ? 1 : 0;
            }
        return {nodes, racks, centres};
    }
    std::uint32_t fitting(std::size_t p) const {
        std::uint32_t best = nobody;
        std::tuple<int, bool, int, int, std::int64_t> least;
        for (std::uint32_t m = 0; m < members_.size(); ++m) {
            if (members_[m].capacity == 0) continue;
            const auto [nodes, racks, centres] = misfit(p, m);
            const std::tuple<int, bool, int, int, std::int64_t> fit{nodes, over_[m] >= 0, racks, centres, over_[m]};
            if (best != nobody && fit >= least) continue;
            best = m;
            least = fit;
        }
        return best;
    }
    void give(std::size_t p, std::uint32_t to) {
        if (owners_[p] != nobody) over_[owners_[p]] -= weight(p);
        owners_[p] = to;
        over_[to] += weight(p);
    }
    /// Exchanges claims that weigh the same where neither stands worse for it. Dealing in turn gives a node the same
    /// neighbours everywhere; when it left, they could take none of its claims without repeating.
    void shuffle() {
        for (std::uint64_t turn = 0; turn < 8 * owners_.size(); ++turn) {
            const std::uint64_t chance = mixed(turn);
            const std::size_t p = (chance >> 32) % owners_.size(), q = (chance & 0xffffffff) % owners_.size();
            if (owners_[p] == owners_[q] || weights_[p] != weights_[q]) continue;
            const auto before = both_misfit(p, q);
            std::swap(owners_[p], owners_[q]);
            if (both_misfit(p, q) > before) std::swap(owners_[p], owners_[q]);
        }
    }
    std::tuple<int, int, int> both_misfit(std::size_t p, std::size_t q) const {
        const auto [a, b, c] = misfit(p, owners_[p]);
        const auto [d, e, f] = misfit(q, owners_[q]);
        return {a + d, b + e, c + f};
    }
    /// How far along the ring the nearest claim of the member is, as far as that matters.
    std::size_t distance(std::size_t p, std::uint32_t m) const {
        constexpr std::size_t far = 64;
        for (std::size_t d = 1; d < far && 2 * d < owners_.size(); ++d)
            if (owners_[(p + d) % owners_.size()] == m || owners_[(p + owners_.size() - d) % owners_.size()] == m)
                return d;
        return far;
    }
    /// One claim to the member that has least of its share, from whom it does most good.
    bool pass_one() {
        std::uint32_t taker = nobody;
        for (std::uint32_t m = 0; m < members_.size(); ++m)
            if (members_[m].capacity > 0 && (taker == nobody || over_[m] < over_[taker])) taker = m;
        std::size_t best = owners_.size();
        std::tuple<int, std::int64_t, int, int, std::size_t> least;
        for (std::size_t p = 0; p < owners_.size(); ++p) {
            const std::uint32_t owner = owners_[p];
            // Nearer to their shares, both together: and nobody who gives falls below by more than the other gains.
            if (owner == taker || over_[owner] <= 0 || weight(p) >= over_[owner] - over_[taker]) continue;
            const auto [nodes, racks, centres] = misfit(p, taker);
            const std::tuple<int, std::int64_t, int, int, std::size_t> cost{nodes, -over_[owner], racks, centres,
                                                                            std::size_t{64} - distance(p, taker)};
            if (best != owners_.size() && cost >= least) continue;
            best = p;
            least = cost;
        }
        if (best == owners_.size()) return false;
        give(best, taker);
        return true;
    }

    std::vector<std::uint32_t>& owners_;
    std::span<const std::uint64_t> weights_;
    std::span<const Member> members_;
    std::size_t reach_;
    std::vector<std::size_t> rack_, centre_;  ///< of each member: equal numbers, the same place
    std::vector<std::int64_t> over_;          ///< what a member has beyond its share
};

}  // namespace

void deal(std::vector<std::uint32_t>& owners, std::span<const std::uint64_t> weights, std::span<const Member> members,
          std::uint32_t window) {
    Deal(owners, weights, members, window).run();
}

}  // namespace ashlar::ordered
