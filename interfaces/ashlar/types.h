// The words every contract shares: bytes, identities, time, tokens, keys.
//
// Everything here is a plain value without behaviour of its own, safe to copy and to read from any thread.
// One word per thing: the glossary is section 1 of docs/architecture.md.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace ashlar {

/// Borrowed bytes (not text). Whoever hands out a View says how long it stays valid.
using View = std::string_view;
/// Owned bytes (not text).
using Bytes = std::string;

/// Position on the ring, the whole 64-bit circle. Made by the partitioner from a key.
using Token = std::uint64_t;

/// A node for life: drawn at random when its data directory is made, never reused. 0 names nobody.
struct NodeId {
    std::uint64_t value = 0;
    auto operator<=>(const NodeId&) const = default;
};

/// A table for life: never reused, so dropping and re-creating a name makes a new id. 0 names none.
struct TableId {
    std::uint32_t value = 0;
    auto operator<=>(const TableId&) const = default;
};

/// Number of an agreed ring (and of everything agreed with it, such as the tables). 0 is "before the first".
struct Epoch {
    std::uint64_t value = 0;
    auto operator<=>(const Epoch&) const = default;
};

/// Who makes versions: one slice of one life of one node. A node that cannot prove that it remembers
/// every counter it used takes a new incarnation, so an actor never counts backwards.
struct Actor {
    NodeId node;
    std::uint32_t incarnation = 0;
    std::uint32_t slice = 0;
    auto operator<=>(const Actor&) const = default;
};

/// Names one version: the counter-th write of an actor. Counters start at 1; 0 is "no dot".
struct Dot {
    Actor actor;
    std::uint64_t counter = 0;
    auto operator<=>(const Dot&) const = default;
};

/// A length of time. Never an integer in an interface.
struct Duration {
    std::int64_t us = 0;
    auto operator<=>(const Duration&) const = default;
};
constexpr Duration microseconds(std::int64_t n) { return Duration{n}; }
constexpr Duration milliseconds(std::int64_t n) { return Duration{n * 1000}; }
constexpr Duration seconds(std::int64_t n) { return Duration{n * 1'000'000}; }
constexpr Duration operator+(Duration a, Duration b) { return Duration{a.us + b.us}; }
constexpr Duration operator-(Duration a, Duration b) { return Duration{a.us - b.us}; }

/// A moment on this node's steady clock: for deadlines and detection. Means nothing on another node.
struct Instant {
    std::int64_t us = 0;
    auto operator<=>(const Instant&) const = default;
};
constexpr Instant operator+(Instant a, Duration d) { return Instant{a.us + d.us}; }
constexpr Duration operator-(Instant a, Instant b) { return Duration{a.us - b.us}; }

/// A moment of wall time, microseconds since 1970 UTC: for expiry and stamps people read. May jump.
struct WallTime {
    std::int64_t us = 0;
    auto operator<=>(const WallTime&) const = default;
};
constexpr WallTime operator+(WallTime a, Duration d) { return WallTime{a.us + d.us}; }

/// Both clocks, read once per turn of the loop and handed down: nothing below kernel/host reads a clock.
struct Now {
    Instant steady;
    WallTime wall;
};

/// A client's name for one write, so that a retry is the same write. All zero means "none given".
struct RequestId {
    std::array<std::uint8_t, 16> bytes{};
    auto operator<=>(const RequestId&) const = default;
    bool given() const { return *this != RequestId{}; }
};

/// Where an entry lives. Engines order by (token, table, key), compared as unsigned bytes, so that a
/// partition is one contiguous range. The key is borrowed.
struct EntryKey {
    Token token = 0;
    TableId table;
    View key;
    auto operator<=>(const EntryKey&) const = default;
};

/// A contiguous piece of the ring, both ends included (so the whole circle is {0, max}); never wraps.
struct TokenRange {
    Token first = 0;
    Token last = ~Token{0};
    auto operator<=>(const TokenRange&) const = default;
    bool holds(Token t) const { return first <= t && t <= last; }
};

/// How safe a write must be before it counts as acknowledged.
enum class Sync : std::uint8_t {
    table_default = 0,  ///< as the node is configured
    always = 1,         ///< in the commit log and synced to the disk
    interval = 2,       ///< in memory; the log is written and synced within the configured interval
    never = 3,          ///< in memory; written to the log, synced only when the system or a flush does
};

}  // namespace ashlar
