// The coordinator: sees a client's order through, from admission to the reply.
//
// The same path for one replica and for many: placement names the targets, each is asked, a Quorum counts the
// answers. This node as a target is served in process by Replica. What memory can tell is answered within the
// step; what waits lives in a slab slot until its last answer or its deadline.
//   coordinator.cc arrival, lines, deadlines    reading.cc quorum reads    writing.cc held look-up and quorum writes
//   asking.cc what other nodes answer, ends     answering.cc replies       scanning.cc pages
//   forwarding.cc what is another node's to coordinate    relaying.cc one copy to each other data centre
//
// Paper: DeCandia et al., Dynamo, SOSP 2007, 4.5 and 5. Loop only. Fails by refusing, in words.
#pragma once

#include <deque>
#include <vector>

#include "ashlar/host.h"
#include "base/deadlines.h"
#include "kit/context.h"
#include "member/members.h"
#include "port/hint_keeper.h"
#include "request/admission.h"
#include "request/batch.h"
#include "request/crowded.h"
#include "request/key_lines.h"
#include "request/recent.h"
#include "request/replica.h"
#include "request/timings.h"

namespace ashlar::request {

class Coordinator final : private Replica::Listener {
public:
    Coordinator(Gate gate, StorageEngine& engine, port::Works& works, SyncQueue& syncs, Dots& dots,
                member::Members& members, port::HintKeeper& hints, Meter& meter, std::uint64_t life);

    /// Before anything else.
    void begin(const port::Turn& turn);
    /// This node was away (SIGSTOP, a machine that slept): what waits in its sockets may be long given up.
    void was_away(Instant until) { away_until_ = until; }
    void order(const port::Turn& turn, const port::Order& order);
    /// True if it was an answer to an ask.
    bool hear(const port::Turn& turn, const wire::Sender& from, const wire::Message& message);
    /// The link to a node broke: what it was asked stays without an answer.
    void lost(const port::Turn& turn, NodeId peer);
    /// Goes on with orders whose turn in a line has come, and lets go of those past their deadline.
    void pump(const port::Turn& turn);
    /// When pump() has something to do; port::never if nothing waits.
    Instant due() const;
    /// Orders without an answer.
    std::size_t waiting() const { return ops_.used() - answered_; }
    /// Nobody is waited for any more, by a client or for the last replicas of a write.
    bool idle() const { return ops_.used() == 0; }
    const Timings& timings() const { return timings_; }
    /// From now on every order is refused.
    void close() { closed_ = true; }

private:
    struct Counters {
        Meter::Counter& orders;
        Meter::Counter& refusals;
        Meter::Counter& timeouts;
        Meter::Counter& siblings_warned;
        Meter::Counter& retries_recognised;
        Meter::Counter& repairs;
        Meter::Counter& speculations;
        Meter::Counter& forwards;
        Meter::Counter& far_copies;
    };

    // coordinator.cc
    Result<void> check_room(std::size_t orders) const;
    void begin_single(const port::Turn& turn, ServedTable& table, const port::Order& order);
    void begin_batch(const port::Turn& turn, ServedTable& table, const port::Order& order);
    void go(const port::Turn& turn, base::SlotId id);
    bool too_early(const port::Turn& turn) const;
    bool several() const { return gate_.catalogue.ring()->members.size() > 1; }
    void park(base::SlotId id);
    void leave_line(base::SlotId id, Operation& op);

