// All that may happen to a node. The host (or the simulator) turns the world into these, one at a time.
#pragma once

#include <cstdint>
#include <variant>

#include "port/order.h"

namespace ashlar::port {

/// Names a piece of work the node handed out through Effects::run.
struct WorkId {
    std::uint64_t value = 0;
    auto operator<=>(const WorkId&) const = default;
};

/// The lane has run it; the node will call finish().
struct WorkDone {
    WorkId id;
};

/// A moment asked for with Effects::wake_at has come (or a later one).
struct Woken {};

/// No more events are ready: the moment to sync what was applied and send what was gathered, once for all.
struct TurnEnded {};

/// The operator asks for a clean stop: take no orders, make everything durable, then Effects::stopped().
struct StopAsked {};

using Event = std::variant<const Order*, const AdminOrder*, WorkDone, Woken, TurnEnded, StopAsked>;

}  // namespace ashlar::port
