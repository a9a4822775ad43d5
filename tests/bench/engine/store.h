// What the engine benchmark asks of a store: the engine through its contract, and RocksDB, are measured alike.
//
// Called from one thread. A store that fails stops the process: a benchmark of failures measures nothing.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ashlar::bench {

/// Keys are numbers here; each store turns them into bytes the same way.
using KeyNumber = std::uint32_t;
std::string key_bytes(KeyNumber key);
/// 1,000 bytes of which about half compress away, as text does. Another round gives another value.
std::string value_bytes(KeyNumber key, std::uint32_t round);
inline constexpr std::size_t value_length = 1000;

/// Sizes given to both stores, so that they freeze, flush and compact alike.
struct Sizes {
    std::uint64_t memtable_bytes;
    std::uint64_t level_base_bytes;
    std::uint64_t table_bytes;
    std::uint64_t block_cache_bytes;
};

struct Durable {
    double seconds = 0;
    std::uint64_t writes = 0;
    std::uint64_t syncs = 0;           ///< of the log
    std::vector<double> latencies_us;  ///< one a write
};

class Store {
public:
    virtual ~Store() = default;
    virtual std::string name() const = 0;
    /// One write after the other, in the log but not synced. Answers how often it had to wait for flushes.
    virtual std::uint64_t write(std::span<const KeyNumber> keys, std::uint32_t round) = 0;
    /// Waits until there is nothing to flush or compact.
    virtual void settle() = 0;
    /// How many of the keys were found, with the right length.
    virtual std::uint64_t read(std::span<const KeyNumber> keys) = 0;
    /// Synced writes by so many writers, each waiting for its own, until the time is over.
    virtual Durable durable(std::uint32_t writers, double seconds, std::uint32_t round) = 0;
};

/// In an empty directory.
std::unique_ptr<Store> open_own(const std::string& engine, const std::string& directory, const Sizes& sizes);
/// What the disk itself takes right now: half of so many syncs of 1 KB in a zero-filled file were quicker, in us.
double sync_probe_us(const std::string& directory);
/// Null if this build has no RocksDB.
std::unique_ptr<Store> open_rocks(const std::string& directory, const Sizes& sizes);

[[noreturn]] void give_up(std::string_view what, std::string_view why);
/// Steady seconds since some moment.
double now_seconds();

}  // namespace ashlar::bench
