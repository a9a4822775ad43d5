// The counters this node's versions are named by: leased in blocks that are durable before the first is used.
//
// Counters belong to the actor, not to a key. A crash may lose any of a lease, so the next life starts behind it
// (node/birth). A lease half used is renewed; should the ledger fail for so long that none is left, writes are
// refused rather than named twice. Loop only.
#pragma once

#include <optional>

#include "ledger/changes.h"

namespace ashlar::request {

class Dots {
public:
    explicit Dots(ledger::Changes& changes);

    /// The next counter, or nothing when the lease is used up.
    std::optional<std::uint64_t> take();
    /// The last one taken (or possibly taken by an earlier life).
    std::uint64_t last() const { return used_; }
    /// No counter beyond it can be in any version of this node.
    std::uint64_t leased() const { return leased_; }
    /// For resolvers that count per key, every unclean start is an actor of its own. For all, a node that has forgotten
    /// versions it named is another from then on (ledger::forget_held).
    Actor actor(bool per_key_counters) const;
    NodeId node() const { return changes_.state().node; }
    /// Renews a lease that is half used.
    void keep_ahead(const port::Turn& turn);

private:
    ledger::Changes& changes_;
    std::uint64_t used_ = 0;
    std::uint64_t leased_ = 0;
    std::uint64_t block_ = 0;
    bool asked_ = false;
    Instant not_before_{0};  ///< after a failed renewal
};

}  // namespace ashlar::request
