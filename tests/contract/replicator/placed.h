// A replicator under test and the rings it is asked about. One thread.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <ostream>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "ashlar/partitioner.h"
#include "ashlar/replicator.h"
#include "made.h"
#include "partitioner/rings.h"
#include "random.h"

extern "C" {
extern const ashlar::Descriptor ashlar_plugin_replicator_simple;
extern const ashlar::Descriptor ashlar_plugin_replicator_datacentre_aware;
extern const ashlar::Descriptor ashlar_plugin_partitioner_equal_partitions;
extern const ashlar::Descriptor ashlar_plugin_partitioner_hash_ring;
}

namespace ashlar::contract {

struct ReplicatorCase {
    const Descriptor* descriptor;
    bool per_datacentre;  ///< places a count in each data centre, and so knows local levels among several
};
inline void PrintTo(const ReplicatorCase& c, std::ostream* out) {
    *out << c.descriptor->name;
}
inline std::string case_name(const testing::TestParamInfo<ReplicatorCase>& made) {
    return made.param.descriptor->name;
}
inline const auto all_replicators = testing::Values(ReplicatorCase{&ashlar_plugin_replicator_simple, false},
                                                    ReplicatorCase{&ashlar_plugin_replicator_datacentre_aware, true});

/// 64 claims, dealt out in turn: small enough to reason about.
inline Ring dealt(std::vector<Member> members) {
    Ring ring{Epoch{1}, std::move(members), {}};
    std::vector<NodeId> able;
    for (const Member& m : ring.members)
        if (m.capacity > 0) able.push_back(m.node);
    for (std::uint64_t i = 0; i < 64 && !able.empty(); ++i) ring.claims.push_back({i << 58, able[i * 7 % able.size()]});
    return ring;
}

/// The ring a partitioner makes of these members.
inline Ring planned(const Descriptor& partitioner, const std::vector<Member>& members, std::uint32_t replicas) {
    const Overrides small =
        partitioner.name == std::string("hash_ring") ? Overrides{{"tokens", "16"}} : Overrides{{"partitions", "256"}};
    Made<Partitioner> made(partitioner, small);
    PlanRequest request;
    request.members = members;
    request.replicas = replicas;
    Result<Ring> ring = made->plan(request);
    EXPECT_TRUE(ring);
    return ring ? *ring : Ring{};
}

/// Up to 14 nodes of unequal capacity in up to three data centres of up to four racks; at least one has capacity.
inline std::vector<Member> any_members(sim::SeededRandom& random) {
    const auto nodes = static_cast<std::uint32_t>(1 + random.below(14));
    const std::uint64_t centres = 1 + random.below(3), racks = 1 + random.below(4);
    std::vector<Member> out;
    for (std::uint32_t i = 0; i < nodes; ++i)
        out.push_back(member(i, i == 0 ? 1 : static_cast<std::uint32_t>(random.below(4)),
                             "dc" + std::to_string(random.below(centres)),
                             "rack" + std::to_string(random.below(racks))));
    return sorted(out);
}

class ReplicatorContract : public testing::TestWithParam<ReplicatorCase> {
protected:
    Walk walk(const Ring& ring, Token token, const Replication& replication) const {
        Walk out;
        replicator_->walk(ring, token, replication, out);
        return out;
    }
    Walk walk(const Ring& ring, Token token, std::uint32_t replicas) const {
        return walk(ring, token, Replication{replicas, {}});
    }
    Result<std::vector<Need>> needs(const Ring& ring, Level level, const Replication& replication,
                                    std::uint32_t count = 0, View datacentre = "dc0") const {
        return replicator_->needs(Consistency{level, count}, ring, replication, datacentre);
    }
    Result<std::vector<Need>> needs(const Ring& ring, Level level, std::uint32_t replicas,
                                    std::uint32_t count = 0) const {
        return needs(ring, level, Replication{replicas, {}}, count);
    }
    /// Acknowledgements in all; 0 if refused.
    std::uint32_t count(const Ring& ring, Level level, std::uint32_t replicas, std::uint32_t asked = 0) const {
        const auto result = needs(ring, level, replicas, asked);
        std::uint32_t sum = 0;
        if (!result) return 0;
        for (const Need& need : *result) {
            EXPECT_LE(need.count, need.of);
            sum += need.count;
        }
        return sum;
    }
    /// Refused as the caller's mistake, in a sentence that names each of `words`.
    void expect_refused(const Result<std::vector<Need>>& result, const std::vector<std::string>& words = {}) const {
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().code, Code::invalid_request);
        EXPECT_FALSE(result.error().detail.empty());
        for (const std::string& word : words)
            EXPECT_NE(result.error().detail.find(word), std::string::npos) << word << " in: " << result.error().detail;
    }

    Made<Replicator> replicator_{*GetParam().descriptor};
};

}  // namespace ashlar::contract