    // asking.cc
    wire::Ref ref_of(base::SlotId id) const;
    base::SlotId id_of(wire::Ref ref) const;
    /// Its ask that waits for an answer, or nullptr.
    static Ask* ask_of(Operation& op, NodeId node);
    static bool waits(const Operation& op);
    /// Tells the members how soon a node answered.
    void hear_well(const port::Turn& turn, Operation& op, NodeId node);
    std::vector<View> askable(const Operation& op);
    /// Takes the first candidate whose answer would help from the list.
    static std::optional<Target> next_wanted(Operation& op, const ServedTable& table);
    Error too_few(const Operation& op, View what) const;
    /// Of a replica that say() could not ask.
    static Error not_asked();
    bool say(const port::Turn& turn, NodeId to, const wire::Message& message);
    /// It asks replicas to read, and there are some it has not asked.
    static bool may_be_covered(const Operation& op);
    static Timings::Read read_by(const Operation& op);
    void speculate(const port::Turn& turn, base::SlotId id);
    /// A replica knows another epoch: if nothing is settled yet, all are asked again in a moment. False: it is.
    bool wait_for_epoch(const port::Turn& turn, base::SlotId id);
    void ask_again(const port::Turn& turn, base::SlotId was);
    base::SlotId under_new_name(base::SlotId id);
    void ask_anew(const port::Turn& turn, base::SlotId id);
    bool renew_needs(const port::Turn& turn, base::SlotId id);
    void answered(const port::Turn& turn, base::SlotId id);
    void see_through(const port::Turn& turn, base::SlotId id);
    void finish(const port::Turn& turn, base::SlotId id);

    // reading.cc
    void ask_reads(const port::Turn& turn, base::SlotId id);
    void advance_read(const port::Turn& turn, base::SlotId id, Error last);
    std::optional<ReadAnswer> ask_reader(const port::Turn& turn, base::SlotId id, const Target& target);
    void count_read(Operation& op, Ask& ask, const ReadAnswer& answer);
    Result<void> keep_read(Operation& op, const ServedTable& table, const ReadAnswer& answer);
    void repair_replicas(const port::Turn& turn, Operation& op, View entry);
    void take_read(const port::Turn& turn, base::SlotId id, NodeId from, const ReadAnswer& answer);
    void meet_stamps(const port::Turn& turn, Operation& op, const ServedTable& table);
    void read_complete(const port::Turn& turn, base::SlotId id, View entry);
    void compare(const port::Turn& turn, base::SlotId id, View entry);
    void read_done(const port::Turn& turn, base::SlotId name, const ReadAnswer& answer) override;

    // forwarding.cc
    struct PassedOn {
        std::shared_ptr<const ring::Needs> read;
        std::shared_ptr<const ring::Needs> write;
    };
    bool forward(const port::Turn& turn, base::SlotId id);
    void name_for_retries(base::SlotId id, const ServedTable& table);
    void pass_on(const port::Turn& turn, base::SlotId id);
    void forward_lost(const port::Turn& turn, base::SlotId id);
    void take_order(const port::Turn& turn, NodeId from, const wire::OrderAsk& ask);
    Result<PassedOn> admit_passed_on(const port::Turn& turn, NodeId from, const wire::OrderAsk& ask);
    void answer_passed_on(const port::Turn& turn, const Operation& op, const port::Reply& reply);
    void refuse_passed_on(const port::Turn& turn, const Operation& op, const port::Refusal& refusal);
    static void fill_achieved(wire::OrderAnswer& answer, const port::Achieved& achieved);
    void take_order_answer(const port::Turn& turn, NodeId from, const wire::OrderAnswer& answer);

    // retrying.cc
    bool known_retry(const port::Turn& turn, base::SlotId id);
    void send_again(const port::Turn& turn, base::SlotId id, View held);
    bool still_held(const port::Turn& turn, const Operation& op, View held);
    void remember(const port::Turn& turn, const Operation& op);

