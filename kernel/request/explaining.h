// Explains one key to the operator: every node of its preference list is asked what it holds and what it owes, and
// the answers are put beside each other.
//
// It changes nothing: no repair, no hint, no word to the failure detector. Any node may be asked; nodes of other
// epochs answer too, since that may be what is wrong. Who cannot be reached or stays silent is named so. Both sides
// are here, the asking and the answering. Bounded: few questions and asks at a time, by the deadline given. Loop only.
#pragma once

#include <list>
#include <vector>

#include "ashlar/partitioner.h"
#include "member/members.h"
#include "port/explanation.h"
#include "port/works.h"
#include "request/catalogue.h"
#include "request/targets.h"

namespace ashlar::request {

class Explaining {
public:
    Explaining(Catalogue& catalogue, Partitioner& partitioner, StorageEngine& engine, port::Works& works,
               member::Members& members, const Health& health)
        : catalogue_(catalogue),
          partitioner_(partitioner),
          engine_(engine),
          works_(works),
          members_(members),
          health_(health) {}

    /// Ends in Effects::key_explained, or refuses.
    void explain(const port::Turn& turn, const port::AdminOrder& order);
    /// True if it was an explain_ask or the answer to one.
    bool hear(const port::Turn& turn, const wire::Sender& from, const wire::Message& message);
    /// The link to a node broke: it will not answer.
    void lost(const port::Turn& turn, NodeId peer);
    void pump(const port::Turn& turn);
    Instant due() const;
    /// Refuses what is open, and everything from now on.
    void close(const port::Turn& turn);

private:
    struct Question {
        std::uint64_t ref = 0;
        port::Ticket ticket;
        Bytes key;
        Instant deadline;
        port::Explanation explanation;
        std::vector<Bytes> entries;  ///< as the replica of the same place holds it
        std::vector<bool> waits;     ///< for the replica of the same place
    };
    using Said = port::ExplainedReplica::Said;

    void list_replicas(const Walk& walk, Question& question) const;
    void ask_all(const port::Turn& turn, Question& question);
    void look_here(const port::Turn& turn, const Question& question, std::size_t place);
    void take(std::uint64_t ref, NodeId from, const wire::ExplainAnswer& answer);
    void end(const port::Turn& turn);
    void conclude(const port::Turn& turn, Question& question);
    void compare(const ConflictResolver& resolver, WallTime now, Question& question);
    Result<port::ExplainedEntry> open(const ConflictResolver& resolver, View entry, WallTime now) const;
    void serve(const port::Turn& turn, NodeId from, const wire::ExplainAsk& ask);
    void say(const port::Turn& turn, NodeId to, const wire::Message& message);

    Catalogue& catalogue_;
    Partitioner& partitioner_;
    StorageEngine& engine_;
    port::Works& works_;
    member::Members& members_;
    const Health& health_;
    std::list<Question> questions_;
    std::uint64_t refs_ = 0;
    std::size_t serving_ = 0;  ///< asks of others that wait for a lane
    bool closed_ = false;
};

}  // namespace ashlar::request
