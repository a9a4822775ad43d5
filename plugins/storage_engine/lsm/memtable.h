// The recent writes in memory, in order: a skip list per slice of the token space.
//
// One thread (the loop) writes, any number read meanwhile without a lock: a node or an entry is complete
// before the pointer to it is published. Per key a chain of joined entries, newest first, each with its
// sequence, so that a snapshot sees its own moment. Nothing is freed before the whole.
//
// Why slices: tokens are spread evenly by hashing partitioners, so a table of list heads by the token's top
// bits replaces the upper floors of one big skip list, whose hops are the cache misses that cost (PERFORMANCE:
// 2 to 5 us an insert). With clustered tokens it is one skip list of full height, no worse than before.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "arena.h"
#include "ashlar/storage_engine.h"
#include "ashlar/types.h"
#include "hidden.h"
#include "order.h"

namespace ashlar::lsm {

class Memtable {
public:
    /// One joined entry of a key.
    struct Held {
        Sequence sequence;
        const Held* older;
        std::uint32_t size;
        View entry() const { return View(reinterpret_cast<const char*>(this + 1), size); }
    };
    struct Node;

    /// `first_segment`: where its first log record goes. `first`: the lowest sequence it may hold.
    Memtable(std::uint64_t target_bytes, std::uint64_t first_segment, Sequence first);
    Memtable(const Memtable&) = delete;
    Memtable& operator=(const Memtable&) = delete;

    // Loop only.
    /// The node of a key, made if missing (without an entry it is invisible).
    Node* claim(const EntryKey& key);
    /// An entry in the arena, not yet visible.
    Held* make(Sequence sequence, View entry);
    /// Makes an entry the newest of its key.
    void publish(Node* node, Held* held);
    /// A slot for the writer of a batch, to find a key it has met before.
    static Held*& pending(Node* node);
    std::uint64_t bytes() const { return arena_.bytes(); }

    // Any thread.
    /// The entry as of a moment, nullptr if there is none or it is hidden.
    const Held* find(const EntryKey& key, Sequence as_of, const Hidden& hidden) const;
    static const Held* visible(const Node* node, Sequence as_of, const Hidden& hidden);
    static EntryKey key_of(const Node* node);
    /// First node at or behind the key; nullptr at the end.
    const Node* at_or_after(const EntryKey& key) const;
    const Node* after(const Node* node) const;
    /// Last node before the key; with `end`, the last of all.
    const Node* last_before(const EntryKey& key, bool end) const;

    std::uint64_t first_segment() const { return first_segment_; }
    Sequence first() const { return first_; }
    std::uint64_t entries() const { return entries_.load(std::memory_order_relaxed); }

private:
    using Link = std::atomic<Node*>;
    static constexpr int max_height = 12;

    std::size_t slice_of(Token token) const { return slice_bits_ == 0 ? 0 : token >> (64 - slice_bits_); }
    Link* heads(std::size_t slice) const { return heads_.get() + slice * max_height; }
    const Node* first_from(std::size_t slice) const;
    int draw_height();

    Arena arena_;
    int slice_bits_;
    std::unique_ptr<Link[]> heads_;
    std::atomic<int> height_{1};
    std::uint64_t first_segment_;
    Sequence first_;
    std::atomic<std::uint64_t> entries_{0};
    std::uint64_t dice_ = 0x9e3779b97f4a7c15;  // only balances the list; need not differ between runs
};

}  // namespace ashlar::lsm
