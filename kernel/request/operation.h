// One client order on one key (or one scan), from arrival to reply: what was asked and where it stands.
//
// Lives in a slab slot that is used again, so its memory is kept. A value; the coordinator moves it along.
#pragma once

#include <memory>

#include "base/slab.h"
#include "port/order.h"
#include "request/quorum.h"
#include "request/scan_work.h"
#include "request/targets.h"
#include "ring/placement.h"
#include "wire/message.h"

namespace ashlar::request {

/// Stands in every refusal of a write that may be there all the same.
inline constexpr View may_still_land = "the write may still land";

/// Nothing was done: why.
inline constexpr View was_away_words = "this node was away for a while, the order may have been given up; try again";

enum class Stage : std::uint8_t {
    queued,      ///< behind another write of the same key
    reading,     ///< asked replicas to read
    looking_up,  ///< the held entry comes from the disk
    writing,     ///< asked replicas to write
    scanning,    ///< a page is being gathered
    forwarded,   ///< another node coordinates it
};

/// One replica that was asked, and what it said.
struct Ask {
    enum class State : std::uint8_t { waiting, yes, no };
    Target target;
    Instant sent;
    State state = State::waiting;
    bool digest = false;     ///< of a read: only the hash was asked
    bool settled = false;    ///< of a read: another was asked in its place
    std::uint64_t hash = 0;  ///< of a read: of what it holds; 0: nothing
    NodeId relay = {};       ///< of a write: given: asked by way of this node, and not yet directly
};

/// A page that is being gathered.
struct Gathering {
    ScanRange range;
    ScanBounds bounds;
    Bytes prefix;
    bool keys_only = false;
    bool making = false;  ///< enough parts are there, the page is on a lane
    std::vector<RangePart> parts;
};

struct Operation {
    // Who asked.
    port::Call call = port::Call::get;
    port::Ticket ticket;
    base::SlotId batch;       ///< of a multi_*: who gathers the answers
    std::uint32_t place = 0;  ///< its position there
    NodeId via;               ///< given: the node that passed it on, which gets the answer
    wire::Ref via_ref;
    // What.
    TableId table;
    Token token = 0;
    Bytes key;
    Bytes value;
    Bytes seen;                ///< causal context the write builds on
    WallTime stamp{0};         ///< the latest it builds on, then its own; where stamps decide
    bool has_context = false;  ///< the client gave it (or a read made first has)
    bool overwrite = false;
    bool replaces_found = false;  ///< whatever it finds when it comes: done again it may replace what came between
    bool strict = false;  ///< only owners count
    Duration ttl{0};      ///< 0: never expires
    Sync sync = Sync::always;
    RequestId request;
    bool drawn = false;  ///< by the node that passes it on; the client gave none
    Consistency read_level;
    Consistency write_level;
    Instant began;
    Instant deadline;
    // Where it stands.
    Stage stage = Stage::reading;
    std::shared_ptr<const ring::Needs> read_needs;
    std::shared_ptr<const ring::Needs> write_needs;
    Quorum quorum;
    std::vector<Ask> asks;                 ///< of the reading or the writing under way
    std::vector<Target> candidates;        ///< of a read: not asked yet
    Bytes entry;                           ///< what other replicas are asked to keep
    std::unique_ptr<Gathering> gathering;  ///< of a scan
    Bytes gathered;                        ///< join of the answers of a read
    std::uint64_t gathered_hash = 0;
    Instant again_at = port::never;  ///< another epoch was met: all are asked again then
    Duration epoch_pause{0};         ///< the last wait for it
    bool read_done = false;
    bool answered = false;  ///< the client has its reply; the last replicas are still waited for
    bool holds_line = false;
    bool passed_on_before = false;  ///< to a node whose link broke: it may have been made, with no earlier stamp
    bool applied = false;           ///< from here on the write may be there whatever the answer says
    bool found = false;
    bool again = false;     ///< a retry of a write that was made: what is held goes out once more
    std::uint64_t complete_through = 0;
    Dot made;       ///< of the version that this write is
    Bytes written;  ///< causal context of the finished write

    bool writes() const { return call == port::Call::put || call == port::Call::remove || call == port::Call::put_if; }
    bool reads_first() const {
        if (read_done) return false;
        if (call == port::Call::put) return overwrite && !has_context;
        if (call == port::Call::remove) return !has_context;
        return true;
    }
    /// Whether its name may stand for a write that was made already.
    bool may_be_made() const { return request.given() && (!drawn || passed_on_before); }
    /// Whether the client may send it again, to whomever: a removal of what it saw removes nothing else, and a name is
    /// known wherever what it named lives.
    bool retry_safe() const {
        return !applied || (!replaces_found && (call == port::Call::remove || (request.given() && !drawn)));
    }
    /// From what the client said.
    void note_context(bool given) {
        has_context = given;
        replaces_found = !given && (overwrite || call == port::Call::remove || call == port::Call::put_if);
    }
    /// A slot keeps the memory of usual entries, not that of the largest it ever saw.
    void clear() {
        constexpr std::size_t keep = 4096;
        for (Bytes* bytes : {&key, &value, &seen, &gathered, &written, &entry}) {
            if (bytes->capacity() > keep) Bytes().swap(*bytes);
            bytes->clear();
        }
        batch = {};
        via = {};
        request = {};
        has_context = overwrite = replaces_found = strict = passed_on_before = drawn = false;
        read_done = answered = holds_line = applied = found = again = false;
        quorum.clear();
        gathering.reset();
        asks.clear();
        candidates.clear();
        gathered_hash = 0;
        complete_through = 0;
        stamp = {};
        made = {};
        again_at = port::never;
        epoch_pause = {};
        read_needs.reset();
        write_needs.reset();
    }
};

}  // namespace ashlar::request