    // writing.cc
    void find_held(const port::Turn& turn, base::SlotId id);
    void take_held(const port::Turn& turn, base::SlotId id, const ReadAnswer& answer);
    void make_version(const port::Turn& turn, base::SlotId id, const View* held);
    bool admit_held(const port::Turn& turn, base::SlotId id, View held);
    bool same_write(const port::Turn& turn, base::SlotId id, const Reading& reading, View held);
    bool alone(const Operation& op);
    bool holds_own(const Operation& op);
    void ask_writes(const port::Turn& turn, base::SlotId id, View entry);
    Result<void> write_here(const port::Turn& turn, base::SlotId id, std::size_t place, View entry);
    void write_there(const port::Turn& turn, base::SlotId id, std::size_t place);
    void ask_stand_in(const port::Turn& turn, base::SlotId id, const Target& failed);
    void note_write(Operation& op, Ask& ask, const WriteAnswer& answer);
    void conclude_write(const port::Turn& turn, base::SlotId id, const Error& last);
    void confirm(const port::Turn& turn, base::SlotId id, Sequence sequence);
    void take_write(const port::Turn& turn, base::SlotId id, NodeId from, const WriteAnswer& answer);
    void write_done(const port::Turn& turn, base::SlotId name, const WriteAnswer& answer) override;

    // relaying.cc
    View datacentre_of(const ServedTable& table, const Target& target) const;
    void write_to_others(const port::Turn& turn, base::SlotId id);
    bool write_by_relay(const port::Turn& turn, base::SlotId id, const std::vector<std::size_t>& places);
    void cover_relayed(const port::Turn& turn, base::SlotId id, NodeId relay);
    static Instant relay_due(const Operation& op);

    // scanning.cc
    void begin_scan(const port::Turn& turn, ServedTable& table, const port::Order& order);
    void advance_scan(const port::Turn& turn, base::SlotId id, const Error& last);
    void ask_scans(const port::Turn& turn, base::SlotId id);
    bool ask_scan(const port::Turn& turn, base::SlotId id, const Target& target);
    void scan_here(const port::Turn& turn, base::SlotId id);
    void take_part(const port::Turn& turn, base::SlotId id, NodeId from, RangePart part, const ReadAnswer& answer);
    void take_scan(const port::Turn& turn, NodeId from, const wire::ScanAnswer& answer);
    void make_page(const port::Turn& turn, base::SlotId id);

    // answering.cc
    static port::Refusal refusal_of(const Error& error);
    port::Refusal refusal_of(const Operation& op, const Error& error);
    void answer_reading(const port::Turn& turn, base::SlotId id, const Reading* reading);
    void answer_write(const port::Turn& turn, base::SlotId id);
    void answer_not_stored(const port::Turn& turn, base::SlotId id, const Reading* reading);
    void deliver(const port::Turn& turn, base::SlotId id, port::Reply& reply);
    void gather(const port::Turn& turn, const Operation& op, const port::ReplyItem& item);
    void refuse(const port::Turn& turn, base::SlotId id, const Error& error);
    void refuse_order(const port::Turn& turn, port::Ticket ticket, const Error& error);
    void finish_batch(const port::Turn& turn, base::SlotId batch);

    // What it works with.
    Gate gate_;
    StorageEngine& engine_;
    port::Works& works_;
    SyncQueue& syncs_;
    Dots& dots_;
    member::Members& members_;
    port::HintKeeper& hints_;
    Replica replica_;
    Counters counters_;
    Timings timings_;
    // What waits.
    base::Slab<Operation> ops_;
    base::Slab<Batch> batches_;
    base::Deadlines deadlines_;
    KeyLines lines_;
    std::deque<base::SlotId> ready_;  ///< whose turn in a line has come
    std::deque<base::SlotId> answered_first_;  ///< writes that see their last replicas through, the oldest first
    std::size_t answered_ = 0;                 ///< of these, how many are left
    Recent recent_;
    std::uint64_t life_;  ///< drawn at each start: an answer to an ask of an earlier life names nobody
    std::uint64_t names_drawn_ = 0;
    Crowded crowded_;
    std::uint32_t unseen_puts_ = 0;  ///< of late, without a look at what is held
    bool closed_ = false;
    Instant early_until_{0};
    std::vector<base::SlotId> early_;  ///< came before the other members were heard of
    Instant away_until_{0};
    // Memory used again by every answer.
    Reading reading_;
    std::vector<port::ReplyVersion> values_;
    Bytes context_;
    kit::CausalContext after_;
};

}  // namespace ashlar::request
