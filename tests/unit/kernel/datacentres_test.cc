// Two data centres of three nodes: one copy crosses, levels count each side, and one side cut off whole.
#include <gtest/gtest.h>

#include "troupe.h"

namespace ashlar::test {
namespace {

constexpr Consistency each_quorum{Level::each_quorum, 0};
constexpr Consistency local_quorum{Level::local_quorum, 0};
const Cast two_sides{3, 3, "dotted_version_vector", 2};

std::int64_t crossed(Troupe& troupe) {
    std::int64_t sum = 0;
    for (std::uint32_t node = 1; node <= 6; ++node)
        sum += static_cast<std::int64_t>(troupe.at(node).host->meter().value("request_far_copies"));
    return sum;
}

TEST(TwoDatacentres, AWriteCrossesOnceAndReachesEveryOwner) {
    Troupe troupe(two_sides);
    Answer put = troupe.put(1, "key", Bytes(1000, 'x'), all);
    ASSERT_TRUE(put.ok()) << put.value();
    EXPECT_EQ(put.item.achieved.answered, 6u);
    EXPECT_EQ(put.item.achieved.owners, 6u);
    EXPECT_EQ(crossed(troupe), 1);
    EXPECT_EQ(troupe.said("relay_ask"), 3u) << "one across, two handed on there";
    EXPECT_EQ(troupe.said("write_ask"), 2u) << "to the neighbours";
    for (std::uint32_t node = 1; node <= 6; ++node) EXPECT_EQ(held(troupe, node, "key"), Bytes(1000, 'x')) << node;
}

TEST(TwoDatacentres, ARelayThatIsSilentIsPassedByAndNoAnswerCountsTwice) {
    // Whichever it is.
    for (std::uint32_t lost : {4u, 5u, 6u}) {
        Troupe troupe(two_sides);
        troupe.silence(1, lost);
        Answer put = troupe.put(1, "key", "value", each_quorum);
        ASSERT_TRUE(put.ok()) << lost << ": " << put.value();
        EXPECT_LE(put.item.achieved.answered, 5u);
        troupe.run(seconds(6));
        for (std::uint32_t node = 1; node <= 6; ++node)
            if (node != lost) {
                EXPECT_EQ(held(troupe, node, "key"), "value") << node << " without " << lost;
            }
        // Whom nobody heard is owed it; here that is told at most one.
        auto hints = troupe.at(1).node->facts().hints;
        EXPECT_LE(hints.size(), 1u);
        troupe.cut(1, lost, false);
        troupe.run(seconds(8));
        EXPECT_EQ(held(troupe, lost, "key"), "value") << lost;
        EXPECT_TRUE(troupe.at(1).node->facts().hints.empty()) << lost;
    }
}

TEST(TwoDatacentres, ARelayWhoseLinkBreaksIsPassedByAtOnce) {
    for (std::uint32_t lost : {4u, 5u, 6u}) {
        Troupe troupe(two_sides);
        port::Order order = Stage::put_order("key", "value");
        order.consistency = each_quorum;
        port::Ticket ticket = troupe.at(1).send(order);
        troupe.at(1).settle();
        troupe.cut(1, lost);
        troupe.run(milliseconds(100));
        auto answer = troupe.at(1).take(ticket);
        ASSERT_TRUE(answer.has_value()) << lost;
        EXPECT_TRUE(answer->ok()) << answer->value();
    }
}

TEST(TwoDatacentres, EachSideCutOffServesLocalLevelsAndTheyConverge) {
    Troupe troupe(two_sides);
    for (std::uint32_t east : {1u, 2u, 3u})
        for (std::uint32_t west : {4u, 5u, 6u}) troupe.cut(east, west);
    for (std::uint32_t node : {1u, 4u}) {
        Answer put = troupe.put(node, "key", "of " + std::to_string(node), local_quorum);
        ASSERT_TRUE(put.ok()) << put.value();
        EXPECT_EQ(put.item.achieved.needed, 2u);
        EXPECT_EQ(troupe.get(node, "key", local_quorum).value(), "of " + std::to_string(node));
        EXPECT_FALSE(troupe.put(node, "key", "both", each_quorum).ok());
    }
    troupe.run(seconds(6));
    for (std::uint32_t east : {1u, 2u, 3u})
        for (std::uint32_t west : {4u, 5u, 6u}) troupe.cut(east, west, false);
    troupe.run(seconds(20));
    auto values = [&](std::uint32_t node) {
        port::Order order = Stage::order_of(port::Call::get, "key");
        order.consistency = one;
        order.strict = true;
        auto read = troupe.call(node, order).item.values;
        std::sort(read.begin(), read.end());
        return read;
    };
    const auto expected = values(1);
    EXPECT_GE(expected.size(), 2u);
    for (std::uint32_t node = 2; node <= 6; ++node) EXPECT_EQ(values(node), expected) << node;
}

TEST(TwoDatacentres, ASlowNeighbourIsCoveredByAnother) {
    for (std::uint32_t slow : {2u, 3u}) {
        Troupe other(two_sides);
        ASSERT_TRUE(other.put(1, "key", "value", all).ok());
        other.silence(1, slow);
        const Instant before = other.at(1).now.steady;
        EXPECT_EQ(other.get(1, "key", local_quorum).value(), "value") << slow;
        EXPECT_LT(other.at(1).now.steady - before, seconds(1)) << slow;
    }
}

TEST(TwoDatacentres, ALocalWriteIsPassedOnInItsOwnDatacentreOnly) {
    Troupe troupe(Cast{4, 3, "dotted_version_vector", 2});
    for (std::uint32_t east : {1u, 2u, 3u, 4u})
        for (std::uint32_t west : {5u, 6u, 7u, 8u}) troupe.cut(east, west);
    // Whichever of them own it: each node of the east can coordinate or pass on what it cannot.
    for (const char* key : {"a", "b", "c", "d", "e", "f"})
        for (std::uint32_t east : {1u, 2u, 3u, 4u}) {
            Answer put = troupe.put(east, key, "value", local_quorum);
            ASSERT_TRUE(put.ok()) << key << " at " << east << ": " << put.value();
            EXPECT_NE(troupe.get(east, key, local_quorum).value(), "(none)") << key << " at " << east;
        }
    EXPECT_GT(troupe.said("order_ask"), 0u);
}

TEST(TwoDatacentres, AReadAsksTheNeighboursFirst) {
    Troupe troupe(two_sides);
    ASSERT_TRUE(troupe.put(1, "key", "value", all).ok());
    // Nobody across can be heard: a read that needs no more than is here does not notice.
    for (std::uint32_t east : {1u, 2u, 3u})
        for (std::uint32_t west : {4u, 5u, 6u}) troupe.silence(east, west);
    const auto asked = troupe.said("read_ask");
    EXPECT_EQ(troupe.get(2, "key", Consistency{Level::three, 0}).value(), "value");
    EXPECT_EQ(troupe.said("read_ask"), asked + 2);
}

}  // namespace
}  // namespace ashlar::test
