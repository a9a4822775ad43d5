// What one node says to another, as values.
//
// Views borrow from the frame they were read from (or from whoever sends); a room copies what must last. Numbers
// that stand in bytes are fixed in codec.h. Asks carry a Ref the asker drew; the answer brings it back.
// Two roads: Road::link (framed TCP on the loop) for what a client waits for, Road::background (ZeroMQ) for the rest.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "ashlar/result.h"
#include "ashlar/ring.h"
#include "ashlar/types.h"

namespace ashlar::wire {

/// Oldest and newest protocol this build speaks. A pair speaks the newest both know.
inline constexpr std::uint8_t protocol_min = 1;
inline constexpr std::uint8_t protocol_max = 1;

/// Names a question; means something to the asker only.
struct Ref {
    std::uint64_t value = 0;
    auto operator<=>(const Ref&) const = default;
};

/// Why an ask was not done. Default: it was done.
struct Fault {
    std::uint8_t code = 0;  ///< 0: none; else a Code
    View detail;
    bool none() const { return code == 0; }
    Error error() const { return fail(static_cast<Code>(code), std::string(detail)); }
    static Fault of(const Error& error) { return Fault{static_cast<std::uint8_t>(error.code), error.detail}; }
};

/// The first message on a link, in both directions: what frames do not say. Nothing else is read before it.
struct Greeting {
    std::string cluster;  ///< cluster.name, for a message that names both
    std::string name;     ///< node.name
    std::uint8_t protocol_min = wire::protocol_min;
    std::uint8_t protocol_max = wire::protocol_max;
    std::string parts;    ///< as RosterEntry::parts
};

// ---- replica requests (link) ----

struct ReadAsk {
    Ref ref;
    Epoch epoch;
    EntryKey key;
    bool digest = false;  ///< only the hash of the entry is wanted
    Duration left{0};     ///< until the asker's deadline: later work is for nobody
};
struct ReadAnswer {
    Ref ref;
    Fault fault;
    View entry;                ///< empty: nothing is held, or a digest was asked
    std::uint64_t digest = 0;  ///< kit::hash64 of the entry; 0 when nothing is held
    bool complete = true;      ///< an owner that holds all of the range: its "nothing" counts
};
struct WriteAsk {
    Ref ref;
    Epoch epoch;
    EntryKey key;
    View entry;
    Sync sync = Sync::always;  ///< never table_default
    NodeId absent;             ///< given: keep it as a hint for this owner
    Duration left{0};
};
struct WriteAnswer {
    Ref ref;
    Fault fault;
    bool synced = false;
};
/// Entries of one partition, in the engine's order.
struct ScanAsk {
    Ref ref;
    Epoch epoch;
    TableId table;
    TokenRange tokens;
    bool reverse = false;
    bool resume = false;  ///< strictly behind (after_token, after_key)
    Token after_token = 0;
    View after_key;
    std::uint32_t entries_max = 0;
    std::uint32_t bytes_max = 0;
    Duration left{0};
};
struct ScanLine {
    Token token = 0;
    View key;
    View entry;
};
struct ScanAnswer {
    Ref ref;
    Fault fault;
    std::vector<ScanLine> lines;
    bool more = false;      ///< the bounds ended it, not the range
    bool complete = true;   ///< as ReadAnswer::complete
};
/// One key of a client's order, passed on by a node that is no replica of it.
struct OrderAsk {
    Ref ref;
    Epoch epoch;
    std::uint8_t call = 0;  ///< port::Call of a single key
    EntryKey key;
    View value;
    View seen;              ///< causal context, admitted as far as a stranger to the key can
    WallTime stamp{0};      ///< where stamps decide: later than all it has seen; it gets this one or a later
    bool again = false;     ///< another may have done it: it gets exactly this stamp
    bool has_context = false;
    bool overwrite = false;
    bool strict = false;
    Duration ttl{0};
    Sync sync = Sync::always;
    RequestId request;
    bool drawn = false;     ///< the client gave no request id: this one is the sender's, should it pass it on again
    Consistency read;
    Consistency write;
    Duration left{0};
};
struct OrderValue {
    View value;
    WallTime wall;
    WallTime expires{0};
    Dot dot;
};
struct OrderAnswer {
    Ref ref;
    Fault fault;
    bool retry_safe = true;
    bool found = false;
    bool stored = false;
    std::vector<OrderValue> values;
    View context;  ///< as the client shall give it back
    // port::Achieved
    std::uint32_t answered = 0;
    std::uint32_t owners = 0;
    std::uint32_t synced = 0;
    std::uint32_t hints = 0;
    std::uint32_t needed = 0;
    std::uint32_t replicas = 0;
    Epoch epoch;
    bool merged = false;
};

/// A write for several nodes of one data centre, sent there once: whoever gets it takes it too and hands it onward.
/// Each answers the coordinator with a WriteAnswer.
struct Onward {
    NodeId node;
    NodeId absent;  ///< as WriteAsk::absent
};
struct RelayAsk {
    WriteAsk write;
    NodeId origin;  ///< given: it was handed onward, and this is the coordinator
    std::vector<Onward> onward;
};

// ---- liveness (background) ----

/// How fresh somebody's knowledge of a node is.
struct RosterMark {
    NodeId node;
    std::uint32_t incarnation = 0;
    std::uint64_t heartbeat = 0;
};
/// All a node says of itself; written by that node only, passed on by all.
struct RosterEntry {
    NodeId node;
    std::uint32_t incarnation = 0;
    std::uint64_t heartbeat = 0;
    std::string name;
    std::string datacentre;
    std::string rack;
    std::uint32_t capacity = 1;
    std::string clients_at;     ///< host:port
    std::string link_at;
    std::string background_at;
    std::uint8_t protocol_min = wire::protocol_min;
    std::uint8_t protocol_max = wire::protocol_max;
    std::string parts;          ///< cluster-affecting plugins, sorted: "KIND NAME VERSION; KIND ..."
    Epoch epoch;                ///< the newest it holds
    bool stopping = false;
    std::uint32_t load_milli = 0;        ///< x 1000: share of its waiting-order bound in use, or of what clients may wait
    std::uint64_t hints = 0;             ///< entries it keeps for others
    std::vector<NodeId> accuses;         ///< whom it finds suspect or down now, sorted
    std::uint64_t counters = 0;          ///< no version it has named has a higher one; 0: it does not say
    std::uint64_t known = 0;             ///< before the first ring: hash of the identities it has heard of
    Duration convergence_age{0};         ///< of the partition it owns whose replicas were proven equal longest ago
    std::uint32_t refilling_milli = 0;   ///< x 1000: share of the circle it cannot answer for yet
    std::uint32_t expect = 0;            ///< before the first ring: how many nodes it wants in it; 0: it does not say
};
struct GossipDigest {
    std::vector<RosterMark> marks;
};
struct GossipDelta {
    std::vector<RosterEntry> entries;  ///< newer than the digest said
    std::vector<RosterMark> wanted;    ///< the digest knew newer: send these
};
struct Probe {
    Ref ref;
    NodeId target;  ///< whoever gets it, or somebody to be probed for the asker
    Duration wait{0};  ///< the asker's; a helper says "no answer" at three quarters of it
};
struct ProbeAnswer {
    Ref ref;
    NodeId target;
    bool alive = true;
};

// ---- agreement on the next epoch (background; kernel/accord) ----

struct Ballot {
    std::uint64_t round = 0;
    NodeId node;
    auto operator<=>(const Ballot&) const = default;
};
struct Prepare {
    Epoch epoch;           ///< the one to be decided
    Ballot ballot;
    std::uint64_t voters = 0;  ///< hash of who votes: another list is refused
};
struct Promise {
    Epoch epoch;
    Ballot ballot;
    bool granted = false;
    Ballot promised;       ///< when refused: by what
    Ballot accepted;       ///< round 0: nothing accepted yet
    View value;
};
struct Accept {
    Epoch epoch;
    Ballot ballot;
    std::uint64_t voters = 0;
    View value;
};
struct Accepted {
    Epoch epoch;
    Ballot ballot;
    bool granted = false;
    Ballot promised;
};
/// Who holds an older state asks; who learns or is asked gives the decided one.
struct StateAsk {
    Epoch have;
};
struct StateGive {
    Epoch epoch;
    View state;
};

// ---- hints (background) ----

struct HintGive {
    Ref ref;
    EntryKey key;
    View entry;
};
struct HintTaken {
    Ref ref;
    Fault fault;
    std::uint32_t load_milli = 0;  ///< of the owner, which paces what comes next
};

// ---- anti-entropy (background; kernel/repair) ----

/// What pieces of a table hold, as sums (repair/sum.h): how replicas find where they differ without showing what they
/// hold. Entries are summed in the form they settle to as of (as_of, forget_before), so that replicas which expire and
/// forget at different moments agree.
struct SumAsk {
    Ref ref;
    Epoch epoch;
    TableId table;
    WallTime as_of{0};
    WallTime forget_before{0};  ///< the permit the asker knows of; 0: none
    bool by_token = false;      ///< the sums of each token of the one piece, not of the pieces
    bool proof = false;         ///< answered only once all that was summed is synced
    std::vector<TokenRange> pieces;
};
struct PieceSum {
    std::uint64_t low = 0, high = 0;
    std::uint32_t keys = 0;
};
struct TokenSum {
    Token token = 0;
    std::uint64_t low = 0, high = 0;
};
struct SumAnswer {
    Ref ref;
    Fault fault;
    std::vector<PieceSum> pieces;  ///< one for each that was asked; by token: none
    std::vector<TokenSum> tokens;  ///< by token: sorted; tokens that hold nothing are left out
    Token through = 0;             ///< by token: so far the answer goes
    WallTime forget_before{0};     ///< the newest permit this node knows of; above the asked one, the sums are not given
    bool clear = false;            ///< it keeps no hint, for anybody, that could bring something older
    WallTime wall{0};              ///< its clock: no version it names from here on has an earlier one
    std::uint32_t load_milli = 0;
};
/// The entries of these pieces, in the engine's order, as far as one message goes.
struct FetchAsk {
    Ref ref;
    Epoch epoch;
    TableId table;
    WallTime as_of{0};
    WallTime forget_before{0};
    std::vector<TokenRange> pieces;  ///< sorted
    bool resume = false;             ///< strictly behind (after_token, after_key)
    Token after_token = 0;
    View after_key;
    std::uint32_t entries_max = 0;
};
struct FetchAnswer {
    Ref ref;
    Fault fault;
    std::vector<ScanLine> lines;
    bool more = false;              ///< the bounds ended it: resume behind (through, through_key)
    Token through = 0;
    View through_key;
    std::uint32_t too_large = 0;    ///< entries that fit no frame: left out
    std::uint32_t load_milli = 0;
};
/// Entries to be joined with what is held; acknowledged once they are synced.
struct EntriesGive {
    Ref ref;
    Epoch epoch;
    TableId table;
    std::vector<ScanLine> lines;
};
struct EntriesTaken {
    Ref ref;
    Fault fault;
    std::uint32_t load_milli = 0;
};
/// A round is over: all that any owner of these tokens held when it began, all of them hold now.
struct RoundEnd {
    Epoch epoch;
    TableId table;
    TokenRange tokens;
    Duration age{0};            ///< since the round began
    WallTime forget_before{0};  ///< tombstones written before may go (BEHAVIOUR 9); 0: none
};

// ---- an operator's question (link) ----

/// All that a node holds of a key, whatever its epoch, and for which of these owners it keeps a hint of it.
struct ExplainAsk {
    Ref ref;
    EntryKey key;
    std::vector<NodeId> owners;
    Duration left{0};
};
struct ExplainAnswer {
    Ref ref;
    Fault fault;
    Epoch epoch;               ///< of the ring it serves by
    View entry;                ///< empty: nothing is held
    std::vector<NodeId> owes;  ///< of the owners asked about
};

/// The order is the number on the wire (codec.h): only ever append.
using Message = std::variant<Greeting, ReadAsk, ReadAnswer, WriteAsk, WriteAnswer, ScanAsk, ScanAnswer, OrderAsk,
                             OrderAnswer, GossipDigest, GossipDelta, Probe, ProbeAnswer, Prepare, Promise, Accept,
                             Accepted, StateAsk, StateGive, HintGive, HintTaken, ExplainAsk, ExplainAnswer,
                             RelayAsk, SumAsk, SumAnswer, FetchAsk, FetchAnswer, EntriesGive, EntriesTaken, RoundEnd>;

/// Whose words a frame carries.
struct Sender {
    NodeId node;
    std::uint32_t incarnation = 0;
    auto operator<=>(const Sender&) const = default;
};

}  // namespace ashlar::wire
