// Blocks read from the disk, kept within a budget of bytes.
//
// Shared by the loop and the lanes. A shard is guarded by a flag that is only ever tried: who finds it taken
// goes on without the cache (the loop then sends the read to a lane, a lane reads the disk), so nobody waits.
// Shards are found by hash, blocks leave by the clock rule (a hit buys one more round).
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "ashlar/types.h"

namespace ashlar::lsm {

using BlockPtr = std::shared_ptr<const Bytes>;

class BlockCache {
public:
    explicit BlockCache(std::uint64_t budget_bytes, std::uint64_t block_bytes);

    BlockPtr find(std::uint64_t file, std::uint64_t offset) noexcept;
    void keep(std::uint64_t file, std::uint64_t offset, BlockPtr block) noexcept;

    std::uint64_t bytes() const { return bytes_.load(std::memory_order_relaxed); }
    std::uint64_t hits() const { return hits_.load(std::memory_order_relaxed); }
    std::uint64_t misses() const { return misses_.load(std::memory_order_relaxed); }

private:
    struct Slot {
        std::uint64_t file = 0;
        std::uint64_t offset = 0;
        BlockPtr block;
        std::uint32_t next = 0;  ///< 1 + index in the chain of its bucket
        bool used = false;       ///< hit since the hand last passed
    };
    struct Shard {
        std::atomic_flag taken = ATOMIC_FLAG_INIT;
        std::vector<std::uint32_t> buckets;
        std::vector<Slot> slots;
        std::vector<std::uint32_t> free;
        std::size_t hand = 0;
        std::uint64_t bytes = 0;
    };
    static constexpr std::size_t shard_count = 16;

    static std::uint64_t hash(std::uint64_t file, std::uint64_t offset);
    Slot* find_in(Shard& shard, std::uint64_t hash, std::uint64_t file, std::uint64_t offset);
    /// Takes out blocks until `bytes` more fit; what leaves is freed by the caller, outside the guard.
    void make_room(Shard& shard, std::uint64_t bytes, std::vector<BlockPtr>& leaving);
    void take_out(Shard& shard, std::uint32_t index, std::vector<BlockPtr>& leaving);

    std::uint64_t shard_budget_;
    std::vector<Shard> shards_;
    std::atomic<std::uint64_t> bytes_{0};
    std::atomic<std::uint64_t> hits_{0};
    std::atomic<std::uint64_t> misses_{0};
};

}  // namespace ashlar::lsm
