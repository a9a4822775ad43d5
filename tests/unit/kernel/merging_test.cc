// Tables whose values merge: operations through several coordinators, retries, and what a refusal says of them.
#include <gtest/gtest.h>

#include "troupe.h"

namespace ashlar::test {
namespace {

constexpr Consistency one{Level::one, 0};
constexpr Consistency all{Level::all, 0};

/// docs/crdt.md, for amounts below 64.
Bytes increment(char by) {
    return Bytes("\xcd"
                 "crdt\x01\x01\x00\x01",
                 9) +
           static_cast<char>(by * 2);
}

port::Order counting(const Bytes& operation, char id) {
    port::Order order = Stage::put_order("key", operation);
    order.request.bytes[0] = static_cast<std::uint8_t>(id);
    return order;
}

TEST(Merging, OperationsThroughEveryCoordinatorAddUp) {
    Troupe troupe(Cast{4, 3, "crdt"});
    int sum = 0;
    for (int round = 0; round < 5; ++round) {
        for (std::uint32_t node = 1; node <= 4; ++node) {
            ASSERT_TRUE(troupe.put(node, "key", increment(static_cast<char>(node))).ok());
            sum += static_cast<int>(node);
        }
    }
    troupe.run(milliseconds(200));
    for (std::uint32_t node = 1; node <= 4; ++node)
        EXPECT_EQ(troupe.get(node, "key", one).value(), std::to_string(sum)) << node;
}

TEST(Merging, SidesThatDoNotSeeEachOtherLoseNothing) {
    Troupe troupe(Cast{3, 3, "crdt"});
    ASSERT_TRUE(troupe.put(1, "key", increment(1), all).ok());
    troupe.isolate(3);
    for (int i = 0; i < 4; ++i) {
        ASSERT_TRUE(troupe.put(1, "key", increment(2), one).ok());
        ASSERT_TRUE(troupe.put(3, "key", increment(10), one).ok());
    }
    troupe.isolate(3, false);
    EXPECT_EQ(troupe.get(2, "key", all).value(), "49");
    troupe.run(seconds(8));
    for (std::uint32_t node = 1; node <= 3; ++node) EXPECT_EQ(troupe.get(node, "key", one).value(), "49") << node;
}

TEST(Merging, ARetryCountsOnceAlsoAfterLaterOperations) {
    Troupe troupe(Cast{3, 3, "crdt"});
    const Bytes five = increment(5), two = increment(2);
    ASSERT_TRUE(troupe.call(1, counting(five, 1)).ok());
    ASSERT_TRUE(troupe.call(1, counting(five, 1)).ok());
    ASSERT_TRUE(troupe.call(1, counting(two, 2)).ok());
    ASSERT_TRUE(troupe.call(1, counting(five, 1)).ok()) << "its amount is part of a sum by now";
    EXPECT_EQ(troupe.get(2, "key", all).value(), "7");
    // At another coordinator, which holds the sum with the ids it took in.
    ASSERT_TRUE(troupe.call(2, counting(five, 1)).ok());
    EXPECT_EQ(troupe.get(3, "key", all).value(), "7");
}

TEST(Merging, WhereAnOperationMayHaveBeenAppliedARetryIsNotSafe) {
    for (const char* resolver : {"crdt", "dotted_version_vector"}) {
        Troupe troupe(Cast{3, 3, resolver});
        troupe.silence(1, 2);
        troupe.silence(1, 3);
        const Bytes operation = increment(1);
        Answer counted = troupe.call(1, counting(operation, 1));
        ASSERT_FALSE(counted.ok()) << resolver;
        // As plain bytes the same put is known by its id wherever it is tried again.
        EXPECT_EQ(counted.refusal->retry_safe, resolver != std::string("crdt")) << counted.value();
    }
    Troupe troupe(Cast{3, 3, "crdt"});
    troupe.isolate(1);
    troupe.tell(2, PeerState::down);
    troupe.tell(3, PeerState::down);
    troupe.run(seconds(4));
    const Bytes operation = increment(1);
    Answer refused = troupe.call(1, counting(operation, 1));
    ASSERT_FALSE(refused.ok());
    EXPECT_TRUE(refused.refusal->retry_safe) << "nothing was done: " << refused.value();
}

}  // namespace
}  // namespace ashlar::test
