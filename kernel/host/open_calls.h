// The calls that wait for the node, by the ticket the node knows them by. Loop only.
//
// One book for all ports. A call leaves when it is answered or when its connection closes, whichever is first;
// an answer that comes after that finds nothing.
#pragma once

#include "base/slab.h"
#include "host/reply_to.h"
#include "port/order.h"

namespace ashlar::host {

class Connection;

struct OpenCall {
    Connection* connection = nullptr;
    std::uint64_t slot = 0;
    ReplyTo to;
    void clear() { *this = OpenCall{}; }
};

class OpenCalls {
public:
    port::Ticket open(Connection& connection, const ReplyTo& to);
    /// The call, or nullptr when it has left.
    OpenCall* find(port::Ticket ticket) { return calls_.find(slot_of(ticket)); }
    void close(port::Ticket ticket) { calls_.give_back(slot_of(ticket)); }
    std::size_t count() const { return calls_.used(); }

private:
    static base::SlotId slot_of(port::Ticket ticket) {
        return {static_cast<std::uint32_t>(ticket.value), static_cast<std::uint32_t>(ticket.value >> 32)};
    }
    base::Slab<OpenCall> calls_;
};

}  // namespace ashlar::host
