// The coordinator: sees a client's order through, from admission to the reply.
//
// The same path for one replica and for many: placement names the targets, each is asked, a Quorum counts the
// answers. This node as a target is served in process by Replica. What memory can tell is answered within the
// step; what waits lives in a slab slot until its last answer or its deadline.
//   coordinator.cc arrival, lines, deadlines    reading.cc quorum reads    writing.cc held look-up and quorum writes
//   answering.cc replies and refusals           scanning.cc pages
//
// Paper: DeCandia et al., Dynamo, SOSP 2007, 4.5 and 5. Loop only. Fails by refusing, in words.
#pragma once

#include <deque>
#include <vector>

#include "ashlar/host.h"
#include "base/deadlines.h"
#include "kit/context.h"
#include "request/admission.h"
#include "request/batch.h"
#include "request/key_lines.h"
#include "request/recent.h"
#include "request/replica.h"

namespace ashlar::request {

class Coordinator final : private Replica::Listener {
public:
    Coordinator(Gate gate, StorageEngine& engine, port::Works& works, SyncQueue& syncs, Dots& dots, Meter& meter);

    void order(const port::Turn& turn, const port::Order& order);
    /// Goes on with orders whose turn in a line has come, and lets go of those past their deadline.
    void pump(const port::Turn& turn);
    /// When pump() has something to do; port::never if nothing waits.
    Instant due() const { return deadlines_.empty() ? port::never : deadlines_.earliest(); }
    std::size_t waiting() const { return ops_.used(); }
    /// From now on every order is refused.
    void close() { closed_ = true; }

private:
    struct Counters {
        Meter::Counter& orders;
        Meter::Counter& refusals;
        Meter::Counter& timeouts;
        Meter::Counter& siblings_warned;
        Meter::Counter& retries_recognised;
    };

    // coordinator.cc
    Result<void> check_room(std::size_t orders) const;
    void begin_single(const port::Turn& turn, ServedTable& table, const port::Order& order);
    void begin_batch(const port::Turn& turn, ServedTable& table, const port::Order& order);
    void go(const port::Turn& turn, base::SlotId id);
    void park(base::SlotId id);
    void leave_line(base::SlotId id, Operation& op);
    void end(base::SlotId id);

    // reading.cc
    void ask_reads(const port::Turn& turn, base::SlotId id);
    void take_read(const port::Turn& turn, base::SlotId id, NodeId from, const ReadAnswer& answer);
    void read_complete(const port::Turn& turn, base::SlotId id, View entry);
    void compare(const port::Turn& turn, base::SlotId id, View entry);
    void read_done(const port::Turn& turn, base::SlotId name, const ReadAnswer& answer) override;

    // writing.cc
    bool known_retry(const port::Turn& turn, base::SlotId id);
    void find_held(const port::Turn& turn, base::SlotId id);
    void take_held(const port::Turn& turn, base::SlotId id, const ReadAnswer& answer);
    void make_version(const port::Turn& turn, base::SlotId id, const View* held);
    bool admit_held(const port::Turn& turn, base::SlotId id, View held);
    bool same_write(const port::Turn& turn, base::SlotId id, const Reading& reading);
    void ask_writes(const port::Turn& turn, base::SlotId id, View entry);
    void confirm(const port::Turn& turn, base::SlotId id, Sequence sequence);
    void take_write(const port::Turn& turn, base::SlotId id, NodeId from, const WriteAnswer& answer);
    void write_done(const port::Turn& turn, base::SlotId name, const WriteAnswer& answer) override;

    // scanning.cc
    void begin_scan(const port::Turn& turn, ServedTable& table, const port::Order& order);

    // answering.cc
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
    Dots& dots_;
    Replica replica_;
    Counters counters_;
    // What waits.
    base::Slab<Operation> ops_;
    base::Slab<Batch> batches_;
    base::Deadlines deadlines_;
    KeyLines lines_;
    std::deque<base::SlotId> ready_;  ///< whose turn in a line has come
    Recent recent_;
    bool closed_ = false;
    Instant restart_window_end_ =
        port::never;  ///< until then a retry may name a write of the life before; set at first use
    bool began_ = false;
    WallTime stamped_{0};  ///< the latest stamp given where stamps decide
    // Memory used again by every answer.
    Reading reading_;
    std::vector<port::ReplyVersion> values_;
    Bytes context_;
    kit::CausalContext after_;
};

}  // namespace ashlar::request
