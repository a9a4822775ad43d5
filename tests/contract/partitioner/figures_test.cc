// The figures a deployment is planned by, at 32 partitions a node: how busy the busiest node is, and how much moves
// when one joins or leaves. Printed and held to the bounds.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <string>

#include "made.h"
#include "partitioner/rings.h"
#include "random.h"

extern "C" {
extern const ashlar::Descriptor ashlar_plugin_partitioner_equal_partitions;
}

namespace ashlar::contract {
namespace {

constexpr std::uint64_t busiest_milli = 1030;  ///< over the mean, capacity counted
constexpr std::uint64_t moved_milli = 1100;    ///< of the least possible

struct Figures {
    std::uint64_t busiest = 0, joining = 0, leaving = 0;  ///< the worst met, in thousandths
};

class Deployment {
public:
    explicit Deployment(std::uint32_t partitions)
        : partitioner_(ashlar_plugin_partitioner_equal_partitions, {{"partitions", std::to_string(partitions)}}) {}

    void begin(std::vector<Member> members) {
        members_ = std::move(members);
        ring_ = plan(nullptr);
        weigh();
    }
    void join(const Member& more) {
        members_ = with(members_, more);
        const Ring next = plan(&ring_);
        note(figures_.joining, moved(ring_, next, 3), held(next, 3)[more.node]);
        ring_ = next;
        weigh();
    }
    void leave(NodeId gone) {
        const std::uint64_t least = held(ring_, 3)[gone];
        members_ = without(members_, gone);
        const Ring next = plan(&ring_);
        note(figures_.leaving, moved(ring_, next, 3), least);
        ring_ = next;
        weigh();
    }
    const std::vector<Member>& members() const { return members_; }
    const Figures& figures() const { return figures_; }

private:
    Ring plan(const Ring* current) {
        PlanRequest request;
        request.members = members_;
        request.current = current;
        Result<Ring> ring = partitioner_->plan(request);
        EXPECT_TRUE(ring);
        return ring ? *ring : Ring{};
    }
    void weigh() {
        figures_.busiest = std::max({figures_.busiest, imbalance_milli(ring_, 1), imbalance_milli(ring_, 3)});
    }
    static void note(std::uint64_t& worst, std::uint64_t moved, std::uint64_t least) {
        worst = std::max(worst, moved * 1000 / least);
    }

    Made<Partitioner> partitioner_;
    std::vector<Member> members_;
    Ring ring_;
    Figures figures_;
};

void expect_good(const Figures& figures, const std::string& what) {
    std::printf("%-44s busiest/mean %llu.%03llu  joining moves %llu.%03llu  leaving %llu.%03llu x the least\n",
                what.c_str(), static_cast<unsigned long long>(figures.busiest / 1000),
                static_cast<unsigned long long>(figures.busiest % 1000),
                static_cast<unsigned long long>(figures.joining / 1000),
                static_cast<unsigned long long>(figures.joining % 1000),
                static_cast<unsigned long long>(figures.leaving / 1000),
                static_cast<unsigned long long>(figures.leaving % 1000));
    EXPECT_LE(figures.busiest, busiest_milli) << what;
    EXPECT_LE(figures.joining, moved_milli) << what;
    EXPECT_LE(figures.leaving, moved_milli) << what;
}

/// Grows to `nodes`, at 32 partitions for each of them, and shrinks again to five; who leaves is drawn.
Figures grow_and_shrink(std::uint32_t nodes, std::uint32_t racks, std::uint32_t centres) {
    Deployment deployment(nodes * 32);
    const std::vector<Member> all = equals(nodes, racks, centres);
    sim::SeededRandom random(nodes);
    std::vector<Member> shuffled = all;
    for (std::size_t left = shuffled.size(); left > 1; --left)
        std::swap(shuffled[left - 1], shuffled[random.below(left)]);
    const std::size_t first = std::min<std::size_t>(6, shuffled.size());
    deployment.begin(sorted({shuffled.begin(), shuffled.begin() + static_cast<std::ptrdiff_t>(first)}));
    for (std::size_t i = first; i < shuffled.size(); ++i) deployment.join(shuffled[i]);
    while (deployment.members().size() > 5)
        deployment.leave(deployment.members()[random.below(deployment.members().size())].node);
    return deployment.figures();
}

TEST(EqualPartitionsFigures, HoldFromEightToSixtyFourNodes) {
    for (std::uint32_t nodes : {8u, 16u, 32u, 64u})
        expect_good(grow_and_shrink(nodes, 1, 1), std::to_string(nodes) + " nodes");
}

TEST(EqualPartitionsFigures, HoldAcrossRacksAndDataCentres) {
    for (std::uint32_t nodes : {16u, 32u}) {
        expect_good(grow_and_shrink(nodes, 4, 1), std::to_string(nodes) + " nodes, 4 racks");
        expect_good(grow_and_shrink(nodes, 2, 2), std::to_string(nodes) + " nodes, 2 data centres of 2 racks");
    }
}

TEST(EqualPartitionsFigures, HoldWithUnequalCapacities) {
    for (std::uint32_t nodes : {8u, 16u, 24u}) {
        Deployment deployment(nodes == 24 ? 2048 : nodes * 64);  // capacity 2 on average, 32 for each unit
        std::vector<Member> members;
        for (std::uint32_t i = 0; i + 1 < nodes; ++i) members.push_back(member(i, 1 + i % 3));
        deployment.begin(sorted(members));
        deployment.join(member(nodes, 2));
        deployment.leave(deployment.members()[nodes / 2].node);
        expect_good(deployment.figures(), std::to_string(nodes) + " nodes of capacity 1 to 3");
    }
}

}  // namespace
}  // namespace ashlar::contract
