#include "shift.h"

#include <algorithm>
#include <utility>

#include "quota.h"

namespace ashlar::equal_partitions {

namespace {

constexpr std::uint64_t anything = ~std::uint64_t{0};
constexpr std::uint64_t no_repeat = (std::uint64_t{1} << 40) - 1;

std::vector<std::uint32_t> count(const Owners& owners, std::size_t members) {
    std::vector<std::uint32_t> claims(members);
    for (std::uint32_t owner : owners)
        if (owner != nobody) ++claims[owner];
    return claims;
}

/// One change of the ring under way.
class Shift {
public:
    Shift(Owners& owners, std::span<const Member> members, std::uint32_t window)
        : owners_(owners),
          near_(members, window, owners.size()),
          claims_(count(owners, members.size())),
          surplus_(members.size()),
          given_(members.size()),
          need_(members.size()),
          moved_(owners.size()) {
        const std::vector<std::uint32_t> wanted = quotas(members, static_cast<std::uint32_t>(owners.size()), claims_);
        bool same_members = std::find(owners.begin(), owners.end(), nobody) == owners.end();
        for (std::size_t i = 0; i < members.size(); ++i) {
            surplus_[i] = claims_[i] > wanted[i] ? claims_[i] - wanted[i] : 0;
            need_[i] = wanted[i] > claims_[i] ? wanted[i] - claims_[i] : 0;
            moves_ += need_[i];
            same_members = same_members && (claims_[i] > 0 || wanted[i] == 0);
        }
        relays_left_ = same_members ? moves_ : moves_ / 12;
    }

    void run() {
        if (moves_ == 0) return;
        for (std::size_t p = 0; p < owners_.size(); ++p)
            if (owners_[p] == nobody) hand_over(p, no_repeat);
        for (std::size_t p = 0; p < owners_.size(); ++p)
            if (owners_[p] == nobody && !relay(p)) hand_over(p, anything);
        for (Choice choice :
             {Choice::mend, Choice::fitting, Choice::spaced, Choice::free, Choice::relayed, Choice::any})
            give(choice);
        mend();
    }

private:
    /// Which surplus claims a round may give, the best first.
    enum class Choice {
        mend,     ///< one whose owner repeats, to a member that does not
        fitting,  ///< evenly along the ring, to a member that fits no worse than the owner, racks included
        spaced,   ///< evenly along the ring, to a member that does not repeat
        free,     ///< anywhere, to a member that does not repeat
        relayed,  ///< through a third node
        any,      ///< anywhere
    };

    /// Gives a claim to the member in need that fits best; false when each would be worse than `limit`.
    bool hand_over(std::size_t partition, std::uint64_t limit) {
        std::uint32_t best = nobody;
        std::uint64_t least = 0;
        for (std::uint32_t m = 0; m < need_.size(); ++m) {
            if (need_[m] == 0) continue;
            const std::uint64_t misfit = near_.misfit(owners_, partition, m);
            if (misfit > limit) continue;
            if (best == nobody || misfit < least || (misfit == least && need_[m] > need_[best])) {
                best = m;
                least = misfit;
            }
        }
        if (best == nobody) return false;
        owners_[partition] = best;
        --need_[best];
        moved_[partition] = true;
        return true;
    }

    /// Fills a claim with a node that fits, and gives one of that node's claims to a member in need: one that
    /// moves anyhow, which costs nothing, or while relays are left any other.
    bool relay(std::size_t partition) {
        for (const bool free_of_charge : {true, false}) {
            if (!free_of_charge && relays_left_ == 0) return false;
            for (std::size_t i = 1; i < owners_.size() && tries_ > 0; ++i, --tries_) {
                const std::size_t other = (partition + i) % owners_.size();
                const std::uint32_t third = owners_[other];
                if (moved_[other] != free_of_charge || third == nobody || surplus_[third] != given_[third]) continue;
                if (!pass_on(partition, other)) continue;
                if (!free_of_charge) --relays_left_;
                return true;
            }
        }
        return false;
    }
    bool pass_on(std::size_t partition, std::size_t other) {
        const std::uint32_t before = owners_[partition];
        const std::uint32_t third = owners_[other];
        if (near_.repeats(owners_, partition, third) > 0) return false;
        owners_[partition] = third;
        owners_[other] = nobody;
        if (near_.repeats(owners_, partition, third) == 0 && hand_over(other, no_repeat)) {
            moved_[partition] = true;
            return true;
        }
        owners_[partition] = before;
        owners_[other] = third;
        return false;
    }

    void give(Choice choice) {
        std::vector<std::uint64_t> seen(claims_.size());
        for (std::size_t p = 0; p < owners_.size(); ++p) {
            const std::uint32_t owner = owners_[p];
            if (surplus_[owner] == given_[owner]) continue;  // so it is with every taker
            // The surplus is spread over the owner's claims: the k-th is due after k of its shares.
            const bool due = ++seen[owner] * surplus_[owner] / claims_[owner] > given_[owner];
            if ((choice == Choice::fitting || choice == Choice::spaced) && !due) continue;
            if (choice == Choice::mend && near_.repeats(owners_, p, owner) == 0) continue;
            std::uint64_t limit = choice == Choice::any ? anything : no_repeat;
            if (choice == Choice::fitting) limit = std::min(limit, near_.misfit(owners_, p, owner));
            if (choice == Choice::relayed ? relay(p) : hand_over(p, limit)) ++given_[owner];
        }
    }

    /// Among the claims that move anyhow, exchanges takers while that makes fewer repeats.
    void mend() {
        std::vector<std::size_t> moved;
        for (std::size_t p = 0; p < owners_.size(); ++p)
            if (moved_[p]) moved.push_back(p);
        for (std::size_t p : moved)
            for (std::size_t q : moved) {
                const std::uint32_t here = near_.repeats(owners_, p, owners_[p]);
                if (here == 0 || tries_ == 0) break;
                --tries_;
                if (owners_[p] == owners_[q]) continue;
                const std::uint32_t before = here + near_.repeats(owners_, q, owners_[q]);
                std::swap(owners_[p], owners_[q]);
                if (near_.repeats(owners_, p, owners_[p]) + near_.repeats(owners_, q, owners_[q]) >= before)
                    std::swap(owners_[p], owners_[q]);
            }
    }

    Owners& owners_;
    Neighbours near_;
    std::vector<std::uint32_t> claims_;   ///< per member, of today
    std::vector<std::uint64_t> surplus_;  ///< of those, how many it gives
    std::vector<std::uint64_t> given_;
    std::vector<std::uint32_t> need_;  ///< how many it still takes
    std::vector<bool> moved_;          ///< per partition
    std::uint64_t moves_ = 0;
    std::uint64_t relays_left_ = 0;
    std::size_t tries_ = std::size_t{1} << 24;  ///< bounds the searches: about a second in the worst case
};

}  // namespace

void shift(Owners& owners, std::span<const Member> members, std::uint32_t window) {
    Shift(owners, members, window).run();
}

}  // namespace ashlar::equal_partitions
