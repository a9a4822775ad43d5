// Anti-entropy: replicas compare what they hold, piece by piece, and ship what differs, until they are proven equal.
//
// The room: it decides which partition is compared when (ages.h), holds the rounds this node begins (round.h), answers
// those of others (answering.h), carries out operators' orders (orders.h) and keeps what rounds have proven (proofs.h,
// permits.h). A round is begun by the first of a partition's owners that is up, or by whoever is in haste. Always on,
// a few rounds at a time; an equal, idle cluster sends small sums and writes nothing. Nothing here fails: what cannot be
// compared now is tried again, and shows as a convergence age that rises. Loop only.
//
// Paper: DeCandia et al., Dynamo, SOSP 2007, 4.7.
#pragma once

#include <list>

#include "port/limits.h"
#include "repair/ages.h"
#include "repair/answering.h"
#include "repair/orders.h"
#include "repair/permits.h"
#include "repair/proofs.h"
#include "repair/round.h"

namespace ashlar::repair {

/// What the room stands on.
struct Ground {
    Forest& forest;
    Sums& sums;
    StorageEngine& engine;  ///< every apply to it marks the forest
    const Joiner& joiner;
    port::Works& works;
    member::Members& members;
    const port::Limits& limits;
    Log& log;
    Meter& meter;
};

class Exchange {
public:
    /// `first_ref` is drawn at each start, so that an answer to an earlier life is none.
    Exchange(const Ground& ground, Surroundings& surroundings, std::uint64_t first_ref);

    /// Begins an operator's order; partitions are compared one after the other before all that is not ordered. `then`
    /// hears the whole report, or why it ended early (closed, at a stop). Answers a name for progress() and cancel().
    /// Refuses (overloaded) when too many are open, (not_found) an unknown table.
    Result<std::uint64_t> order(const port::Turn& turn, const RepairOrder& order, OrderDone then);
    /// Of an order that is open.
    std::optional<RepairReport> progress(std::uint64_t order) const { return orders_.progress(order); }
    /// Partitions not begun yet are left out; `then` hears soon.
    void cancel(const port::Turn& turn, std::uint64_t order) { orders_.cancel(turn, order); }
    /// These tokens are compared before others (a healed block, a gap, a mark of dropped hints).
    void hasten(const port::Turn& turn, TableId table, const TokenRange& tokens);  ///< {0}: all tables
    /// As of the last pump.
    Convergence convergence() const;
    /// For gossip: of the partition proven equal longest ago; as of the last look.
    Duration oldest() const { return oldest_; }
    /// No version this node names from now on may be stamped before: its clock was told in a proof.
    WallTime stamps_from() const { return WallTime{tools_.told.us - limits_.tombstone_grace.us}; }

    /// True if it was a message of anti-entropy.
    bool hear(const port::Turn& turn, const wire::Sender& from, const wire::Message& message);
    void pump(const port::Turn& turn);
    Instant due() const;
    /// Begins nothing more, and refuses every ask.
    void stop(const port::Turn& turn);

private:
    /// A round under way.
    struct Running {
        std::shared_ptr<Round> round;
        Ages::Place place;
        TokenRange tokens;
        Instant began;
        Epoch epoch;
        std::optional<std::uint64_t> order;
        std::uint32_t openings = 0;  ///< of gaps, when it began
        bool whole = false;  ///< over a whole partition and all its owners, and it heals
    };
    struct Counters {
        Meter::Counter &rounds, &failed, &differing, &given, &given_bytes, &fetched, &fetched_bytes;
    };
    Duration interval() const;
    void take_stock(const port::Turn& turn);
    void hasten_missed(const port::Turn& turn);
    void begin_rounds(const port::Turn& turn);
    /// Whether this node is the first of its owners (of this data centre, if given) that is up.
    bool is_first(const Age& age, View datacentre) const;
    void begin(const port::Turn& turn, const Ages::Place& place, const Job* job);
    RoundOrder round_order(const port::Turn& turn, const Ages::Place& place, const Age& age, const Job* job) const;
    void ended(const port::Turn& turn, std::uint64_t name, const RoundOutcome& outcome);
    void conclude(const port::Turn& turn, const Running& running, Age& age, const RoundOutcome& outcome);
    void round_end(const port::Turn& turn, NodeId from, const wire::RoundEnd& end);
    void count(const RoundOutcome& outcome);

    const port::Limits& limits_;
    Log& log_;
    Surroundings& surroundings_;
    Questions questions_;
    Tools tools_;
    Permits permits_;
    Answering answering_;
    Ages ages_;
    Orders orders_;
    std::map<TableId, Proofs> proofs_;
    std::map<std::uint64_t, Running> running_;
    std::uint64_t names_ = 0;
    Epoch epoch_;
    std::vector<ComparedTable> tables_;  ///< as of epoch_
    Instant look_at_{0};
    Instant check_at_{0};  ///< ages_ may know what to begin
    Duration oldest_{0};
    Instant pumped_at_{0};
    Counters counters_;
    Convergence so_far_{};  ///< the counts since this node began
    bool stopped_ = false;
};

}  // namespace ashlar::repair
