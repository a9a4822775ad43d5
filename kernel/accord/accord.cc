#include "accord/accord.h"

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

#include "accord/acceptor.h"
#include "kit/text.h"

namespace ashlar::accord {
namespace {

constexpr Duration ask_pause = milliseconds(200);
constexpr Duration say_pause = seconds(60);
/// A vote whose proposer has had so long, and up to as long again, is seen through by somebody else.
constexpr Duration old_vote = seconds(2);

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
        proposer_.promised(turn, from.node, *promise);
    } else if (const auto* asked = std::get_if<wire::Accept>(&message)) {
        hear_accept(turn, from.node, *asked);
    } else if (const auto* said = std::get_if<wire::Accepted>(&message)) {
        proposer_.accepted(turn, from.node, *said);
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

bool Accord::timely(const port::Turn& turn, NodeId from, Epoch epoch) {
    Epoch held = state().agreed.epoch();
    if (epoch <= held) give(turn, from);
    if (epoch.value > held.value + 1) catch_up(turn, from);
    return epoch.value == held.value + 1;
}

void Accord::hear_prepare(const port::Turn& turn, NodeId from, const wire::Prepare& asked) {
    if (asked.ballot.node != from || !timely(turn, from, asked.epoch)) return;
    const ledger::Vote& vote = state().vote;
    if (vote.epoch == asked.epoch && vote.promised == asked.ballot && vote.voters == asked.voters) {
        // Said before, and durable: the answer was lost.
        return say_to(turn, from, wire::Promise{asked.epoch, asked.ballot, true, {}, vote.accepted, vote.value});
    }
    auto verdict = std::make_shared<Verdict>();
    parts_.changes.ask(
        turn,
        [verdict, asked, founders = founders_](ledger::State& at) {
            return not_granted(promise(at, asked, founders), *verdict);
        },
        [this, verdict, asked, from](const port::Turn& later, const Result<void>& outcome) {
            if (!outcome && verdict->promised.round == 0) return counters_.refused.add();
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
            if (!outcome && verdict->promised.round == 0) {
                counters_.refused.add();
                if (outcome.error().code == Code::corrupt)
                    parts_.log.write(LogLevel::error, kit::text("a vote that ", parts_.neighbours.name(from),
                                                                " asks for is refused: ", outcome.error().detail));
                return;
            }
            if (!outcome && verdict->granted) return;
            say_to(later, from, wire::Accepted{epoch, ballot, verdict->granted, verdict->promised});
        });
}

void Accord::hear_state(const port::Turn& turn, NodeId from, const wire::StateGive& given) {
    const ledger::Agreed& held = state().agreed;
    auto agreed = ledger::decode_agreed(given.state);
    if (!agreed || agreed->epoch() != given.epoch || given.epoch.value == 0) {
        counters_.refused.add();
        return parts_.log.write(LogLevel::warn,
                                kit::text("a state that ", parts_.neighbours.name(from), " gives is refused: ",
                                          agreed ? "its epoch is not the one announced" : agreed.error().detail));
    }
    if (held.epoch().value != 0 && agreed->origin != held.origin) {
        counters_.refused.add();
        return say(turn, kit::text(parts_.neighbours.name(from),
                                   " belongs to another ring of the same cluster.name: it "
                                   "was made by other first members; give one of the two clusters another name, or "
                                   "start that node on an empty data directory"));
    }
    if (agreed->epoch() < held.epoch()) return;
    if (agreed->epoch() == held.epoch()) {
        if (given.state == ledger::encode_agreed(held)) return;
        counters_.broken.add();
        return parts_.log.write(LogLevel::error, kit::text("broken truth: ", parts_.neighbours.name(from),
                                                           " holds another state under epoch ", given.epoch.value,
                                                           " than this node; it is refused, please report this"));
    }
    if (held.epoch().value == 0 && agreed->ring.member(state().node) == nullptr) {
        return say(turn, kit::text("the cluster has a ring of ", agreed->ring.members.size(), " nodes (epoch ",
                                   given.epoch.value,
                                   ") and this node is not among them: it serves nobody until the "
                                   "ring takes it in, or it is stopped"));
    }
    learn(turn, *agreed, false, [](const port::Turn&, const Result<void>&) {});
}

void Accord::learn(const port::Turn& turn, const ledger::Agreed& decided, bool tell, Then then) {
    auto before = std::make_shared<ledger::Agreed>();
    auto now = std::make_shared<const ledger::Agreed>(decided);
    parts_.changes.ask(
        turn,
        [before, now](ledger::State& at) -> Result<void> {
            if (now->epoch() <= at.agreed.epoch()) return fail(Code::conflict, "as new a state is held already");
            *before = at.agreed;
            ledger::learn(at, *now);
            return {};
        },
        [this, before, now, tell, then = std::move(then)](const port::Turn& later, const Result<void>& outcome) {
            if (outcome) {
                problem_.what.clear();
                parts_.neighbours.self().epoch = now->epoch();
                parts_.neighbours.self().known = 0;
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
    if (turn.now.steady - asked_at_ < ask_pause) return;
    asked_at_ = turn.now.steady;
    say_to(turn, who, wire::StateAsk{state().agreed.epoch()});
}

void Accord::give(const port::Turn& turn, NodeId who) {
    Bytes bytes = ledger::encode_agreed(state().agreed);
    say_to(turn, who, wire::StateGive{state().agreed.epoch(), bytes});
}

void Accord::pump(const port::Turn& turn) {
    proposer_.pump(turn);
    if (turn.now.steady < look_at_) return;
    look_at_ = turn.now.steady + parts_.rules.tick;
    look_around(turn);
    finish_old_votes(turn);
}

/// What gossip says: whom to ask for newer states; before the first ring, who is there to make it.
void Accord::look_around(const port::Turn& turn) {
    const ledger::Agreed& held = state().agreed;
    if (parts_.neighbours.self().epoch != held.epoch()) parts_.neighbours.self().epoch = held.epoch();
    std::vector<NodeId> newer;  // members first: a stranger may be of another ring
    std::size_t members = 0;
    NodeId stranger;
    for (const Sighting& seen : parts_.neighbours.all()) {
        NodeId node = seen.entry->node;
        if (seen.state == PeerState::down || seen.entry->epoch.value == 0 || node == state().node) continue;
        bool member = held.ring.member(node) != nullptr;
        if (!member) stranger = node;
        if (seen.entry->epoch <= held.epoch()) continue;
        newer.insert(member ? newer.begin() : newer.end(), node);
        members += member ? 1 : 0;
    }
    if (!newer.empty()) {
        std::size_t among = members != 0 ? members : newer.size();
        catch_up(turn, newer[parts_.random.next() % among]);
    } else if (stranger.value != 0 && turn.now.steady - challenged_at_ >= say_pause) {
        // It left this ring, or it never was of it: its state tells.
        challenged_at_ = turn.now.steady;
        say_to(turn, stranger, wire::StateAsk{Epoch{0}});
    }
    founders_ = 0;
    if (held.epoch().value == 0) found(turn, muster(parts_.neighbours.all(), parts_.rules.expect));
    if (parts_.rules.take_home_after.us != 0 && held.ring.member(state().node) != nullptr)
        welcome(turn, parts_.neighbours.all());
}

/// Each member waits a little longer by chance, so that mostly one proposes; a second one's edit refuses itself.
void Accord::welcome(const port::Turn& turn, const std::vector<Sighting>& seen) {
    auto now = homecoming(state().agreed, seen);
    if (now != home_.what || !now) {
        home_.what = now;
        auto spread = static_cast<std::int64_t>(parts_.random.next() % static_cast<std::uint64_t>(old_vote.us));
        home_.since = turn.now.steady + microseconds(spread);
        return;
    }
    if (turn.now.steady - home_.since < parts_.rules.take_home_after || !proposer_.idle()) return;
    home_.since = turn.now.steady;
    parts_.log.write(LogLevel::warn, kit::text(parts_.neighbours.name(now->now.node),
                                               " is back with an empty disk; it shall "
                                               "take the place of ",
                                               kit::hex16(now->was.value), ", which is down"));
    propose(
        turn, [who = *now](ledger::Agreed& at) { return take_home(at, who); }, Instant{},
        [](const port::Turn&, const Result<void>&) {});
}

void Accord::found(const port::Turn& turn, const Muster& seen) {
    wire::RosterEntry& self = parts_.neighbours.self();
    if (self.known != seen.mark) self.known = seen.mark;
    const ledger::Vote& vote = state().vote;
    bool bound = vote.epoch.value == 1;
    founders_ = seen.complete ? seen.mark : 0;
    if (!seen.problem.empty()) say(turn, seen.problem);
    if (bound && seen.complete && vote.voters != seen.mark) {
        say(turn,
            "no first ring is made: this node has promised its vote to another list of first nodes than the one it "
            "sees now. If a node of that list is gone for good, stop all, empty their data directories (there is no "
            "data yet) and start anew");
    }
    if (!seen.ready || seen.mark != settled_.what) {
        settled_.what = seen.ready ? seen.mark : 0;
        settled_.since = turn.now.steady;
        return;
    }
    if (turn.now.steady - settled_.since < parts_.rules.settled) return;
    if (!seen.problem.empty() || !proposer_.idle() || seen.founders.front().node != state().node) return;
    std::vector<NodeId> voters;
    for (const Member& member : seen.founders) voters.push_back(member.node);
    Proposal proposal;
    proposal.kind = Proposal::Kind::found;
    proposal.founders = std::move(voters);
    proposal.deadline = turn.now.steady + parts_.rules.usual_deadline;
    proposal.edit = [this, members = seen.founders](ledger::Agreed& at) -> Result<void> {
        auto first = parts_.first(members);
        if (!first) return first.error();
        at = std::move(*first);
        return {};
    };
    proposal.then = [this](const port::Turn& later, const Result<void>& outcome) {
        if (!outcome) say(later, "the first ring is not made yet: " + outcome.error().detail);
    };
    proposer_.propose(turn, std::move(proposal));
}

/// A proposer that died may leave votes behind that are a majority, or not: nobody knows until it is seen through.
void Accord::finish_old_votes(const port::Turn& turn) {
    const ledger::Vote& vote = state().vote;
    bool open = vote.epoch.value == state().agreed.epoch().value + 1 && vote.accepted.round != 0;
    if (!open || !proposer_.idle() || vote.promised != old_vote_.what) {
        old_vote_.what = open ? vote.promised : wire::Ballot{};
        auto spread = static_cast<std::int64_t>(parts_.random.next() % static_cast<std::uint64_t>(old_vote.us));
        old_vote_.since = turn.now.steady + microseconds(spread);
        return;
    }
    if (turn.now.steady - old_vote_.since < old_vote) return;
    Proposal proposal;
    proposal.kind = Proposal::Kind::finish;
    proposal.deadline = turn.now.steady + parts_.rules.usual_deadline;
    proposal.then = [](const port::Turn&, const Result<void>&) {};
    proposer_.propose(turn, std::move(proposal));
}

/// Loudly, but not at every look.
void Accord::say(const port::Turn& turn, std::string problem) {
    bool again = problem != problem_.what || turn.now.steady - problem_.since >= say_pause;
    problem_.what = std::move(problem);
    if (!again) return;
    problem_.since = turn.now.steady;
    parts_.log.write(LogLevel::warn, problem_.what);
}

void Accord::say_to(const port::Turn& turn, NodeId who, const wire::Message& message) {
    parts_.neighbours.say(turn, who, message);
}

Instant Accord::due() const {
    return std::min(proposer_.due(), look_at_);
}

}  // namespace ashlar::accord
