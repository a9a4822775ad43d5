// What an operator asks of anti-entropy, and what is told: repair orders, their reports, and how far replicas agree.
//
// Plain values.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "ashlar/types.h"

namespace ashlar::repair {

/// Compare the replicas of these tokens now and, unless it is a dry run, heal what differs. A node compares only what
/// it owns itself, with the other owners; so an order for the whole cluster goes to every node, with `as_first`.
struct RepairOrder {
    TableId table;              ///< {0}: all tables
    TokenRange tokens;          ///< default: the whole circle
    std::string datacentre;     ///< given: only the owners of this data centre, this node among them
    bool as_first = false;      ///< only partitions whose rounds this node begins (their first owner that is up)
    bool dry_run = false;       ///< compare only: nothing is read but sums, nothing is written
};

struct RepairReport {
    std::uint64_t partitions = 0;       ///< of a table, that the order is about on this node
    std::uint64_t partitions_done = 0;
    std::uint64_t partitions_equal = 0;  ///< of those done: nothing differed
    std::uint64_t partitions_failed = 0; ///< of those done: somebody did not answer, or something could not be shipped
    std::uint64_t ranges_compared = 0;  ///< sums that were laid beside each other
    std::uint64_t keys_differing = 0;   ///< lower bound: counted once for each other owner
    std::uint64_t entries_given = 0;
    std::uint64_t bytes_given = 0;
    std::uint64_t entries_fetched = 0;
    std::uint64_t bytes_fetched = 0;
    std::uint64_t entries_too_large = 0;  ///< that fit no frame
    std::map<NodeId, std::uint64_t> differing;  ///< of keys_differing, with whom
    std::set<NodeId> silent;            ///< owners that did not answer, or refused
    std::string problem;                ///< the last cause, in words; empty: none
    bool done() const { return partitions_done == partitions; }
    RepairReport& operator+=(const RepairReport& other);  ///< of other nodes: counts add up
};

/// How far the replicas of what this node owns are proven equal. For status, metrics and gossip.
struct Convergence {
    struct Table {
        TableId table;
        std::uint64_t partitions = 0;     ///< this node owns
        std::uint64_t never_proven = 0;   ///< of them: not since this node began
        Duration oldest{0};               ///< since the first of them was proven equal last, or since this node began
        std::uint64_t waiting_tombstones = 0;  ///< keys of which nothing but a tombstone is left; as of the last rounds
    };
    std::vector<Table> tables;        ///< sorted by table
    Duration oldest{0};               ///< of all
    std::uint64_t waiting_tombstones = 0;
    std::vector<NodeId> waiting_for;  ///< whose absence, hints or leftovers keep tombstones; sorted
    std::string problem;              ///< why the last round that failed did, in words; empty: none has
    // Since this node began:
    std::uint64_t rounds = 0;
    std::uint64_t rounds_equal = 0;   ///< nothing differed
    std::uint64_t rounds_failed = 0;
    std::uint64_t entries_given = 0, bytes_given = 0;
    std::uint64_t entries_fetched = 0, bytes_fetched = 0;
};

}  // namespace ashlar::repair
