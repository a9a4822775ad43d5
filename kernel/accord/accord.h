// How the members of a cluster agree on what comes next: the ring and the tables, epoch by epoch.
//
// Epoch 1 is decided by the founders (muster.h), every later one by the members of the one before it, each by
// single-decree consensus (acceptor.h, round.h, proposer.h). What is decided is durable here before it is served or
// passed on. A node that was away learns the newest state from any member; a state it did not see come is believed if
// it is newer and of the same origin. Two states under one epoch are a broken truth: said loudly, counted, refused.
// Nothing here is decided by gossip: the roster only tells whom to ask. What a node says counts for what it may say:
// votes and ballots of voters, states of those in the ring, numbers within a bound of those that are held. Loop only.
// Papers: Lamport, "Paxos Made Simple", 2001; Lamport, Malkhi, Zhou, "Vertical Paxos", 2009 (an epoch's members
// decide on the next).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "accord/homecoming.h"
#include "accord/muster.h"
#include "accord/neighbours.h"
#include "accord/proposer.h"
#include "base/repeats.h"

namespace ashlar::accord {

struct Rules {
    std::uint32_t expect = 1;           ///< cluster.expect
    Duration tick = milliseconds(500);  ///< how often the roster is looked at
    Duration settled = seconds(2);      ///< founders must see the same list for so long: two rounds of gossip
    /// A wiped member that is back under its name so long takes its old place; 0: only people decide that.
    Duration take_home_after{0};
    Duration usual_deadline = seconds(10);  ///< of a proposal that names none
};

struct Parts {
    ledger::Changes& changes;
    Neighbours& neighbours;
    Random& random;
    Log& log;
    Meter& meter;
    Rules rules;
    /// Epoch 1 over exactly these members.
    std::function<Result<ledger::Agreed>(const std::vector<Member>&)> first;
    /// A newer state is durable here. Before any Then of a proposal it decides.
    std::function<void(const port::Turn&, const ledger::Agreed& before, const ledger::Agreed& now)> decided;
};

/// Something that has been so for a while.
template <class T>
struct Lasting {
    T what{};
    Instant since{INT64_MIN / 2};
};

class Accord {
public:
    explicit Accord(Parts parts);
    Accord(const Accord&) = delete;
    Accord& operator=(const Accord&) = delete;

    /// Has an edit of the agreed state decided; the epoch is raised by this room. The edit may be asked again on newer
    /// states. `then` hears: done and durable here; unavailable (nothing was put to the vote; who is silent), timed_out
    /// (may still be decided), or what the edit refused.
    void propose(const port::Turn& turn, Edit edit, Instant deadline, Then then);
    /// Messages of this room; true if it was one.
    bool hear(const port::Turn& turn, const wire::Sender& from, const wire::Message& message);
    /// Somebody was seen to hold a newer epoch than this node.
    void catch_up(const port::Turn& turn, NodeId who);
    /// Gives the newest state to somebody who holds an older one.
    void give(const port::Turn& turn, NodeId who);
    void pump(const port::Turn& turn);
    Instant due() const;
    bool idle() const { return proposer_.idle(); }
    /// This node stops (Proposer::close).
    void close(const port::Turn& turn, bool last) { proposer_.close(turn, last); }
    /// What stands in the way of a first ring or of taking part, for the operator; empty: nothing.
    const std::string& problem() const { return problem_.what; }

private:
    void hear_prepare(const port::Turn& turn, NodeId from, const wire::Prepare& asked);
    void hear_accept(const port::Turn& turn, NodeId from, const wire::Accept& asked);
    void hear_state(const port::Turn& turn, NodeId from, const wire::StateGive& given);
    /// Whether a question is about the next epoch; else its asker, or this node, is behind.
    bool timely(const port::Turn& turn, NodeId from, Epoch epoch);
    void learn(const port::Turn& turn, const ledger::Agreed& decided, bool tell, Then then);
    void tell_all(const port::Turn& turn, const ledger::Agreed& before, const ledger::Agreed& now);
    void look_around(const port::Turn& turn);
    void found(const port::Turn& turn, const Muster& seen);
    void welcome(const port::Turn& turn, const std::vector<Sighting>& seen);
    void finish_old_votes(const port::Turn& turn);
    /// A problem, for the log and, for so long, the status.
    void say(const port::Turn& turn, Duration lasts, std::string problem);
    void write(const port::Turn& turn, LogLevel level, std::string_view topic, std::string_view words);
    void refuse(const port::Turn& turn, NodeId from, const Result<void>& heard);
    void say_to(const port::Turn& turn, NodeId who, const wire::Message& message);
    const ledger::State& state() const { return parts_.changes.state(); }

    Parts parts_;
    Proposer proposer_;
    struct Counters {
        Meter::Counter& refused;
        Meter::Counter& broken;
    } counters_;
    std::vector<NodeId> founders_;    ///< whom this node sees itself among, when they are complete
    Lasting<std::uint64_t> settled_;  ///< the mark that all of them report
    Lasting<bool> apart_;             ///< they are complete, and some report another mark
    Lasting<wire::Ballot> old_vote_;  ///< of this node, without an outcome
    Lasting<std::optional<Homecoming>> home_;
    Lasting<std::string> problem_;  ///< since: when it is over
    base::Repeats said_;
    std::set<NodeId> preparing_, voting_;     ///< whose questions wait for the ledger: one each
    Epoch learning_;                          ///< that waits for the ledger; 0: none
    std::map<NodeId, Lasting<Epoch>> given_;  ///< which state to whom, and when last
    Instant look_at_;
    Instant asked_at_{INT64_MIN / 2};
    Instant stranger_asked_at_{INT64_MIN / 2};
    Instant challenged_at_{INT64_MIN / 2};
};

}  // namespace ashlar::accord
