// What the members of a cluster agree on, as others give it and as a node finds it in its ledger: a ring with its
// tables, a whole ledger, and votes that are asked. What is read is canonical, holds together and is written again as
// the same bytes; a voter's numbers stay within reach.
#include <cstdlib>

#include "accord/acceptor.h"
#include "ledger/ledger.h"
#include "wire/codec.h"

using namespace ashlar;

namespace {

ledger::State voter() {
    ledger::State state;
    state.node = NodeId{1};
    state.agreed.ring.epoch = Epoch{1};
    for (std::uint64_t node = 1; node <= 3; ++node)
        state.agreed.ring.members.push_back(Member{NodeId{node}, "dc1", "r", 1});
    state.agreed.ring.claims = {Claim{0, NodeId{1}}, Claim{std::uint64_t{1} << 63, NodeId{2}}};
    state.agreed.origin = 99;
    return state;
}

void judge_agreed(View bytes) {
    auto agreed = ledger::decode_agreed(bytes);
    if (!agreed) {
        if (agreed.error().detail.empty()) std::abort();
        return;
    }
    if (ledger::encode_agreed(*agreed) != bytes) std::abort();
    for (const Claim& claim : agreed->ring.claims)
        if (agreed->ring.member(claim.owner) == nullptr) std::abort();
    ledger::State state = voter();
    ledger::learn(state, *agreed);
}

/// As a voter hears questions; each that is granted is durable, and the next comes.
void judge_votes(View bytes) {
    ledger::State state = voter();
    kit::Reader in(bytes);
    while (in.left() != 0) {
        View blob = in.blob();
        wire::Message message;
        if (!in.ok()) return;
        if (!wire::decode(blob, message)) continue;
        const std::uint64_t before = state.vote.promised.round;
        const ledger::State was = state;
        Result<accord::Verdict> said = fail(Code::unsupported, "no question");
        if (const auto* prepare = std::get_if<wire::Prepare>(&message)) said = accord::promise(state, *prepare, {});
        if (const auto* asked = std::get_if<wire::Accept>(&message)) said = accord::accept(state, *asked);
        if ((!said || !said->granted) && state != was) std::abort();
        if (state.vote.promised.round < before) std::abort();
        if (state.vote.promised.round - before > accord::round_leap_max) std::abort();
        auto found = ledger::decode(ledger::encode(state));
        if (!found || *found != state) std::abort();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    View input(reinterpret_cast<const char*>(data), size);
    judge_agreed(input);
    judge_votes(input);
    if (auto state = ledger::decode(input)) {
        auto again = ledger::decode(ledger::encode(*state));
        if (!again || *again != *state) std::abort();
    }
    return 0;
}
