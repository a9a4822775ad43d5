// Where the other members of the ring were heard last, and under which names, kept in the ledger: after a start they
// are asked like seeds, so that members find each other again though every seed is gone.
//
// One store of the ledger when an address has changed, no more. Loop only.
#pragma once

#include <string>
#include <vector>

#include "ashlar/ring.h"
#include "ledger/changes.h"
#include "member/members.h"

namespace ashlar::node {

class AddressBook {
public:
    AddressBook(ledger::Changes& changes, const member::Members& members) : changes_(changes), members_(members) {}

    /// Whom to gossip with first: the config's seeds, and those of the book that are not among them.
    static std::vector<std::string> seeds(std::vector<std::string> configured, const ledger::State& state);
    /// Notes what has changed. At the end of a turn.
    void pump(const port::Turn& turn, const Ring& ring);

private:
    std::vector<ledger::Address> known(const Ring& ring) const;

    ledger::Changes& changes_;
    const member::Members& members_;
    std::uint64_t looked_at_ = ~std::uint64_t{0};  ///< members' count of changes
    Epoch looked_in_;
    bool asked_ = false;
};

}  // namespace ashlar::node
