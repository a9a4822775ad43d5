// Contract of a conflict resolver: what a write makes of an entry, and how two entries become one.
//
// An entry is all that is stored under (table, key): versions and a causal context, in one canonical byte
// form (equal entries are equal bytes) that opens with kit/entry.h's header (format, resolver tag, resolver
// format version). The kernel and the engines treat it as bytes. Pure and deterministic, any thread.
//
// Laws, proven by the contract suite for every resolver, for all well-formed entries a, b, c of one key:
//   join(a, b) = join(b, a)    join(a, join(b, c)) = join(join(a, b), c)    join(a, a) = a
//   join(held, update(held, change)) = update(held, change): an update never loses what it built on
//   whatever update or join returns passes check()
// Because of them a replica applies an incoming entry without reading first.
#pragma once

#include <cstdint>
#include <vector>

#include "ashlar/host.h"
#include "ashlar/result.h"
#include "ashlar/types.h"

namespace ashlar {

/// One write as the coordinator orders it.
struct Change {
    bool remove = false;
    View value;                  ///< of a put; may be empty
    View context;                ///< causal context (kit/context.h) of the read it builds on; empty: a blind write
    Dot dot;                     ///< this write's own name, durable before it leaves the node
    /// Every version this actor made with a counter up to here is in `held` if it concerns this key.
    /// 0 when held was not read. Lets a resolver fold its own dots into the version vector safely.
    std::uint64_t complete_through = 0;
    WallTime wall;               ///< the coordinator's clock
    WallTime expires{0};         ///< 0: never
    RequestId request;
};

enum class VersionKind : std::uint8_t {
    value = 0,
    removed = 1,  ///< tombstone of a remove
    expired = 2,  ///< tombstone an expired value left behind
};

/// One version as a reader sees it; views into the entry that was read.
struct Version {
    VersionKind kind = VersionKind::value;
    View value;
    Dot dot;
    WallTime wall;
    WallTime expires{0};
    RequestId request;
};

/// An entry opened. Reused between calls: read() clears and refills it.
struct Reading {
    std::vector<Version> versions;  ///< values first, in canonical order, then tombstones; expired values are tombstones
    std::uint32_t values = 0;       ///< so many of them are values; more than one: siblings
    bool truncated = false;         ///< a clock was pruned: domination may be undecidable, siblings may be false
    Bytes context;                  ///< canonical CausalContext (kit/context.h) to hand to the client
};

class ConflictResolver {
public:
    virtual ~ConflictResolver() = default;

    /// Whether update() must see the held entry for this change. False: the kernel passes an empty `held`,
    /// writes what comes back, and the engine joins it later.
    virtual bool needs_held(const Change& change) const noexcept = 0;

    /// The entry to store and send to the other replicas. `held` is empty when nothing is held or it was
    /// not needed. Replaces exactly what change.context saw; a blind put adds a sibling unless the
    /// resolver's capabilities say merges_blind_writes. Fails with invalid_request on a bad context.
    virtual Result<Bytes> update(View held, const Change& change) const noexcept = 0;

    /// The least entry that knows all that a and b know. Fails with corrupt on malformed bytes.
    virtual Result<Bytes> join(View a, View b) const noexcept = 0;

    /// Opens an entry as of `now`. Fails with corrupt on malformed bytes.
    virtual Result<void> read(View entry, WallTime now, Reading& reading) const noexcept = 0;

    /// See Joiner::settle. An empty result: nothing is left to keep.
    virtual Result<Bytes> settle(View entry, const Keep& keep) const noexcept = 0;

    /// Whether bytes from a peer or a file are a well-formed, canonical entry of this resolver. Bounded work.
    virtual Result<void> check(View entry) const noexcept = 0;
};

}  // namespace ashlar
