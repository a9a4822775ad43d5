// What is known of one key everywhere, for the operator: who should hold it, who holds what, who owes it to whom.
//
// A snapshot of answers that were given one by one: writes go on meanwhile, so replicas may differ here and be equal a
// moment later. Plain values that own their bytes.
#pragma once

#include <string>
#include <vector>

#include "ashlar/conflict_resolver.h"
#include "ashlar/failure_detector.h"
#include "ashlar/result.h"
#include "ashlar/types.h"

namespace ashlar::port {

/// One version, without its value.
struct ExplainedVersion {
    VersionKind kind = VersionKind::value;
    Dot dot;
    std::string writer;  ///< configured name of the dot's node; empty: not known here
    WallTime wall;
    WallTime expires{0};
    std::uint64_t bytes = 0;  ///< of the value
    std::uint64_t hash = 0;   ///< kit::hash64 of the value; 0 for a tombstone
    RequestId request;
};

/// An entry, opened.
struct ExplainedEntry {
    std::uint64_t bytes = 0;  ///< 0: nothing is held
    std::uint64_t hash = 0;   ///< kit::hash64 of the entry: equal entries are equal bytes
    std::vector<ExplainedVersion> versions;
    bool truncated = false;   ///< a clock was pruned
    Bytes context;            ///< kit::CausalContext: what the entry has seen
};

/// One node, and what it said.
struct ExplainedReplica {
    enum class Said : std::uint8_t {
        nothing,      ///< it holds nothing of the key
        entry,
        failed,       ///< it answered that it cannot tell: error
        unreachable,  ///< nothing could be said to it, or the link broke
        silent,       ///< it did not answer in time
    };
    NodeId node;
    std::string name;
    std::string datacentre;
    std::string rack;
    PeerState state = PeerState::alive;
    std::uint32_t rank = 0;   ///< place in the preference list, from 1; 0: not in it
    bool owner = false;
    NodeId stands_in_for;     ///< writes that this owner misses now would go here
    Said said = Said::silent;
    Error error;              ///< of failed
    Epoch epoch;              ///< its ring, as it answered
    ExplainedEntry entry;
    std::vector<NodeId> owes; ///< owners it keeps a hint of this key for
    // Beside the join of all that was answered:
    std::uint32_t lacks = 0;    ///< versions of the join that it has not
    std::uint32_t outdated = 0; ///< versions it has that the join has replaced
    bool repaired = false;      ///< an owner with less than the join: a read of all owners would give it the join
};

struct Explanation {
    TableId table;
    std::string table_name;
    std::string resolver;
    Token token = 0;
    TokenRange partition;
    Epoch epoch;
    std::uint32_t owners = 0;
    std::vector<ExplainedReplica> replicas;  ///< in the order of the preference list
    ExplainedEntry joined;                   ///< what a read of all would find
};

}  // namespace ashlar::port
