#include "block_cache.h"

#include <algorithm>
#include <bit>

namespace ashlar::lsm {
namespace {

constexpr std::uint64_t slot_overhead = 128;  // the slot, the string and its control block

/// Holds a shard for one scope, if it was free.
class Hold {
public:
    explicit Hold(std::atomic_flag& flag) : flag_(flag), got_(!flag.test_and_set(std::memory_order_acquire)) {}
    ~Hold() {
        if (got_) flag_.clear(std::memory_order_release);
    }
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;
    explicit operator bool() const { return got_; }

private:
    std::atomic_flag& flag_;
    bool got_;
};

}  // namespace

BlockCache::BlockCache(std::uint64_t budget_bytes, std::uint64_t block_bytes)
    : shard_budget_(budget_bytes / shard_count), shards_(shard_count) {
    std::uint64_t expected = std::clamp<std::uint64_t>(shard_budget_ / (block_bytes + slot_overhead), 8, 1u << 20);
    for (Shard& shard : shards_) shard.buckets.assign(std::bit_ceil(static_cast<std::size_t>(expected)), 0);
}

std::uint64_t BlockCache::hash(std::uint64_t file, std::uint64_t offset) {
    std::uint64_t h = (file * 0x9e3779b97f4a7c15u) ^ (offset * 0xc2b2ae3d27d4eb4fu);
    return (h ^ h >> 29) * 0xbf58476d1ce4e5b9u;
}

BlockCache::Slot* BlockCache::find_in(Shard& shard, std::uint64_t hash, std::uint64_t file, std::uint64_t offset) {
    std::uint32_t at = shard.buckets[hash & (shard.buckets.size() - 1)];
    for (; at != 0; at = shard.slots[at - 1].next) {
        Slot& slot = shard.slots[at - 1];
        if (slot.file == file && slot.offset == offset) return &slot;
    }
    return nullptr;
}

BlockPtr BlockCache::find(std::uint64_t file, std::uint64_t offset) noexcept {
    if (shard_budget_ == 0) return nullptr;
    std::uint64_t h = hash(file, offset);
    Shard& shard = shards_[h >> 60];
    Hold hold(shard.taken);
    Slot* slot = hold ? find_in(shard, h, file, offset) : nullptr;
    if (slot == nullptr) {
        misses_.fetch_add(1, std::memory_order_relaxed);
        return nullptr;
    }
    slot->used = true;
    hits_.fetch_add(1, std::memory_order_relaxed);
    return slot->block;
}

void BlockCache::keep(std::uint64_t file, std::uint64_t offset, BlockPtr block) noexcept {
    std::uint64_t cost = block->capacity() + slot_overhead;
    if (cost > shard_budget_) return;
    std::uint64_t h = hash(file, offset);
    Shard& shard = shards_[h >> 60];
    std::vector<BlockPtr> leaving;  // declared before the guard, so freed after it
    Hold hold(shard.taken);
    if (!hold || find_in(shard, h, file, offset) != nullptr) return;
    make_room(shard, cost, leaving);
    if (shard.free.empty()) {
        shard.slots.emplace_back();
        shard.free.push_back(static_cast<std::uint32_t>(shard.slots.size() - 1));
    }
    std::uint32_t index = shard.free.back();
    shard.free.pop_back();
    std::uint32_t& bucket = shard.buckets[h & (shard.buckets.size() - 1)];
    shard.slots[index] = Slot{file, offset, std::move(block), bucket, false};
    bucket = index + 1;
    shard.bytes += cost;
    bytes_.fetch_add(cost, std::memory_order_relaxed);
}

void BlockCache::make_room(Shard& shard, std::uint64_t bytes, std::vector<BlockPtr>& leaving) {
    while (shard.bytes + bytes > shard_budget_ && shard.bytes != 0) {
        shard.hand = shard.hand + 1 < shard.slots.size() ? shard.hand + 1 : 0;
        Slot& slot = shard.slots[shard.hand];
        if (slot.block == nullptr) continue;
        if (slot.used)
            slot.used = false;
        else
            take_out(shard, static_cast<std::uint32_t>(shard.hand), leaving);
    }
}

void BlockCache::take_out(Shard& shard, std::uint32_t index, std::vector<BlockPtr>& leaving) {
    Slot& slot = shard.slots[index];
    std::uint64_t h = hash(slot.file, slot.offset);
    std::uint32_t* link = &shard.buckets[h & (shard.buckets.size() - 1)];
    while (*link != index + 1) link = &shard.slots[*link - 1].next;
    *link = slot.next;
    std::uint64_t cost = slot.block->capacity() + slot_overhead;
    shard.bytes -= cost;
    bytes_.fetch_sub(cost, std::memory_order_relaxed);
    leaving.push_back(std::move(slot.block));
    slot = Slot{};
    shard.free.push_back(index);
}

}  // namespace ashlar::lsm
