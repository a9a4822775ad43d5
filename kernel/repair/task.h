// What one round is about, shared by the parts that carry it out, and the tools they do it with.
//
// Plain values; loop only. A task outlives its round for as long as something that was started for it is under way;
// whoever is called back looks at `stopped` first.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <vector>

#include "ashlar/host.h"
#include "ashlar/storage_engine.h"
#include "base/pace.h"
#include "port/works.h"
#include "repair/questions.h"
#include "repair/repair_order.h"
#include "repair/sums.h"
#include "repair/surroundings.h"

namespace ashlar::repair {

/// Shared by all rounds of a node.
struct Tools {
    Forest& forest;
    Sums& sums;
    StorageEngine& engine;
    const Joiner& joiner;
    port::Works& works;
    member::Members& members;
    Surroundings& surroundings;
    Questions& questions;
    std::map<NodeId, base::Pace> paces{};
    WallTime told{0};  ///< the latest clock this node told in a proof

    /// So many entries may travel at once between this node and that one.
    std::size_t window(NodeId peer) { return paces[peer].window(); }
    /// A message with so many entries was dealt with; answers how long to wait before the next.
    Duration answered(NodeId peer, std::size_t entries, std::uint32_t load_milli) {
        // Whoever asks has clients too.
        const std::uint32_t load = std::max(load_milli, members.self().load_milli);
        for (std::size_t i = 0; i < std::max<std::size_t>(entries, 1); ++i) paces[peer].answered(load);
        return load > base::Pace::busy_milli ? milliseconds(100) : Duration{0};
    }
};

struct Task {
    TableId table;
    TokenRange tokens;
    Epoch epoch;
    Keep keep{};
    bool dry_run = false;
    std::vector<TokenRange> pieces;      ///< the tokens, as they were cut for the first comparison
    std::vector<std::uint32_t> learned;  ///< by piece: the last visit in which something of it was fetched; 0: none
    std::uint32_t visit = 0;             ///< of a peer, from 1
    WallTime newer_permit{0};            ///< a peer knows it, and sums as of ours are over
    bool stopped = false;
    RepairReport tally{};

    void differ(NodeId peer, std::uint64_t keys) {
        tally.keys_differing += keys;
        if (keys != 0) tally.differing[peer] += keys;
    }
    void learn(Token token) {
        auto after = std::upper_bound(pieces.begin(), pieces.end(), token,
                                      [](Token t, const TokenRange& piece) { return t < piece.first; });
        if (after != pieces.begin()) learned[static_cast<std::size_t>(after - pieces.begin()) - 1] = visit;
    }
};

/// How a part of a round tells that it is done.
using Done = std::function<void(const port::Turn&, const Result<void>&)>;

}  // namespace ashlar::repair
