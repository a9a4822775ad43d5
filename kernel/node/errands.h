// The long work that operators began on this node: begins it, follows it, and keeps what came of it for whoever asks.
//
// An order is answered with a number at once; looks tell the rest. The last 32 that ended are remembered, until the
// node ends. Refuses what cannot begin (overloaded when 32 are under way). Loop only.
#pragma once

#include <deque>
#include <vector>

#include "node/errand.h"
#include "repair/exchange.h"
#include "repair/healing.h"
#include "repair/upkeep.h"
#include "request/catalogue.h"

namespace ashlar::node {

class Errands {
public:
    static constexpr std::size_t remembered = 32;

    Errands(request::Catalogue& catalogue, StorageEngine& engine, repair::Upkeep& upkeep, repair::Exchange& exchange,
            const repair::Healing& healing, const repair::Gaps& gaps)
        : catalogue_(catalogue),
          engine_(engine),
          upkeep_(upkeep),
          exchange_(exchange),
          healing_(healing),
          gaps_(gaps) {}

    void scrub(const port::Turn& turn, port::Ticket ticket);
    void repair(const port::Turn& turn, const port::AdminOrder& order);
    void cancel(const port::Turn& turn, const port::AdminOrder& order);
    /// All that are under way or remembered, by number.
    std::vector<Errand> all() const;

private:
    struct Kept {
        Errand errand;
        std::uint64_t order = 0;          ///< repair, verify: the exchange's name for it
        const ScrubWork* work = nullptr;  ///< scrub: while it runs
    };
    Result<repair::RepairOrder> order_of(const port::AdminOrder& asked) const;
    std::uint64_t elsewhere(const repair::RepairOrder& order) const;
    Kept* begin(const port::Turn& turn, port::Ticket ticket, Errand::Kind kind);
    Kept* find(std::uint64_t number);
    /// What becomes of a bad block's tokens, now.
    Healing fate(const BadBlock& block) const;
    void end(const port::Turn& turn, Kept& kept, const Result<void>& outcome);

    request::Catalogue& catalogue_;
    StorageEngine& engine_;
    repair::Upkeep& upkeep_;
    repair::Exchange& exchange_;
    const repair::Healing& healing_;
    const repair::Gaps& gaps_;
    std::deque<Kept> kept_;   ///< by number
    std::uint64_t last_ = 0;  ///< number given
};

}  // namespace ashlar::node
