// A voter's side of the agreement on the next epoch, as edits of what the node remembers.
//
// Single-decree Paxos (Lamport, "Paxos Made Simple", 2001), one instance for each epoch; the members of epoch e vote
// on epoch e + 1, the founders on epoch 1. An answer may leave only after the state this made is durable. An edit that
// does not grant leaves the state as it was. A founder's promise binds it to one list of founders for good: two
// lists that share a node can so never both get all their promises.
// Only voters are answered, and a ballot may be only so far above the one before it: no asker, however broken, can use
// up the numbers that the others need. Whoever lies about its own votes can still break the agreement. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "ledger/ledger.h"
#include "wire/message.h"

namespace ashlar::accord {

/// A ballot may be so far above what is promised or proposed. Honest ones are apart by a few; to use up all rounds in
/// such leaps takes 2^40 of them, each made durable.
inline constexpr std::uint64_t round_leap_max = std::uint64_t{1} << 24;

/// Names a list of voters (sorted) in messages. `origin` is that of the cluster, 0 before the first ring.
std::uint64_t voters_mark(std::uint64_t origin, std::span<const NodeId> voters);
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

/// `founders`: the list this node sees itself in where there is no ring yet; empty: none. Fails where this is no
/// question for this voter: another epoch, another list (unsupported); an asker without a vote (not_authorized); a
/// ballot out of bounds (corrupt).
Result<Verdict> promise(ledger::State& state, const wire::Prepare& asked, std::span<const NodeId> founders);
/// Fails so too, and where the value is none that may be agreed on.
Result<Verdict> accept(ledger::State& state, const wire::Accept& asked);

/// Whether `value` can be what the voters under `mark` decide behind `before`.
Result<ledger::Agreed> proper_value(const ledger::Agreed& before, View value, std::uint64_t mark);

}  // namespace ashlar::accord
