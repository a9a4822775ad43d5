#include "accord/acceptor.h"

#include <utility>

#include "kit/bytes.h"
#include "kit/hash.h"
#include "kit/text.h"

namespace ashlar::accord {
namespace {

Result<void> check_question(const ledger::State& state, Epoch epoch, std::uint64_t voters, std::uint64_t founders) {
    if (epoch.value != state.agreed.epoch().value + 1) {
        return fail(Code::conflict, kit::text("a vote on epoch ", epoch.value, " is asked, epoch ",
                                              state.agreed.epoch().value, " is held here"));
    }
    std::uint64_t own = mark_of(state, founders);
    if (own != 0 && own == voters) return {};
    return fail(Code::unsupported, kit::text("a vote on epoch ", epoch.value,
                                             own == 0 ? " is asked of a node that has none"
                                                      : " is asked of another list of voters than this node's"));
}

}  // namespace

std::uint64_t voters_mark(std::uint64_t origin, const std::vector<NodeId>& voters) {
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

Result<Verdict> promise(ledger::State& state, const wire::Prepare& asked, std::uint64_t founders) {
    if (auto good = check_question(state, asked.epoch, asked.voters, founders); !good) return good.error();
    ledger::Vote& vote = state.vote;
    bool begun = vote.epoch == asked.epoch;
    if (begun && asked.ballot < vote.promised) return Verdict{false, vote.promised, {}, {}};
    if (!begun) vote = ledger::Vote{asked.epoch, {}, {}, {}, asked.voters};
    vote.promised = asked.ballot;
    return Verdict{true, vote.promised, vote.accepted, vote.value};
}

Result<Verdict> accept(ledger::State& state, const wire::Accept& asked) {
    // A founder accepts only what it is bound to: whoever asks has its promise.
    if (auto good = check_question(state, asked.epoch, asked.voters, 0); !good) return good.error();
    ledger::Vote& vote = state.vote;
    bool begun = vote.epoch == asked.epoch;
    if (begun && asked.ballot < vote.promised) return Verdict{false, vote.promised, {}, {}};
    if (begun && asked.ballot == vote.accepted && asked.value != vote.value) {
        return fail(Code::corrupt,
                    kit::text("ballot ", asked.ballot.round, " of node ", kit::hex16(asked.ballot.node.value),
                              " on epoch ", asked.epoch.value, " has two values"));
    }
    if (auto proper = proper_value(state.agreed, asked.value, asked.voters); !proper) return proper.error();
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
