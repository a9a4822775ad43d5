#include "repair/forest.h"

#include <algorithm>

namespace ashlar::repair {
namespace {

/// Enough that the upper levels are in the cache, and that to mark them takes a fraction of a millisecond.
constexpr std::size_t written_most = 512;

}  // namespace

void Forest::mark(std::span<const Write> batch) {
    // No tree: nobody has asked yet, and all of the table is stale anyway.
    if (trees_.empty()) return;
    for (const Write& write : batch) {
        written_.emplace_back(write.key.table, write.key.token);
        if (written_.size() == written_most) settle();
    }
}

void Forest::settle() {
    std::sort(written_.begin(), written_.end());
    auto tree = trees_.begin();
    for (const auto& [table, token] : written_) {
        while (tree != trees_.end() && tree->first < table) ++tree;
        if (tree == trees_.end()) break;
        if (tree->first == table) tree->second.mark(token);
    }
    written_.clear();
}

void Forest::mark_range(TableId table, const TokenRange& tokens) {
    for (auto& [id, tree] : trees_)
        if (id == table || table == TableId{}) tree.mark_range(tokens);
}

BucketTree& Forest::tree(TableId table) {
    settle();
    return trees_.try_emplace(table, full_).first->second;
}

std::size_t Forest::buckets() const {
    std::size_t sum = 0;
    for (const auto& [table, tree] : trees_) sum += tree.buckets();
    return sum;
}

}  // namespace ashlar::repair
