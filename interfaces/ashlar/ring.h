// The ring as a value: who claims which part of the token circle, agreed under an epoch.
//
// Immutable once agreed; shared between threads by shared_ptr<const Ring>. Two rings with the same epoch
// are the same ring.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "ashlar/types.h"

namespace ashlar {

/// One node as the partitioner and the replicator see it.
struct Member {
    NodeId node;
    std::string datacentre;
    std::string rack;
    std::uint32_t capacity = 1;  ///< weight; 0 holds nothing (a standby)
    bool operator==(const Member&) const = default;
};

/// A node's claim on one partition (a virtual node): from `first` to just before the next claim's first.
struct Claim {
    Token first = 0;
    NodeId owner;
    bool operator==(const Claim&) const = default;
};

struct Ring {
    Epoch epoch;
    std::vector<Member> members;  ///< sorted by node
    std::vector<Claim> claims;    ///< sorted by first; claims[0].first == 0 unless there are none
    bool operator==(const Ring&) const = default;

    /// Index of the claim that holds a token. The ring must have claims.
    std::size_t partition_of(Token token) const {
        auto after = std::upper_bound(claims.begin(), claims.end(), token,
                                      [](Token t, const Claim& c) { return t < c.first; });
        return static_cast<std::size_t>(after - claims.begin()) - 1;
    }
    TokenRange range_of(std::size_t partition) const {
        Token last = partition + 1 < claims.size() ? claims[partition + 1].first - 1 : ~Token{0};
        return TokenRange{claims[partition].first, last};
    }
    const Member* member(NodeId node) const {
        auto at = std::lower_bound(members.begin(), members.end(), node,
                                   [](const Member& m, NodeId n) { return m.node < n; });
        return at != members.end() && at->node == node ? &*at : nullptr;
    }
};

/// How many replicas a table wants: one number (N in all with the replicator simple, N in every data centre
/// with datacentre_aware), or one for each data centre that should hold any.
struct Replication {
    std::uint32_t replicas = 3;                                          ///< used when per_datacentre is empty
    std::vector<std::pair<std::string, std::uint32_t>> per_datacentre;   ///< sorted by name
    bool operator==(const Replication&) const = default;
};

/// What a client asks of a request: a plain count, or a named level.
enum class Level : std::uint8_t {
    table_default = 0,
    count = 1,  ///< Consistency::count replicas
    one,
    two,
    three,
    quorum,
    all,
    local_one,
    local_quorum,
    each_quorum,
    any,  ///< writes only: a hint is enough
};

struct Consistency {
    Level level = Level::table_default;
    std::uint32_t count = 0;
    bool operator==(const Consistency&) const = default;
};

}  // namespace ashlar
