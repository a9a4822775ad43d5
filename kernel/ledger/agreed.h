// What the members of a cluster have agreed on: the ring, and the tables that go with it, under one epoch.
//
// One value, one byte form: equal states are equal bytes, so that two nodes can tell whether they hold the same. The
// bytes travel (as the value of an agreement, as the answer to a node that was away) and stand in the ledger; what
// is not canonical or too large is refused. Plain values, any thread.
#pragma once

#include <cstdint>
#include <vector>

#include "ashlar/result.h"
#include "ashlar/ring.h"
#include "ashlar/types.h"
#include "port/order.h"
#include "wire/message.h"

namespace ashlar::ledger {

/// What the background road carries in one message, with room to spare. A member is about 50 bytes, a claim 16, a table about 60.
inline constexpr std::size_t agreed_bytes_max = 2 * 1024 * 1024 - 64 * 1024;

struct Agreed {
    Ring ring;                        ///< its epoch is that of all of this; 0: nothing is agreed yet
    std::vector<port::Table> tables;  ///< sorted by name
    std::uint32_t last_table = 0;     ///< highest table id ever given
    std::uint64_t origin = 0;         ///< drawn with epoch 1 and kept: tells two clusters of one name apart
    std::uint64_t stamp = 0;          ///< drawn for each epoch by whoever proposed it, who so knows its own
    Epoch epoch() const { return ring.epoch; }
    bool operator==(const Agreed&) const = default;
};

/// What this node has promised and accepted as a voter on the next epoch (Lamport, "Paxos Made Simple", 2001). Of no
/// meaning once that epoch is known.
struct Vote {
    Epoch epoch;               ///< the one it is about; 0: none
    wire::Ballot promised;     ///< no older ballot is answered any more
    wire::Ballot accepted;     ///< round 0: none
    Bytes value;               ///< what was accepted
    std::uint64_t voters = 0;  ///< hash of who votes; for epoch 1 the promise binds to that list for good
    bool operator==(const Vote&) const = default;
};

Bytes encode_agreed(const Agreed& agreed);
/// Refuses with corrupt: damaged, not canonical, or a ring whose claims are nobody's.
Result<Agreed> decode_agreed(View bytes);
/// Tables of `before` that `now` has not: what they held is to be cleared.
std::vector<port::Table> gone(const Agreed& before, const Agreed& now);

}  // namespace ashlar::ledger
