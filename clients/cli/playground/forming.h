// From processes that were started to a cluster that serves: the ring, and the playground's table.
//
// Both ask the nodes' admin ports, and give up when a node ends, when somebody asks to end, or after a minute.
#pragma once

#include "daemons.h"
#include "interrupts.h"
#include "layout.h"

namespace ashlar::cli::play {

/// Waits until every node finds every other a living member of one ring; gives its epoch.
Outcome<std::int64_t> wait_for_ring(const Layout& layout, Daemons& daemons, Interrupts& interrupts);

/// Makes the table, unless a kept playground has it, and waits until every node knows it; gives what it is.
Outcome<thrift::TableDescription> wait_for_table(const Layout& layout, Daemons& daemons, Interrupts& interrupts);

}  // namespace ashlar::cli::play
