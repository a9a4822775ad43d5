#include "repair/forest.h"

namespace ashlar::repair {

void Forest::mark(std::span<const Write> batch) {
    for (const Write& write : batch) {
        // No tree: nobody has asked yet, and all of the table is stale anyway.
        auto tree = trees_.find(write.key.table);
        if (tree != trees_.end()) tree->second.mark(write.key.token);
    }
}

void Forest::mark_range(TableId table, const TokenRange& tokens) {
    for (auto& [id, tree] : trees_)
        if (id == table || table == TableId{}) tree.mark_range(tokens);
}

BucketTree& Forest::tree(TableId table) {
    return trees_.try_emplace(table, full_).first->second;
}

std::size_t Forest::buckets() const {
    std::size_t sum = 0;
    for (const auto& [table, tree] : trees_) sum += tree.buckets();
    return sum;
}

}  // namespace ashlar::repair
