// An ordered map that never changes: setting or dropping a key makes a new tree that shares all but one path
// with the old one. So a snapshot is a copy of one pointer, and any thread may read any tree without a lock.
//
// A treap (Seidel and Aragon, "Randomized search trees", 1996): binary search tree by key, heap by a hash of the
// key, so its shape depends on its content and a seed only. Every operation touches O(log n) nodes.
#pragma once

#include <cstdint>
#include <memory>

#include "ashlar/types.h"

namespace ashlar::memory {

/// One entry with its key. Immutable, so views into it live as long as it does.
struct Item {
    Token token = 0;
    TableId table;
    Bytes key;
    Bytes entry;
    EntryKey at() const { return {token, table, key}; }
    /// What it costs, near enough: its bytes, its node and the allocator's share.
    std::uint64_t cost() const { return key.size() + entry.size() + 192; }
};
using ItemRef = std::shared_ptr<const Item>;

class Tree {
public:
    explicit Tree(std::uint64_t seed) : seed_(seed) {}

    ItemRef find(const EntryKey& key) const;
    /// The first item at or behind a key; strictly behind it if `beyond`. Null at the end.
    ItemRef forward(const EntryKey& key, bool beyond) const;
    /// The last item at or before a key; strictly before it if `beyond`. Null at the end.
    ItemRef backward(const EntryKey& key, bool beyond) const;
    ItemRef last() const;
    [[nodiscard]] Tree with(ItemRef item) const;
    [[nodiscard]] Tree without(const EntryKey& key) const;

private:
    struct Node;
    using NodeRef = std::shared_ptr<const Node>;
    Tree(std::uint64_t seed, NodeRef root) : seed_(seed), root_(std::move(root)) {}
    static NodeRef make(const Node& like, NodeRef left, NodeRef right);
    static NodeRef insert(const NodeRef& at, const NodeRef& fresh);
    static NodeRef erase(const NodeRef& at, const EntryKey& key);
    static NodeRef merge(const NodeRef& a, const NodeRef& b);

    std::uint64_t seed_;
    NodeRef root_;
};

}  // namespace ashlar::memory
