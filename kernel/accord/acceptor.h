// A voter's side of the agreement on the next epoch, as edits of what the node remembers.
//
// Single-decree Paxos (Lamport, "Paxos Made Simple", 2001), one instance for each epoch; the members of epoch e vote
// on epoch e + 1, the founders on epoch 1. An answer may leave only after the state this made is durable. An edit that
// does not grant leaves the state as it was. A founder's promise binds it to one list of founders for good: two
// lists that share a node can so never both get all their promises. Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "ledger/ledger.h"
#include "wire/message.h"

namespace ashlar::accord {

/// Names a list of voters (sorted) in messages. `origin` is that of the cluster, 0 before the first ring.
std::uint64_t voters_mark(std::uint64_t origin, const std::vector<NodeId>& voters);
/// Members of the ring, who vote on the next epoch.
std::vector<NodeId> voters_of(const ledger::Agreed& agreed);
/// The list this node votes in on the epoch behind `state.agreed`, as a mark; 0: in none. `founders` is the list it
/// sees itself in where there is no ring yet and it is bound to none.
std::uint64_t mark_of(const ledger::State& state, std::uint64_t founders);

struct Verdict {
    bool granted = false;
    wire::Ballot promised;  ///< when not granted: by what
    wire::Ballot accepted;  ///< of a promise: what was accepted before, if anything
    Bytes value;
};

/// Fails where this is no question for this voter: another epoch, another list.
Result<Verdict> promise(ledger::State& state, const wire::Prepare& asked, std::uint64_t founders);
/// Fails so too, and where the value is none that may be agreed on.
Result<Verdict> accept(ledger::State& state, const wire::Accept& asked);

/// Whether `value` can be what the voters under `mark` decide behind `before`.
Result<ledger::Agreed> proper_value(const ledger::Agreed& before, View value, std::uint64_t mark);

}  // namespace ashlar::accord
