// All that may happen to a node. The host (or the simulator) turns the world into these, one at a time.
#pragma once

#include <cstdint>
#include <variant>

#include "port/order.h"
#include "wire/message.h"

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

/// Which way messages between nodes travel.
enum class Road : std::uint8_t {
    link,        ///< framed TCP on the loop: what a client waits for
    background,  ///< ZeroMQ: gossip, probes, agreement, hints
};

/// Another node said something. The world has checked frame, cluster and protocol; the message borrows until the
/// step ends.
struct Heard {
    wire::Sender from;
    Road road = Road::link;
    const wire::Message* message = nullptr;
};

/// The link to a node broke or could not be made: what was asked on it and is not answered may be done or not.
struct LinkLost {
    NodeId peer;
};

using Event = std::variant<const Order*, const AdminOrder*, WorkDone, Woken, TurnEnded, StopAsked, Heard, LinkLost>;

}  // namespace ashlar::port
