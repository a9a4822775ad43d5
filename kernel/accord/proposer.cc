#include "accord/proposer.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "accord/acceptor.h"
#include "kit/text.h"

namespace ashlar::accord {
namespace {

constexpr std::size_t waiting_max = 64;
constexpr Duration say_again = milliseconds(250);
constexpr Duration pause_least = milliseconds(40);
constexpr std::uint32_t pause_doublings = 5;

}  // namespace

void Proposer::propose(const port::Turn& turn, Proposal proposal) {
    if (waiting_.size() >= waiting_max) {
        return proposal.then(turn, fail(Code::overloaded, kit::text(waiting_.size(),
                                                                    " changes of the agreed state wait "
                                                                    "already; try again later")));
    }
    waiting_.push_back(std::move(proposal));
    if (step_ == Step::idle) next(turn);
}

void Proposer::next(const port::Turn& turn) {
    if (step_ != Step::idle || waiting_.empty()) return;
    at_ = Attempt{};
    at_.proposal = std::move(waiting_.front());
    waiting_.pop_front();
    attempt(turn);
}

/// From the newest state known.
void Proposer::attempt(const port::Turn& turn) {
    at_.number = ++attempts_;
    step_ = Step::pausing;
    auto going = set_out();
    if (!going) return end(turn, going.error());
    if (!*going) return end(turn, {});
    if (at_.voters.size() == 1) return decide_alone(turn);
    open_ballot(turn);
}

/// Who votes on what; false: there is nothing left to do.
Result<bool> Proposer::set_out() {
    const ledger::State& state = parts_.changes.state();
    const Proposal::Kind kind = at_.proposal.kind;
    Epoch epoch{state.agreed.epoch().value + 1};
    if (epoch != at_.epoch) {
        at_.epoch = epoch;
        at_.own.clear();
        at_.exposed = false;
        at_.heard_round = 0;
    }
    bool voted = state.vote.epoch == epoch && state.vote.accepted.round != 0;
    if (kind == Proposal::Kind::finish && !voted) return false;
    if (kind == Proposal::Kind::found && epoch.value != 1) return false;
    if (epoch.value > 1) {
        at_.voters = voters_of(state.agreed);
    } else if (kind == Proposal::Kind::finish) {
        auto value = ledger::decode_agreed(state.vote.value);
        if (!value) return value.error();
        at_.voters = voters_of(*value);
    } else {
        at_.voters = at_.proposal.founders;
    }
    if (!std::binary_search(at_.voters.begin(), at_.voters.end(), self())) {
        return fail(Code::unavailable, epoch.value == 1
                                           ? "there is no ring yet; it is made when cluster.expect nodes are up"
                                           : "this node is not a member of the ring: ask one that is");
    }
    at_.mark = voters_mark(epoch.value == 1 ? 0 : state.agreed.origin, at_.voters);
    if (auto made = make_value(); !made) return made.error();
    return true;
}

/// Once for each epoch: a value that may have votes must stay the same over all ballots.
Result<void> Proposer::make_value() {
    if (at_.proposal.kind == Proposal::Kind::finish || !at_.own.empty()) return {};
    ledger::Agreed next = parts_.changes.state().agreed;
    if (auto done = at_.proposal.edit(next); !done) return done;
    next.ring.epoch = at_.epoch;
    next.stamp = at_.stamp = parts_.random.next();
    Bytes value = ledger::encode_agreed(next);
    if (auto proper = proper_value(parts_.changes.state().agreed, value, at_.mark); !proper) return proper.error();
    at_.own = std::move(value);
    return {};
}

void Proposer::decide_alone(const port::Turn& turn) {
    step_ = Step::alone;
    at_.again = port::never;
    at_.exposed = true;
    // The promise and the vote end with the store that learns the outcome, so they need no store of their own. What
    // was voted for earlier comes first, as in any other ring.
    const ledger::Vote& vote = parts_.changes.state().vote;
    Bytes value = at_.own;
    if (vote.epoch == at_.epoch && vote.accepted.round != 0) value = vote.value;
    auto decided = ledger::decode_agreed(value);
    if (!decided) return end(turn, decided.error());
    parts_.learn(turn, *decided, [this, number = at_.number](const port::Turn& later, const Result<void>& outcome) {
        if (outcome || number != at_.number || step_ != Step::alone) return;
        // Another's decision is on its way to the disk: what comes of it tells how to go on.
        if (outcome.error().code == Code::conflict) return collide(later, {});
        end(later, outcome);
    });
}

void Proposer::open_ballot(const port::Turn& turn) {
    step_ = Step::binding;
    at_.again = port::never;
    at_.vote_stored = false;
    const ledger::Vote& vote = parts_.changes.state().vote;
    std::uint64_t known = vote.epoch == at_.epoch ? vote.promised.round : 0;
    // Others may promise no leap; nor may this node.
    wire::Ballot ballot{std::min(std::max(known, at_.heard_round) + 1, known + round_leap_max), self()};
    at_.round = Round(at_.epoch, ballot, at_.voters);
    auto verdict = std::make_shared<Verdict>();
    wire::Prepare prepare{at_.epoch, ballot, at_.mark};
    parts_.changes.ask(
        turn,
        [verdict, prepare, voters = at_.voters](ledger::State& state) -> Result<void> {
            auto said = promise(state, prepare, voters);
            if (!said) return said.error();
            *verdict = std::move(*said);
            if (!verdict->granted) return fail(Code::conflict, "a higher ballot is promised");
            return {};
        },
        [this, verdict, number = at_.number](const port::Turn& later, const Result<void>& outcome) {
            if (number != at_.number || step_ != Step::binding) return;
            if (outcome) {
                step_ = Step::preparing;
                at_.round.promised(self(), verdict->accepted, verdict->value);
                say_prepare(later);
            } else if (at_.exposed || (!verdict->granted && outcome.error().code == Code::conflict)) {
                // A value that has votes may be decided whatever this disk says now: only time ends the attempt.
                collide(later, verdict->promised);
            } else {
                end(later, outcome);
            }
        });
}

void Proposer::say_prepare(const port::Turn& turn) {
    at_.again = turn.now.steady + say_again;
    for (NodeId voter : at_.voters) {
        if (voter == self() || at_.round.has_promise(voter)) continue;
        parts_.neighbours.say(turn, voter, wire::Prepare{at_.epoch, at_.round.ballot(), at_.mark});
    }
}

Result<void> Proposer::promised(const port::Turn& turn, NodeId from, const wire::Promise& promise) {
    if (step_ != Step::preparing || promise.epoch != at_.epoch || promise.ballot != at_.round.ballot()) return {};
    if (!at_.round.asks(from)) return fail(Code::not_authorized, "a promise of a node that has no vote");
    if (!promise.granted) return refused(turn, promise.promised);
    if (promise.accepted.round != 0) {
        if (promise.accepted >= promise.ballot || !at_.round.asks(promise.accepted.node))
            return fail(Code::corrupt,
                        kit::text("a promise that tells of a vote for ballot ", promise.accepted.round, " of node ",
                                  kit::hex16(promise.accepted.node.value), ", which cannot be"));
        auto proper = proper_value(parts_.changes.state().agreed, promise.value, at_.mark);
        if (!proper) return fail(Code::corrupt, "a promise that tells of " + proper.error().detail);
    }
    at_.round.promised(from, promise.accepted, promise.value);
    if (at_.round.open()) put_to_vote(turn);
    return {};
}

/// By a voter that has promised a higher ballot: one that can be.
Result<void> Proposer::refused(const port::Turn& turn, const wire::Ballot& by) {
    const wire::Ballot& own = at_.round.ballot();
    if (by > own && by.round - own.round <= round_leap_max) {
        collide(turn, by);
        return {};
    }
    return fail(Code::corrupt, kit::text("ballot ", own.round, " on epoch ", at_.epoch.value, " is refused for ballot ",
                                         by.round, ", which cannot be promised"));
}

void Proposer::put_to_vote(const port::Turn& turn) {
    at_.value = at_.round.has_earlier() ? at_.round.earlier() : at_.own;
    if (at_.value.empty()) return end(turn, {});
    if (at_.value == at_.own) at_.exposed = true;
    step_ = Step::voting;
    say_accept(turn);
}

void Proposer::say_accept(const port::Turn& turn) {
    at_.again = turn.now.steady + say_again;
    if (!at_.vote_stored && !at_.round.has_vote(self())) vote_myself(turn);
    if (step_ != Step::voting) return;
    for (NodeId voter : at_.voters) {
        if (voter == self() || at_.round.has_vote(voter)) continue;
        parts_.neighbours.say(turn, voter, wire::Accept{at_.epoch, at_.round.ballot(), at_.mark, at_.value});
    }
}

/// This node's vote is one of many: if its disk refuses, a majority of others will do.
void Proposer::vote_myself(const port::Turn& turn) {
    at_.vote_stored = true;
    auto verdict = std::make_shared<Verdict>();
    auto value = std::make_shared<Bytes>(at_.value);
    parts_.changes.ask(
        turn,
        [verdict, value, epoch = at_.epoch, ballot = at_.round.ballot(),
         mark = at_.mark](ledger::State& state) -> Result<void> {
            auto said = accept(state, wire::Accept{epoch, ballot, mark, *value});
            if (!said) return said.error();
            *verdict = std::move(*said);
            if (!verdict->granted) return fail(Code::conflict, "a higher ballot is promised");
            return {};
        },
        [this, verdict, number = at_.number, ballot = at_.round.ballot()](const port::Turn& later,
                                                                          const Result<void>& outcome) {
            if (number != at_.number || ballot != at_.round.ballot()) return;
            at_.vote_stored = false;
            if (step_ != Step::voting) return;
            if (outcome) {
                at_.round.accepted(self());
                counted(later);
            } else if (verdict->promised.round != 0) {
                collide(later, verdict->promised);
            }
        });
}

Result<void> Proposer::accepted(const port::Turn& turn, NodeId from, const wire::Accepted& accepted) {
    if (step_ != Step::voting || accepted.epoch != at_.epoch || accepted.ballot != at_.round.ballot()) return {};
    if (!at_.round.asks(from)) return fail(Code::not_authorized, "a vote of a node that has none");
    if (!accepted.granted) return refused(turn, accepted.promised);
    at_.round.accepted(from);
    counted(turn);
    return {};
}

void Proposer::counted(const port::Turn& turn) {
    if (!at_.round.decided()) return;
    step_ = Step::learning;
    see_decided(turn);
}

void Proposer::see_decided(const port::Turn& turn) {
    at_.again = turn.now.steady + say_again;
    auto decided = ledger::decode_agreed(at_.value);
    if (!decided) return end(turn, decided.error());
    parts_.learn(turn, *decided, [](const port::Turn&, const Result<void>&) {});
}

void Proposer::collide(const port::Turn& turn, const wire::Ballot& with) {
    at_.heard_round = std::max(at_.heard_round, with.round);
    at_.collisions = std::min(at_.collisions + 1, pause_doublings);
    std::uint64_t span = static_cast<std::uint64_t>(pause_least.us) << at_.collisions;
    step_ = Step::pausing;
    at_.again = turn.now.steady + pause_least + microseconds(static_cast<std::int64_t>(parts_.random.next() % span));
}

void Proposer::learned(const port::Turn& turn, const ledger::Agreed& now) {
    if (step_ == Step::idle || now.epoch() < at_.epoch) return;
    if (at_.proposal.kind != Proposal::Kind::edit) return end(turn, {});
    bool own = now.epoch() == at_.epoch && !at_.own.empty() && now.stamp == at_.stamp;
    if (own) return end(turn, {});
    if (now.epoch() > at_.epoch && at_.exposed) {
        return end(turn, fail(Code::timed_out, kit::text("the cluster went on to epoch ", now.epoch().value,
                                                         " meanwhile: whether this change was made in epoch ",
                                                         at_.epoch.value, " is not known here; look, and ask again")));
    }
    at_.collisions = 0;
    attempt(turn);
}

void Proposer::pump(const port::Turn& turn) {
    for (std::size_t i = 0; i < waiting_.size();) {
        if (turn.now.steady < waiting_[i].deadline) {
            ++i;
            continue;
        }
        Then then = std::move(waiting_[i].then);
        waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(i));
        then(turn, fail(Code::unavailable, "other changes of the agreed state took all the time there was"));
    }
    if (step_ == Step::idle) return;
    if (turn.now.steady >= at_.proposal.deadline) return end(turn, too_late());
    if (turn.now.steady < at_.again) return;
    if (step_ == Step::pausing)
        attempt(turn);
    else if (step_ == Step::preparing)
        say_prepare(turn);
    else if (step_ == Step::voting)
        say_accept(turn);
    else if (step_ == Step::learning)
        see_decided(turn);
}

