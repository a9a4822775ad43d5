// The world as a plugin sees it. There is no other door: a plugin opens no file, reads no clock, starts no
// thread and draws no chance of its own. The host outlives every plugin.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "ashlar/disk.h"
#include "ashlar/result.h"
#include "ashlar/types.h"

namespace ashlar {

enum class LogLevel : std::uint8_t { debug, info, warn, error };

/// Where notes for the operator go. Any thread. One line, no secrets, no key or value bytes.
class Log {
public:
    virtual ~Log() = default;
    virtual void write(LogLevel level, View line) noexcept = 0;
};

/// Numbers for the operator. counter() may allocate: ask once, at creation, and keep the reference, which
/// lives as long as the host. Adding is safe on any thread.
class Meter {
public:
    struct Counter {
        std::atomic<std::int64_t> value{0};
        void add(std::int64_t n = 1) { value.fetch_add(n, std::memory_order_relaxed); }
        void set(std::int64_t n) { value.store(n, std::memory_order_relaxed); }
    };
    virtual ~Meter() = default;
    /// Names are snake_case with the unit last: "lsm_flush_bytes". The same name gives the same counter.
    virtual Counter& counter(View name) noexcept = 0;
};

/// Chance with a seed. Loop only. Draw with next() and take remainders: the distributions of <random>
/// differ between compilers.
class Random {
public:
    virtual ~Random() = default;
    virtual std::uint64_t next() noexcept = 0;
};

/// What may leave an entry when an engine rewrites it.
struct Keep {
    WallTime now;               ///< versions that expired before this become tombstones
    WallTime forget_before{0};  ///< tombstones written before this may leave (0: none may)
};

/// Lets an engine merge entries without knowing a resolver: the host sends each table to its own. Pure and
/// deterministic; any thread.
class Joiner {
public:
    virtual ~Joiner() = default;
    /// The join of two entries of one table (ConflictResolver::join). Fails only on malformed entries.
    virtual Result<Bytes> join(TableId table, View a, View b) const noexcept = 0;
    /// The entry as it should be kept: expired versions turned to tombstones; an empty result means the
    /// whole entry may be forgotten. Ask only where no older run, memtable or snapshot can hold the key
    /// if keep.forget_before is set.
    virtual Result<Bytes> settle(TableId table, View entry, const Keep& keep) const noexcept = 0;
};

class Host {
public:
    virtual Log& log() noexcept = 0;
    virtual Meter& meter() noexcept = 0;
    virtual Random& random() noexcept = 0;
    /// Only a storage engine has one: its own directory. Others get a disk that refuses every call.
    virtual Disk& disk() noexcept = 0;
    virtual const Joiner& joiner() noexcept = 0;

protected:
    ~Host() = default;
};

}  // namespace ashlar
