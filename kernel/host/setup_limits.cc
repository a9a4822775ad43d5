// What the parts of a node want of the configuration.
#include <algorithm>

#include "host/setting_value.h"
#include "host/setup.h"

namespace ashlar::host {

port::Limits node_limits(const Config& config) {
    const Settings& from = config.section("limits");
    const Settings& sync = config.section("sync");
    auto number = [&](std::string_view name) { return static_cast<std::uint32_t>(from.integer(name)); };
    port::Limits out;
    out.entry_bytes = number("entry_bytes");
    out.context_bytes = number("context_bytes");
    out.siblings_warn = number("siblings_warn");
    out.siblings_refuse = number("siblings_refuse");
    out.batch_items = number("batch_items");
    out.page_entries = number("page_entries");
    out.page_bytes = number("page_bytes");
    out.waiting_orders = number("waiting_orders");
    out.hint_bytes = static_cast<std::uint64_t>(from.integer("hint_bytes"));
    out.clock_skew = from.duration("clock_skew");
    out.speculate_after = from.duration("speculate_after");
    out.foreground_p99 = from.duration("foreground_p99");
    out.tombstone_grace = from.duration("tombstone_grace");
    const Settings& repair = config.section("repair");
    out.convergence_target = repair.duration("convergence_target");
    if (auto window = parse_window(repair.text("window"))) out.repair_window = *window;
    out.keys_per_bucket = static_cast<std::uint32_t>(repair.integer("keys_per_bucket"));
    out.maintain_slice_bytes = static_cast<std::uint64_t>(config.section("lanes").integer("maintain_slice_bytes"));
    out.sync = sync.text("mode") == "always"     ? Sync::always
               : sync.text("mode") == "interval" ? Sync::interval
                                                 : Sync::never;
    out.sync_interval = sync.duration("interval");
    out.write_interval = sync.duration("write_interval");
    return out;
}

FrontLimits client_limits(const Config& config) {
    const Settings& from = config.section("limits");
    auto number = [&](std::string_view name) { return static_cast<std::size_t>(from.integer(name)); };
    FrontLimits out;
    out.connections = number("connections");
    out.connections_per_address = number("connections_per_address");
    out.pipeline_depth = number("pipeline_depth");
    out.frame_bytes = number("frame_bytes");
    out.idle = from.duration("idle_timeout");
    out.handshake = from.duration("handshake_timeout");
    out.frame = from.duration("frame_timeout");
    return out;
}

FrontLimits admin_limits(const Config& config) {
    FrontLimits out = client_limits(config);
    out.connections = out.connections_per_address =
        static_cast<std::size_t>(config.section("limits").integer("admin_connections"));
    out.frame_bytes = std::min<std::size_t>(out.frame_bytes, 1 << 20);
    return out;
}

PeerLimits peer_limits(const Config& config) {
    const Settings& from = config.section("limits");
    PeerLimits out;
    out.queue_bytes = static_cast<std::size_t>(from.integer("peer_queue_bytes"));
    out.connections = static_cast<std::size_t>(from.integer("peer_connections"));
    out.connections_per_address = out.connections / 4;
    return out;
}

DeadlineRules deadline_rules(const Config& config) {
    const Settings& limits = config.section("limits");
    return DeadlineRules{limits.duration("request_timeout"), limits.duration("request_timeout_max")};
}

}  // namespace ashlar::host
