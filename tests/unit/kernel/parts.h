// Small parts for kernel tests: a partitioner and a replicator as plain as can be, and the dotted version vectors
// and the memory engine as they are.
#pragma once

#include <algorithm>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "ashlar/failure_detector.h"
#include "ashlar/partitioner.h"
#include "ashlar/plugin.h"
#include "ashlar/replicator.h"
#include "kit/hash.h"

namespace ashlar::test {

/// Eight equal claims, dealt to the members in turn.
class EightClaims final : public Partitioner {
public:
    Token token(View key) const noexcept override { return kit::hash64(key); }
    Result<Ring> plan(const PlanRequest& request) const noexcept override {
        Ring ring;
        ring.epoch.value = request.current == nullptr ? 1 : request.current->epoch.value + 1;
        ring.members.assign(request.members.begin(), request.members.end());
        for (std::uint64_t i = 0; i < 8; ++i) {
            ring.claims.push_back(Claim{i << 61, ring.members[i % ring.members.size()].node});
        }
        return ring;
    }
};

/// The first N members, whoever claims what. Levels are counts; local and each are not known to it.
class FirstMembers final : public Replicator {
public:
    void walk(const Ring& ring, Token, const Replication& replication, Walk& walk) const noexcept override {
        walk.nodes.clear();
        for (const Member& member : ring.members) walk.nodes.push_back(member.node);
        walk.owners = owners(ring, replication);
    }
    Result<std::vector<Need>> needs(const Consistency& consistency, const Ring& ring, const Replication& replication,
                                    View) const noexcept override {
        std::uint32_t of = owners(ring, replication);
        std::uint32_t count = consistency.count;
        if (consistency.level == Level::one) count = 1;
        if (consistency.level == Level::quorum) count = of / 2 + 1;
        if (consistency.level == Level::all) count = of;
        if (count == 0 || count > of) return fail(Code::invalid_request, "that many owners there are not");
        return std::vector<Need>{Need{"", count, of, false}};
    }
    Result<void> check(const Replication& replication) const noexcept override {
        if (replication.per_datacentre.empty()) return {};
        return fail(Code::invalid_request, "only a plain count");
    }

private:
    static std::uint32_t owners(const Ring& ring, const Replication& replication) {
        return std::min<std::uint32_t>(replication.replicas, static_cast<std::uint32_t>(ring.members.size()));
    }
};

/// Thinks of everybody what it is told; suspects nobody unasked.
class Trusting final : public FailureDetector {
public:
    void watch(NodeId, std::uint32_t, Instant) noexcept override {}
    void forget(NodeId) noexcept override {}
    void heard(NodeId, const Evidence&, Instant) noexcept override {}
    Opinion suspicion(NodeId peer, Instant) const noexcept override {
        Opinion opinion;
        auto at = told.find(peer);
        if (at == told.end()) return opinion;
        opinion.state = at->second;
        if (at->second == PeerState::down) opinion.against = {Channel::gossip, Channel::probe};
        return opinion;
    }
    std::map<NodeId, PeerState> told;
    std::vector<Probe> due(Instant) noexcept override { return {}; }
    void paused(Duration, Instant) noexcept override {}
};

/// A plugin's settings as they are when nobody sets any.
inline Settings defaults(std::span<const SettingSpec> specs) {
    Settings settings;
    for (const SettingSpec& spec : specs) {
        settings.set(spec.name, Settings::Value{spec.max, spec.default_value});
    }
    return settings;
}

}  // namespace ashlar::test
