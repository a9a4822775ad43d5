// One client order on one key (or one scan), from arrival to reply: what was asked and where it stands.
//
// Lives in a slab slot that is used again, so its memory is kept. A value; the coordinator moves it along.
#pragma once

#include <memory>

#include "base/slab.h"
#include "port/order.h"
#include "request/quorum.h"
#include "ring/placement.h"

namespace ashlar::request {

enum class Stage : std::uint8_t {
    queued,      ///< behind another write of the same key
    reading,     ///< asked replicas to read
    looking_up,  ///< the held entry comes from the disk
    writing,     ///< asked replicas to write
    scanning,    ///< a page is being gathered
};

struct Operation {
    // Who asked.
    port::Call call = port::Call::get;
    port::Ticket ticket;
    base::SlotId batch;       ///< of a multi_*: who gathers the answers
    std::uint32_t place = 0;  ///< its position there
    // What.
    TableId table;
    Token token = 0;
    Bytes key;
    Bytes value;
    Bytes seen;                ///< causal context the write builds on
    bool has_context = false;  ///< the client gave it (or a read made first has)
    bool overwrite = false;
    Duration ttl{0};  ///< 0: never expires
    Sync sync = Sync::always;
    RequestId request;
    Instant deadline;
    // Where it stands.
    Stage stage = Stage::reading;
    std::shared_ptr<const ring::Needs> read_needs;
    std::shared_ptr<const ring::Needs> write_needs;
    Quorum quorum;
    Bytes gathered;  ///< join of the answers of a read
    bool read_done = false;
    bool holds_line = false;
    bool applied = false;  ///< from here on the write may be there whatever the answer says
    bool found = false;
    std::uint64_t complete_through = 0;
    Bytes written;  ///< causal context of the finished write

    bool writes() const { return call == port::Call::put || call == port::Call::remove || call == port::Call::put_if; }
    bool reads_first() const {
        if (read_done) return false;
        if (call == port::Call::put) return overwrite && !has_context;
        if (call == port::Call::remove) return !has_context;
        return true;
    }
    bool retry_safe() const { return !applied || request.given() || overwrite || call == port::Call::remove; }
    /// A slot keeps the memory of usual entries, not that of the largest it ever saw.
    void clear() {
        constexpr std::size_t keep = 4096;
        for (Bytes* bytes : {&key, &value, &seen, &gathered, &written}) {
            if (bytes->capacity() > keep) Bytes().swap(*bytes);
            bytes->clear();
        }
        batch = {};
        request = {};
        has_context = overwrite = read_done = holds_line = applied = found = false;
        complete_through = 0;
        read_needs.reset();
        write_needs.reset();
    }
};

}  // namespace ashlar::request
