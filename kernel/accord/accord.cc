#include "accord/accord.h"

#include <memory>
#include <set>
#include <utility>

#include "accord/acceptor.h"
#include "kit/text.h"
#include "wire/codec.h"

namespace ashlar::accord {
namespace {

constexpr Duration ask_pause = milliseconds(200);
/// A node that is behind asks again if it is still behind.
constexpr Duration give_pause = milliseconds(200);
/// Epochs are made by people and machines that come and go: nobody was away for so many.
constexpr std::uint64_t epoch_leap_max = std::uint64_t{1} << 24;
/// For how long a problem stands in the status after it was last met: the next meeting comes before.
constexpr Duration other_ring_lasts = seconds(130);
constexpr Duration not_among_lasts = seconds(10);

Result<void> not_granted(const Result<Verdict>& said, Verdict& keep) {
    if (!said) return said.error();
    keep = *said;
    if (!keep.granted) return fail(Code::conflict, "a higher ballot is promised");
    return {};
}

}  // namespace

Accord::Accord(Parts parts)
    : parts_(std::move(parts)),
      proposer_({parts_.changes, parts_.neighbours, parts_.random, parts_.log,
                 [this](const port::Turn& turn, const ledger::Agreed& decided, Then then) {
                     learn(turn, decided, true, std::move(then));
                 }}),
      counters_{parts_.meter.counter("accord_refused"), parts_.meter.counter("accord_broken_truths")} {}

void Accord::propose(const port::Turn& turn, Edit edit, Instant deadline, Then then) {
    if (deadline <= Instant{}) deadline = turn.now.steady + parts_.rules.usual_deadline;
    proposer_.propose(turn, Proposal{Proposal::Kind::edit, std::move(edit), {}, deadline, std::move(then)});
}

bool Accord::hear(const port::Turn& turn, const wire::Sender& from, const wire::Message& message) {
    if (const auto* prepare = std::get_if<wire::Prepare>(&message)) {
        hear_prepare(turn, from.node, *prepare);
    } else if (const auto* promise = std::get_if<wire::Promise>(&message)) {
        refuse(turn, from.node, proposer_.promised(turn, from.node, *promise));
    } else if (const auto* asked = std::get_if<wire::Accept>(&message)) {
        hear_accept(turn, from.node, *asked);
    } else if (const auto* said = std::get_if<wire::Accepted>(&message)) {
        refuse(turn, from.node, proposer_.accepted(turn, from.node, *said));
    } else if (const auto* ask = std::get_if<wire::StateAsk>(&message)) {
        if (ask->have < state().agreed.epoch()) give(turn, from.node);
        if (ask->have > state().agreed.epoch()) catch_up(turn, from.node);
    } else if (const auto* given = std::get_if<wire::StateGive>(&message)) {
        hear_state(turn, from.node, *given);
    } else {
        return false;
    }
    return true;
}

/// Counted, and said where it is nothing that honest nodes do while they come and go.
void Accord::refuse(const port::Turn& turn, NodeId from, const Result<void>& heard) {
    if (heard) return;
    counters_.refused.add();
    const Code code = heard.error().code;
    if (code != Code::corrupt && code != Code::not_authorized) return;
    const std::string name = parts_.neighbours.name(from);
    write(turn, code == Code::corrupt ? LogLevel::error : LogLevel::warn, name,
          kit::text("what ", name, " says about the agreement is refused: ", heard.error().detail));
}

bool Accord::timely(const port::Turn& turn, NodeId from, Epoch epoch) {
    Epoch held = state().agreed.epoch();
    if (epoch <= held) give(turn, from);
    if (epoch.value > held.value + 1) catch_up(turn, from);
    if (epoch.value != held.value + 1) return false;
    if (held.value == 0 || state().agreed.ring.member(from) != nullptr) return true;
    // Before anything of it waits for the ledger.
    refuse(turn, from, fail(Code::not_authorized, "a vote is asked by a node that has none"));
    return false;
}

void Accord::hear_prepare(const port::Turn& turn, NodeId from, const wire::Prepare& asked) {
    if (asked.ballot.node != from || !timely(turn, from, asked.epoch)) return;
    const ledger::Vote& vote = state().vote;
    if (vote.epoch == asked.epoch && vote.promised == asked.ballot && vote.voters == asked.voters) {
        // Said before, and durable: the answer was lost.
        return say_to(turn, from, wire::Promise{asked.epoch, asked.ballot, true, {}, vote.accepted, vote.value});
    }
    if (!preparing_.insert(from).second) return;  // one at a time: it will ask again
    auto verdict = std::make_shared<Verdict>();
    parts_.changes.ask(
        turn,
        [verdict, asked, founders = founders_](ledger::State& at) {
            return not_granted(promise(at, asked, founders), *verdict);
        },
        [this, verdict, asked, from](const port::Turn& later, const Result<void>& outcome) {
            preparing_.erase(from);
            if (!outcome && verdict->promised.round == 0) return refuse(later, from, outcome);
            if (!outcome && verdict->granted) return;  // not durable, so not said
            say_to(later, from,
                   wire::Promise{asked.epoch, asked.ballot, verdict->granted, verdict->promised, verdict->accepted,
                                 verdict->value});
        });
}

void Accord::hear_accept(const port::Turn& turn, NodeId from, const wire::Accept& asked) {
    if (asked.ballot.node != from || !timely(turn, from, asked.epoch)) return;
    const ledger::Vote& vote = state().vote;
    if (vote.epoch == asked.epoch && vote.accepted == asked.ballot && vote.value == asked.value) {
        return say_to(turn, from, wire::Accepted{asked.epoch, asked.ballot, true, {}});
    }
    const bool bound = asked.epoch.value > 1 || (vote.epoch == asked.epoch && vote.voters == asked.voters);
    if (!bound) return refuse(turn, from, fail(Code::unsupported, "a vote is asked that this node has not promised"));
    if (!voting_.insert(from).second) return;
    auto verdict = std::make_shared<Verdict>();
    auto value = std::make_shared<Bytes>(asked.value);
    parts_.changes.ask(
        turn,
        [verdict, value, asked](ledger::State& at) {
            wire::Accept kept = asked;
            kept.value = *value;
            return not_granted(accept(at, kept), *verdict);
        },
        [this, verdict, from, epoch = asked.epoch, ballot = asked.ballot](const port::Turn& later,
                                                                          const Result<void>& outcome) {
            voting_.erase(from);
            if (!outcome && verdict->promised.round == 0) return refuse(later, from, outcome);
            if (!outcome && verdict->granted) return;
            say_to(later, from, wire::Accepted{epoch, ballot, verdict->granted, verdict->promised});
        });
}

void Accord::hear_state(const port::Turn& turn, NodeId from, const wire::StateGive& given) {
    const ledger::Agreed& held = state().agreed;
    auto agreed = ledger::decode_agreed(given.state);
    if (!agreed) return refuse(turn, from, fail(Code::corrupt, agreed.error().detail));
    if (agreed->epoch() != given.epoch || given.epoch.value == 0)
        return refuse(turn, from, fail(Code::corrupt, "a state whose epoch is not the one announced"));
    if (held.epoch().value != 0 && agreed->origin != held.origin) {
        counters_.refused.add();
        return say(turn, other_ring_lasts,
                   kit::text(parts_.neighbours.name(from),
                             " belongs to another ring of the same cluster.name: it "
                             "was made by other first members; give one of the two clusters another name, or "
                             "start that node on an empty data directory"));
    }
    if (agreed->epoch() < held.epoch()) return;
    // A stranger's word is none of the cluster's; who left tells what its last ring decided.
    if (held.ring.member(from) == nullptr && agreed->ring.member(from) == nullptr)
        return refuse(turn, from, fail(Code::not_authorized, "a state given by a node that is in none of its rings"));
    if (given.epoch.value - held.epoch().value > epoch_leap_max)
        return refuse(turn, from,
                      fail(Code::corrupt, kit::text("a state of epoch ", given.epoch.value, " where epoch ",
                                                    held.epoch().value, " is held")));
    if (agreed->epoch() == held.epoch()) {
        if (given.state == ledger::encode_agreed(held)) return;
        counters_.broken.add();
        return write(turn, LogLevel::error, "broken truth",
                     kit::text("broken truth: ", parts_.neighbours.name(from), " holds another state under epoch ",
                               given.epoch.value, " than this node; it is refused, please report this"));
    }
    if (held.epoch().value == 0 && agreed->ring.member(state().node) == nullptr) {
        return say(
            turn, not_among_lasts,
            kit::text("the cluster has a ring of ", agreed->ring.members.size(), " nodes (epoch ", given.epoch.value,
                      ") and this node is not among them. No ring takes a node in yet: it keeps nothing of the ring's "
                      "and serves nobody. Stop it; if it was a member, start it with the data directory it had"));
    }
    learn(turn, *agreed, false, [](const port::Turn&, const Result<void>&) {});
}

void Accord::learn(const port::Turn& turn, const ledger::Agreed& decided, bool tell, Then then) {
    if (decided.epoch() <= learning_) return then(turn, fail(Code::conflict, "as new a state is being stored"));
    learning_ = decided.epoch();
    auto before = std::make_shared<ledger::Agreed>();
    auto now = std::make_shared<const ledger::Agreed>(decided);
    parts_.changes.ask(
        turn,
        [before, now](ledger::State& at) -> Result<void> {
            if (now->epoch() <= at.agreed.epoch()) return fail(Code::conflict, "as new a state is held already");
            *before = at.agreed;
            const bool empty = comes_empty(at, *now);
            ledger::learn(at, *now);
            if (empty) ledger::open_gap(at, TokenRange{});
            return {};
        },
        [this, before, now, tell, then = std::move(then)](const port::Turn& later, const Result<void>& outcome) {
            if (learning_ == now->epoch()) learning_ = Epoch{};
            if (outcome) {
                problem_.what.clear();
                parts_.neighbours.self().epoch = now->epoch();
                parts_.neighbours.self().known = 0;
                parts_.neighbours.self().expect = 0;
                parts_.log.write(LogLevel::info, kit::text("epoch ", now->epoch().value, ": ", now->ring.members.size(),
                                                           " members, ", now->tables.size(), " tables"));
                parts_.decided(later, *before, *now);
                if (tell) tell_all(later, *before, *now);
                proposer_.learned(later, *now);
            }
            then(later, outcome);
        });
}

void Accord::tell_all(const port::Turn& turn, const ledger::Agreed& before, const ledger::Agreed& now) {
    std::set<NodeId> all;
    for (NodeId node : voters_of(before)) all.insert(node);
    for (NodeId node : voters_of(now)) all.insert(node);
    all.erase(state().node);
    Bytes bytes = ledger::encode_agreed(now);
    for (NodeId node : all) say_to(turn, node, wire::StateGive{now.epoch(), bytes});
}

void Accord::catch_up(const port::Turn& turn, NodeId who) {
    // So that no stranger's claims keep this node from asking those who know.
    const bool member = state().agreed.ring.member(who) != nullptr;
    Instant& last = member ? asked_at_ : stranger_asked_at_;
    if (turn.now.steady - last < ask_pause) return;
    last = turn.now.steady;
    say_to(turn, who, wire::StateAsk{state().agreed.epoch()});
}

void Accord::give(const port::Turn& turn, NodeId who) {
    if (given_.size() > wire::members_max) given_.clear();
    auto [at, first] = given_.try_emplace(who);
    const bool again = !first && at->second.what == state().agreed.epoch();
    if (again && turn.now.steady - at->second.since < give_pause) return;
    at->second = {state().agreed.epoch(), turn.now.steady};
    Bytes bytes = ledger::encode_agreed(state().agreed);
    say_to(turn, who, wire::StateGive{state().agreed.epoch(), bytes});
}

void Accord::pump(const port::Turn& turn) {
    proposer_.pump(turn);
    if (turn.now.steady < look_at_) return;
    // What nobody says any more is over.
    if (turn.now.steady >= problem_.since) problem_.what.clear();
    look_at_ = turn.now.steady + parts_.rules.tick;
    look_around(turn);
    finish_old_votes(turn);
}

void Accord::say(const port::Turn& turn, Duration lasts, std::string problem) {
    write(turn, LogLevel::warn, "problem", problem);
    problem_ = {std::move(problem), turn.now.steady + lasts};
}

void Accord::write(const port::Turn& turn, LogLevel level, std::string_view topic, std::string_view words) {
    if (auto line = said_.say(topic, words, turn.now.steady)) parts_.log.write(level, *line);
}

void Accord::say_to(const port::Turn& turn, NodeId who, const wire::Message& message) {
    parts_.neighbours.say(turn, who, message);
}

Instant Accord::due() const {
    return std::min(proposer_.due(), look_at_);
}

}  // namespace ashlar::accord
