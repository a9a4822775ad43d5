#include "node/kept_trees.h"

#include <algorithm>
#include <utility>

#include "kit/text.h"
#include "node/node.h"

namespace ashlar::node {

void KeptTrees::plant(const port::Turn& turn, const request::Catalogue& catalogue) {
    if (parts_.trees == nullptr) return;
    auto trees = [&]() -> Result<std::map<TableId, repair::BucketTree>> {
        auto bytes = parts_.trees->taken();
        if (!bytes) return bytes.error();
        return repair::read_trees(*bytes, bond(turn));
    }();
    if (!trees)
        return parts_.log->write(LogLevel::info, "hash trees begin stale: " + trees.error().detail);
    const std::vector<port::Table>& tables = catalogue.tables();
    std::erase_if(*trees, [&](const auto& tree) {
        return std::none_of(tables.begin(), tables.end(), [&](const auto& table) { return table.id == tree.first; });
    });
    std::size_t known = 0;
    for (const auto& [table, tree] : *trees) known += tree.known_buckets();
    forest_.plant(std::move(*trees));
    parts_.meter->counter("repair_buckets_kept").set(static_cast<std::int64_t>(known));
    parts_.log->write(LogLevel::info, kit::text("hash trees: ", known, " of ", forest_.buckets(),
                                                " buckets are known from the last stop"));
}

void KeptTrees::keep(const port::Turn& turn, std::function<void(const port::Turn&)> then) {
    const repair::TreeBond bond = this->bond(turn);
    forest_.settle();
    if (parts_.trees == nullptr || forest_.trees().empty()) return then(turn);
    // What is not durable a crash of the machine may still take.
    if (parts_.engine->synced() != bond.applied) {
        parts_.log->write(LogLevel::warn, "hash trees are not kept: the engine holds what is not synced");
        return then(turn);
    }
    auto written = [this, then = std::move(then)](const port::Turn& later, const Result<void>& outcome) {
        if (!outcome) parts_.log->write(LogLevel::warn, "hash trees are not kept: " + outcome.error().detail);
        then(later);
    };
    parts_.trees->write(turn, works_, forest_, bond, std::move(written));
}

repair::TreeBond KeptTrees::bond(const port::Turn& turn) const {
    repair::TreeBond bond;
    bond.node = changes_.state().node;
    bond.life = changes_.state().life();
    bond.applied = parts_.engine->applied();
    bond.at = turn.now.wall;
    bond.ways = repair::ways_of(parts_.resolver_capabilities);
    bond.full = forest_.full();
    return bond;
}

}  // namespace ashlar::node
