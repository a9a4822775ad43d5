// All that a node may ask of the world. Called during Node::step, in the order things shall happen.
//
// The host carries them out at once (a reply is encoded while its views are valid); the simulator queues
// them. None may call back into the node.
#pragma once

#include <cstdint>
#include <span>

#include "ashlar/storage_engine.h"
#include "port/event.h"
#include "port/explanation.h"
#include "port/order.h"

namespace ashlar::port {

/// Which queue of storage threads a piece of work joins. Works of one lane may run side by side only on `read`.
enum class Lane : std::uint8_t {
    sync,      ///< one at a time: commit log
    read,      ///< several: look-ups and scans that need the disk
    maintain,  ///< one at a time: flush, compaction, scrub, checkpoint
    ledger,    ///< one at a time: the node's own memory
};

/// Whom to say something to. The world keeps connections by address; it knows no roster.
struct Peer {
    NodeId node;   ///< {0}: whoever is there (a seed); background only
    View address;  ///< host:port of the road
};

class Effects {
public:
    /// The answer to an order. Views are valid during the call only.
    virtual void reply(Ticket ticket, const Reply& reply) = 0;
    virtual void refuse(Ticket ticket, const Refusal& refusal) = 0;
    /// The answer to an admin order.
    virtual void table_done(Ticket ticket, const Table& table) = 0;
    /// Long work begun (or, with cancel_errand, asked to end); Node::errands tells how far it is.
    virtual void errand_begun(Ticket ticket, std::uint64_t errand) = 0;
    virtual void key_explained(Ticket ticket, const Explanation& explanation) = 0;
    /// Says something to another node, in order per peer and road; the message may be lost, and late. False: not taken
    /// (the queue towards it is full), nothing was said. What is said in one turn travels together.
    virtual bool send(const Peer& to, Road road, const wire::Message& message) = 0;
    /// Run work.run() on a lane, then step the node with WorkDone{id}. The node owns the work until then.
    virtual void run(Lane lane, WorkId id, Work& work) = 0;
    /// Step with Woken no earlier than this. A later call with an earlier moment wins; a later one adds nothing.
    virtual void wake_at(Instant when) = 0;
    /// Everything is durable and no work is under way: the loop may end.
    virtual void stopped() = 0;

protected:
    ~Effects() = default;
};

}  // namespace ashlar::port