void Proposer::close(const port::Turn& turn, bool last) {
    const Error nothing = fail(Code::closed, "this node is stopping; nothing of this change was put to the vote");
    std::deque<Proposal> waiting;
    waiting.swap(waiting_);
    for (Proposal& proposal : waiting) proposal.then(turn, nothing);
    if (step_ == Step::idle || (step_ == Step::alone && !last)) return;
    constexpr const char* unknown = "this node is stopping while this change is decided: it may still be made; look";
    end(turn, at_.exposed ? fail(Code::timed_out, unknown) : nothing);
}

Error Proposer::too_late() const {
    if (step_ == Step::alone)
        return fail(Code::timed_out, kit::text("epoch ", at_.epoch.value,
                                               " is not stored in time, it may still be: the disk of this node's "
                                               "ledger takes too long"));
    if (step_ == Step::binding && !at_.exposed)
        return fail(Code::unavailable, kit::text("nothing was put to the vote on epoch ", at_.epoch.value,
                                                 ": the disk of this node's ledger takes too long"));
    std::string silent;
    for (NodeId voter : at_.voters) {
        bool said = step_ == Step::preparing ? at_.round.has_promise(voter) : at_.round.has_vote(voter);
        if (voter != self() && !said) silent += (silent.empty() ? "" : ", ") + parts_.neighbours.name(voter);
    }
    if (at_.exposed) {
        return fail(Code::timed_out, kit::text("epoch ", at_.epoch.value, " is not decided in time, it may still be; ",
                                               silent.empty() ? "nobody" : silent, " did not answer"));
    }
    return fail(Code::unavailable,
                kit::text("nothing was put to the vote on epoch ", at_.epoch.value, ": of ", at_.voters.size(),
                          " members more than half must answer, silent are ", silent.empty() ? "none" : silent));
}

void Proposer::end(const port::Turn& turn, const Result<void>& outcome) {
    Then then = std::move(at_.proposal.then);
    at_ = Attempt{};
    at_.number = ++attempts_;
    step_ = Step::idle;
    if (then) then(turn, outcome);
    next(turn);
}

Instant Proposer::due() const {
    Instant out = port::never;
    for (const Proposal& proposal : waiting_) out = std::min(out, proposal.deadline);
    if (step_ == Step::idle) return out;
    // While the own ledger stores, there is nothing to say again.
    const bool says =
        step_ == Step::pausing || step_ == Step::preparing || step_ == Step::voting || step_ == Step::learning;
    return std::min({out, says ? at_.again : port::never, at_.proposal.deadline});
}

}  // namespace ashlar::accord
