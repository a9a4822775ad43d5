// What is checked of an order before anything happens: bounds, table, key, sizes, context, level, deadline.
//
// Limits on content are met here only: replicas, hints and repairs never refuse a well-formed entry, else they
// could never agree. Every refusal names the numbers. Loop only.
#pragma once

#include "ashlar/partitioner.h"
#include "port/limits.h"
#include "port/turn.h"
#include "request/catalogue.h"
#include "request/client_context.h"
#include "request/dots.h"
#include "request/fence.h"
#include "request/operation.h"
#include "request/stamps.h"
#include "request/targets.h"

namespace ashlar::request {

/// What admission looks at.
struct Gate {
    const Partitioner& partitioner;
    const port::Limits& limits;
    Catalogue& catalogue;
    const Dots& dots;
    const Health& health;
    Stamps& stamps;
    const Fence& fence;
};

/// The order as a whole: deadline, table, number of items, page limit.
Result<ServedTable*> admit_order(const Gate& gate, const port::Turn& turn, const port::Order& order);

/// One key of an admitted order; fills what was asked into `op`.
Result<void> admit_item(const Gate& gate, const port::Turn& turn, ServedTable& table, const port::Order& order,
                        const port::Item& item, Operation& op);

/// A context from a client: opened, bounded, and no counter in it that its node has not given yet (it would suppress
/// writes that are still to come), and no stamp beyond what clocks may be apart.
Result<Given> admit_context(const Gate& gate, const port::Turn& turn, const ServedTable& table, View bytes);
/// The part of it that every coordinator judges: exactly for its own counters, for others by what they gossip.
Result<void> admit_counters(const Gate& gate, View causal);

/// A write that the resolver applies to what is held, and that may count twice where it is made twice: another
/// coordinator need not know of the first.
bool is_operation(const ServedTable& table, const Operation& op);

}  // namespace ashlar::request
