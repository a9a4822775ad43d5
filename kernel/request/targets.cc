#include "request/targets.h"

#include <algorithm>

namespace ashlar::request {
namespace {

bool holds(const std::vector<Target>& targets, NodeId node) {
    return std::any_of(targets.begin(), targets.end(), [node](const Target& t) { return t.node == node; });
}

bool down(const Health& health, NodeId node) {
    return health.state(node) == PeerState::down;
}

/// The best stand-in that is not asked yet: healthy before merely alive, of the owner's data centre before others.
Target stand_in(const Walk& walk, NodeId owner, const Health& health, const std::vector<Target>& asked) {
    Target found;
    int best = -1;
    for (std::size_t i = walk.owners; i < walk.nodes.size(); ++i) {
        NodeId node = walk.nodes[i];
        if (holds(asked, node) || down(health, node)) continue;
        int rank = (health.state(node) == PeerState::alive ? 2 : 0) + (health.near(node, owner) ? 1 : 0);
        if (rank <= best) continue;
        best = rank;
        found = Target{node, owner};
    }
    return found;
}

void add_stand_ins(const Walk& walk, const Health& health, std::vector<Target>& out) {
    for (std::uint32_t i = 0; i < walk.owners; ++i) {
        if (!down(health, walk.nodes[i])) continue;
        Target target = stand_in(walk, walk.nodes[i], health, out);
        if (target.node.value != 0) out.push_back(target);
    }
}

}  // namespace

bool is_owner(const Walk& walk, NodeId node) {
    auto end = walk.nodes.begin() + static_cast<std::ptrdiff_t>(walk.owners);
    return std::find(walk.nodes.begin(), end, node) != end;
}

void choose_writers(const Walk& walk, NodeId self, const Health& health, std::vector<Target>& out) {
    out.clear();
    if (is_owner(walk, self)) out.push_back(Target{self, {}});
    for (std::uint32_t i = 0; i < walk.owners; ++i) {
        if (walk.nodes[i] != self && !down(health, walk.nodes[i])) out.push_back(Target{walk.nodes[i], {}});
    }
    add_stand_ins(walk, health, out);
}

void choose_readers(const Walk& walk, NodeId self, const Health& health, bool sloppy, std::vector<Target>& out) {
    out.clear();
    if (is_owner(walk, self)) out.push_back(Target{self, {}});
    for (bool healthy : {true, false}) {
        for (bool near : {true, false}) {
            for (std::uint32_t i = 0; i < walk.owners; ++i) {
                NodeId node = walk.nodes[i];
                if (node == self || down(health, node) || health.near(node, self) != near) continue;
                if ((health.state(node) == PeerState::alive) == healthy) out.push_back(Target{node, {}});
            }
        }
    }
    if (sloppy) add_stand_ins(walk, health, out);
}

Target next_stand_in(const Walk& walk, NodeId owner, const Health& health, const std::vector<NodeId>& asked) {
    std::vector<Target> taken;
    for (NodeId node : asked) taken.push_back(Target{node, {}});
    return stand_in(walk, owner, health, taken);
}

}  // namespace ashlar::request
