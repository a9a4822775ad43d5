// What a node must remember through any crash: who it is, which counters it may use, what was agreed and how it voted.
//
// One small file, replaced whole: written aside, synced, renamed, directory synced. It opens with magic,
// format version, length and checksum; a newer format, another node's or a damaged one is refused in words.
// The kernel changes the state on the loop and hands the write to the ledger lane as Work; a change counts
// only after that Work's finish() succeeded.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ashlar/disk.h"
#include "ashlar/result.h"
#include "ashlar/storage_engine.h"
#include "ashlar/types.h"
#include "base/token_ranges.h"
#include "ledger/agreed.h"
#include "port/order.h"

namespace ashlar::ledger {

/// Where a member of the ring was heard last, and under which name.
struct Address {
    NodeId node;
    std::string background_at;  ///< host:port
    std::string name{};         ///< node.name; empty in a ledger of an older format
    bool operator==(const Address&) const = default;
};

/// Everything remembered.
struct State {
    std::string cluster;  ///< cluster.name; another one is refused
    std::string name;     ///< node.name; another one is refused
    NodeId node;
    std::uint32_t incarnation = 1;     ///< of the actor; a wipe, restore or rollback makes a new one
    std::uint32_t unclean_starts = 0;  ///< actors of per-key counters are incarnation << 16 | this
    std::uint64_t counter_lease = 0;   ///< counters up to here may have been used; the next lease starts above
    std::uint64_t counter_used = 0;    ///< after a clean stop: the last one used
    bool clean = false;                ///< the last stop was clean
    std::string partitioner;           ///< fixed while there is data
    std::string engine;
    std::string replicator;            ///< fixed while the ring has several members; empty: none is remembered
    Agreed agreed;                     ///< shared by all members; epoch 0 until there is a first ring
    Vote vote;                         ///< this node's own, on the epoch behind `agreed`
    std::vector<port::Table> dropped;  ///< being cleared: the engine forgets them before they leave here
    std::vector<Address> addresses;    ///< of the other members, in the ring's order
    base::TokenRanges gaps;            ///< what this node owns and cannot answer for (repair/gaps.h), in all tables
    std::uint32_t openings = 0;        ///< how often a gap was opened
    /// Which life of this node it is: above that of every earlier one.
    std::uint32_t life() const { return incarnation << 16 | unclean_starts; }
    bool operator==(const State&) const = default;
};

/// Takes over what was decided: tables that are gone go to `dropped`, the vote has done its work.
void learn(State& state, Agreed decided);

/// From now on this node does not answer for these tokens.
void open_gap(State& state, const TokenRange& tokens);
/// As open_gap, where this node has forgotten what it held: versions that it named itself may be among them, so it
/// goes on as a new actor (Change::complete_through says of an actor that all of its versions are held here). Fails
/// with unsupported where all incarnations are used up; then nothing is changed.
Result<void> forget_held(State& state, const base::TokenRanges& tokens);
/// The highest incarnation: a life (State::life) has 16 bits for it.
inline constexpr std::uint32_t incarnation_max = 0xffff;
/// More gaps than this are remembered as fewer, larger ones.
inline constexpr std::size_t gaps_max = 4096;

Bytes encode(const State& state);
/// Refuses with corrupt (damaged), unsupported (newer format, says which).
Result<State> decode(View bytes);

class Ledger {
public:
    /// Reads the file, if there is one: has_state() says. Blocking; before the loop starts.
    static Result<std::unique_ptr<Ledger>> open(Disk& disk);

    bool has_state() const { return has_state_; }
    const State& state() const { return state_; }
    /// Blocking; for the first start and tests.
    Result<void> store_now(const State& state);
    /// Work that writes `state`; state() is the new one after finish() succeeded. One at a time.
    std::unique_ptr<Work> store(State state);
    /// The last store failed after its rename: a crash may find the old state or the new one, so it must be
    /// stored again before anybody relies on either.
    bool doubtful() const { return doubtful_; }

private:
    class Store;
    explicit Ledger(Disk& disk) : disk_(disk) {}
    Disk& disk_;
    State state_;
    bool has_state_ = false;
    bool doubtful_ = false;
};

}  // namespace ashlar::ledger
