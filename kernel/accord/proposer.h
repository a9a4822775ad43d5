// A proposer's side of the agreement: edits wait in a row, one at a time is put to the vote until it is decided.
//
// A proposal is an edit of the agreed state. It is made on a copy of the newest state known, put to the voters under a
// ballot (own promise durable before anybody hears of the ballot, so that no ballot is used twice), and made again on
// the newer state when another was decided for that epoch. A ballot that meets a higher one pauses for a while drawn at
// random, longer each time, so that competing proposers let each other finish. Lost messages are said again.
// A ring of one decides by itself: promise, vote and outcome are one store. Loop only.
// Paper: Lamport, "Paxos Made Simple", 2001.
#pragma once

#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "accord/neighbours.h"
#include "accord/round.h"
#include "ashlar/host.h"
#include "ledger/changes.h"

namespace ashlar::accord {

using Edit = std::function<Result<void>(ledger::Agreed&)>;
using Then = ledger::Changes::Then;

struct Proposal {
    /// finish: see through what this node voted for and never heard the end of; there is no edit.
    enum class Kind : std::uint8_t { edit, found, finish };
    Kind kind = Kind::edit;
    Edit edit;
    std::vector<NodeId> founders;  ///< found: who votes, sorted
    Instant deadline;
    Then then;
};

class Proposer {
public:
    /// Has the ledger learn what was decided, Proposer::learned called and the others told.
    using Learn = std::function<void(const port::Turn&, const ledger::Agreed&, Then)>;
    struct Parts {
        ledger::Changes& changes;
        Neighbours& neighbours;
        Random& random;
        Log& log;
        Learn learn;
    };
    explicit Proposer(Parts parts) : parts_(std::move(parts)) {}
    Proposer(const Proposer&) = delete;
    Proposer& operator=(const Proposer&) = delete;

    /// `then` hears unavailable (nothing was put to the vote), timed_out (it may still be decided) or the edit's
    /// refusal.
    void propose(const port::Turn& turn, Proposal proposal);
    /// Fail where no honest voter could have said this; it counts for nothing then.
    Result<void> promised(const port::Turn& turn, NodeId from, const wire::Promise& promise);
    Result<void> accepted(const port::Turn& turn, NodeId from, const wire::Accepted& accepted);
    /// A newer state is durable here, whoever proposed it.
    void learned(const port::Turn& turn, const ledger::Agreed& now);
    void pump(const port::Turn& turn);
    /// This node stops: whoever waits hears what is known. What a ring of one is storing ends with its store; `last`:
    /// that is not waited for either.
    void close(const port::Turn& turn, bool last);
    Instant due() const;
    bool idle() const { return step_ == Step::idle && waiting_.empty(); }

private:
    enum class Step : std::uint8_t { idle, alone, binding, preparing, voting, learning, pausing };
    /// What is under way, over all its ballots on one epoch.
    struct Attempt {
        Proposal proposal;
        std::uint64_t number = 0;  ///< tells late answers of the ledger from this one's
        Epoch epoch;               ///< that is to be decided
        std::vector<NodeId> voters;
        std::uint64_t mark = 0;
        Bytes own;  ///< the edit's outcome for this epoch; empty: not made yet
        std::uint64_t stamp = 0;
        bool exposed = false;  ///< somebody may have voted for `own`
        Round round;
        Bytes value;                    ///< that is put to the vote
        std::uint64_t heard_round = 0;  ///< highest that others were seen to use
        std::uint32_t collisions = 0;
        bool vote_stored = false;  ///< this node's own vote is asked of the ledger
        Instant again;             ///< when to say it again, or to go on
    };

    void next(const port::Turn& turn);
    void attempt(const port::Turn& turn);
    Result<bool> set_out();
    Result<void> make_value();
    void decide_alone(const port::Turn& turn);
    void open_ballot(const port::Turn& turn);
    void say_prepare(const port::Turn& turn);
    void put_to_vote(const port::Turn& turn);
    void say_accept(const port::Turn& turn);
    void vote_myself(const port::Turn& turn);
    void counted(const port::Turn& turn);
    void see_decided(const port::Turn& turn);
    Result<void> refused(const port::Turn& turn, const wire::Ballot& by);
    void collide(const port::Turn& turn, const wire::Ballot& with);
    void end(const port::Turn& turn, const Result<void>& outcome);
    Error too_late() const;
    NodeId self() const { return parts_.changes.state().node; }

    Parts parts_;
    std::deque<Proposal> waiting_;
    Attempt at_;
    Step step_ = Step::idle;
    std::uint64_t attempts_ = 0;
};

}  // namespace ashlar::accord
