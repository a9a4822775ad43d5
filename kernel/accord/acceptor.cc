#include "accord/acceptor.h"

#include <algorithm>
#include <utility>

#include "kit/bytes.h"
#include "kit/hash.h"
#include "kit/text.h"

namespace ashlar::accord {
namespace {

/// Whether `node` is on the list under `voters`. A founder that is bound to a list remembers only its mark: where it
/// knows no list of that mark any more, whoever knows the mark passes, and its vote goes only to a value that tells.
bool may_ask(const ledger::State& state, NodeId node, std::uint64_t voters, std::span<const NodeId> founders) {
    auto listed = [node](const auto& list) { return std::find(list.begin(), list.end(), node) != list.end(); };
    if (state.agreed.epoch().value != 0) return state.agreed.ring.member(node) != nullptr;
    if (voters_mark(0, founders) == voters) return listed(founders);
    auto value = ledger::decode_agreed(state.vote.value);
    return !value || voters_mark(0, voters_of(*value)) != voters || listed(voters_of(*value));
}

Result<void> check_ballot(const ledger::State& state, Epoch epoch, const wire::Ballot& ballot) {
    const std::uint64_t known = state.vote.epoch == epoch ? state.vote.promised.round : 0;
    if (ballot.round != 0 && (ballot.round <= known || ballot.round - known <= round_leap_max)) return {};
    return fail(Code::corrupt, kit::text("ballot ", ballot.round, " on epoch ", epoch.value,
                                         " is out of bounds, this node has promised ", known));
}

Result<void> check_question(const ledger::State& state, Epoch epoch, const wire::Ballot& ballot, std::uint64_t voters,
                            std::span<const NodeId> founders) {
    if (epoch.value != state.agreed.epoch().value + 1) {
        return fail(Code::conflict, kit::text("a vote on epoch ", epoch.value, " is asked, epoch ",
                                              state.agreed.epoch().value, " is held here"));
    }
    std::uint64_t own = mark_of(state, founders.empty() ? 0 : voters_mark(0, founders));
    if (own == 0 || own != voters) {
        return fail(Code::unsupported, kit::text("a vote on epoch ", epoch.value,
                                                 own == 0 ? " is asked of a node that has none"
                                                          : " is asked of another list of voters than this node's"));
    }
    if (!may_ask(state, ballot.node, voters, founders)) {
        return fail(Code::not_authorized, kit::text("a vote on epoch ", epoch.value, " is asked by node ",
                                                    kit::hex16(ballot.node.value), ", which has none"));
    }
    return check_ballot(state, epoch, ballot);
}

}  // namespace

std::uint64_t voters_mark(std::uint64_t origin, std::span<const NodeId> voters) {
    Bytes bytes;
    kit::Writer out(bytes);
    out.u64(origin);
    for (NodeId voter : voters) out.u64(voter.value);
    std::uint64_t mark = kit::hash64(bytes);
    return mark == 0 ? 1 : mark;
}

std::vector<NodeId> voters_of(const ledger::Agreed& agreed) {
    std::vector<NodeId> out;
    for (const Member& member : agreed.ring.members) out.push_back(member.node);
    return out;
}

std::uint64_t mark_of(const ledger::State& state, std::uint64_t founders) {
    if (state.agreed.epoch().value == 0) return state.vote.epoch.value == 1 ? state.vote.voters : founders;
    if (state.agreed.ring.member(state.node) == nullptr) return 0;
    return voters_mark(state.agreed.origin, voters_of(state.agreed));
}

Result<Verdict> promise(ledger::State& state, const wire::Prepare& asked, std::span<const NodeId> founders) {
    if (auto good = check_question(state, asked.epoch, asked.ballot, asked.voters, founders); !good)
        return good.error();
    ledger::Vote& vote = state.vote;
    bool begun = vote.epoch == asked.epoch;
    if (begun && asked.ballot < vote.promised) return Verdict{false, vote.promised, {}, {}};
    if (!begun) vote = ledger::Vote{asked.epoch, {}, {}, {}, asked.voters};
    vote.promised = asked.ballot;
    return Verdict{true, vote.promised, vote.accepted, vote.value};
}

Result<Verdict> accept(ledger::State& state, const wire::Accept& asked) {
    // A founder accepts only what it is bound to: whoever asks has its promise.
    if (auto good = check_question(state, asked.epoch, asked.ballot, asked.voters, {}); !good) return good.error();
    ledger::Vote& vote = state.vote;
    bool begun = vote.epoch == asked.epoch;
    if (begun && asked.ballot < vote.promised) return Verdict{false, vote.promised, {}, {}};
    if (begun && asked.ballot == vote.accepted && asked.value != vote.value) {
        return fail(Code::corrupt,
                    kit::text("ballot ", asked.ballot.round, " of node ", kit::hex16(asked.ballot.node.value),
                              " on epoch ", asked.epoch.value, " has two values"));
    }
    auto proper = proper_value(state.agreed, asked.value, asked.voters);
    if (!proper) return proper.error();
    if (asked.epoch.value == 1 && proper->ring.member(asked.ballot.node) == nullptr)
        return fail(Code::not_authorized, kit::text("node ", kit::hex16(asked.ballot.node.value),
                                                    " proposes a first ring that it is not in"));
    vote = ledger::Vote{asked.epoch, asked.ballot, asked.ballot, Bytes(asked.value), asked.voters};
    return Verdict{true, asked.ballot, asked.ballot, {}};
}

Result<ledger::Agreed> proper_value(const ledger::Agreed& before, View value, std::uint64_t mark) {
    auto agreed = ledger::decode_agreed(value);
    if (!agreed) return agreed;
    if (agreed->epoch().value != before.epoch().value + 1) {
        return fail(Code::corrupt, kit::text("a state of epoch ", agreed->epoch().value, " is proposed behind epoch ",
                                             before.epoch().value));
    }
    bool ours =
        before.epoch().value == 0 ? voters_mark(0, voters_of(*agreed)) == mark : agreed->origin == before.origin;
    if (!ours) return fail(Code::corrupt, "the proposed state is not of this cluster's voters");
    return agreed;
}

}  // namespace ashlar::accord
