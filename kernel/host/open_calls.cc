#include "host/open_calls.h"

#include "host/connection.h"

namespace ashlar::host {

port::Ticket OpenCalls::open(Connection& connection, const ReplyTo& to) {
    base::SlotId id = calls_.take();
    port::Ticket ticket{std::uint64_t{id.generation} << 32 | id.index};
    *calls_.find(id) = OpenCall{&connection, connection.open_slot(ticket), to};
    return ticket;
}

}  // namespace ashlar::host
