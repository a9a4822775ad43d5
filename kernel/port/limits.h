// Bounds and habits of a node, from the config (kernel/host/config fills it; the names are its keys).
#pragma once

#include <cstdint>

#include "ashlar/types.h"
#include "port/day_window.h"

namespace ashlar::port {

struct Limits {
    std::uint32_t entry_bytes = 10 * 1024;  ///< key + value of a put
    std::uint32_t context_bytes = 16 * 1024;
    std::uint32_t siblings_warn = 25;
    std::uint32_t siblings_refuse = 100;
    std::uint32_t batch_items = 1024;            ///< multi_*
    std::uint32_t page_entries = 1000;           ///< scan: default and ceiling
    std::uint32_t page_bytes = 4 * 1024 * 1024;  ///< scan: a page ends when it is so large; multi_get: four of them
    std::uint32_t waiting_orders = 10'000;       ///< orders that wait for disk or peers; more are refused
    std::uint64_t hint_bytes = 1ull << 30;       ///< kept for absent owners
    Duration clock_skew = seconds(60);           ///< how far the nodes' clocks may be apart where stamps decide
    Duration speculate_after = milliseconds(50); ///< a replica silent for so long gets help from another, or sooner
    Duration foreground_p99 = milliseconds(50);  ///< background work yields when clients wait longer than this
    std::uint64_t maintain_slice_bytes = 4 * 1024 * 1024;
    Sync sync = Sync::always;  ///< what Sync::table_default means
    Duration sync_interval = milliseconds(1000);
    Duration write_interval = milliseconds(10);  ///< how long interval and never may stay in process memory
    Duration tombstone_grace = seconds(600);     ///< no tombstone is forgotten sooner; also the window of request ids
    Duration convergence_target = seconds(60);   ///< how old the last proof that replicas are equal may become
    DayWindow repair_window;                     ///< when rounds nobody hurries may begin
    std::uint32_t keys_per_bucket = 1000;        ///< of the hash trees, about
};

}  // namespace ashlar::port
