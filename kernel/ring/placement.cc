#include "ring/placement.h"

namespace ashlar::ring {

Placement::Placement(std::shared_ptr<const Ring> ring, const Replicator& replicator, Replication replication, Seat seat)
    : ring_(std::move(ring)),
      replicator_(replicator),
      replication_(std::move(replication)),
      seat_(std::move(seat)),
      walks_(ring_->claims.size()) {}

const Walk& Placement::walk(Token token) {
    std::size_t partition = ring_->partition_of(token);
    Walk& walk = walks_[partition];
    // Every token of a partition has the same walk: it is found by the partition's first.
    if (walk.nodes.empty()) replicator_.walk(*ring_, ring_->claims[partition].first, replication_, walk);
    return walk;
}

Result<std::shared_ptr<const Needs>> Placement::needs(const Consistency& consistency) {
    auto key = std::make_pair(consistency.level, consistency.level == Level::count ? consistency.count : 0u);
    auto known = needs_.find(key);
    if (known != needs_.end()) return known->second;
    auto groups = replicator_.needs(consistency, *ring_, replication_, seat_.datacentre);
    if (!groups) return groups.error();
    auto needs = std::make_shared<Needs>();
    needs->groups = std::move(*groups);
    for (const Need& need : needs->groups) needs->needed += need.count;
    needs_.emplace(key, needs);
    return std::shared_ptr<const Needs>(std::move(needs));
}

View Placement::datacentre_of(NodeId node) const {
    const Member* member = ring_->member(node);
    return member == nullptr ? View{} : View(member->datacentre);
}

}  // namespace ashlar::ring
