// Tables whose values merge: operations through several coordinators, retries, and what a refusal says of them.
#include <gtest/gtest.h>

#include "troupe.h"

namespace ashlar::test {
namespace {

/// docs/crdt.md, for amounts below 64.
Bytes increment(char by) {
    return Bytes("\xcd"
                 "crdt\x01\x01\x00\x01",
                 9) +
           static_cast<char>(by * 2);
}

/// A step on one element of a set.
Bytes one_step(char verb, View element) {
    return Bytes("\xcd"
                 "crdt\x01\x01\x00",
                 8) +
           verb + static_cast<char>(element.size()) + Bytes(element);
}
Bytes adding(View element) {
    return one_step(2, element);
}
Bytes removing(View element) {
    return one_step(3, element);
}

/// Whether a put_if through node 1 is stored, by a client that has seen `context`.
bool stored_if(Troupe& troupe, View context) {
    Answer answer = troupe.call(1, Stage::order_of(port::Call::put_if, "key", "other", context));
    EXPECT_TRUE(answer.ok()) << answer.value();
    return answer.stored;
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

TEST(Merging, ABlindAddClaimsNothingThatItsWriterDidNotSee) {
    Troupe troupe(Cast{3, 3, "crdt"});
    // Node 1's addition is in the value whose text stands in node 2's version.
    ASSERT_TRUE(troupe.put(1, "key", adding("x"), all).ok());
    ASSERT_TRUE(troupe.put(2, "key", adding("y"), all).ok());
    Answer added = troupe.put(1, "key", adding("z"), all);
    ASSERT_TRUE(added.ok());
    ASSERT_EQ(troupe.get(3, "key", all).value(), R"(["x","y","z"])");
    ASSERT_TRUE(troupe.call(1, Stage::order_of(port::Call::remove, "key", {}, added.item.context)).ok());
    EXPECT_EQ(troupe.get(3, "key", all).value(), R"(["x","y"])") << "who removed had seen z only";
}

TEST(Merging, AWriterThatNeverReadsKeepsAShortContext) {
    Troupe troupe(Cast{3, 3, "crdt"});
    Bytes context;
    std::size_t first = 0;
    for (int i = 0; i < 40; ++i) {
        const Bytes operation = increment(1);
        Answer counted = troupe.call(1, Stage::order_of(port::Call::put, "key", operation, context));
        ASSERT_TRUE(counted.ok()) << counted.value();
        context = counted.item.context;
        if (i == 0) first = context.size();
    }
    EXPECT_LE(context.size(), first + 2);
}

TEST(Merging, AValueThatAnotherNodeAddedToIsNotTheOneThatWasRead) {
    Troupe troupe(Cast{3, 3, "crdt"});
    ASSERT_TRUE(troupe.put(2, "key", increment(1), all).ok());
    const Answer read = troupe.get(3, "key", all);
    ASSERT_EQ(read.value(), "1");
    // Its version comes before the one that shows the sum.
    ASSERT_TRUE(troupe.put(1, "key", increment(1), all).ok());
    EXPECT_FALSE(stored_if(troupe, read.item.context));
    const Answer again = troupe.get(3, "key", all);
    ASSERT_EQ(again.value(), "2");
    EXPECT_TRUE(stored_if(troupe, again.item.context));
    EXPECT_EQ(troupe.get(3, "key", all).value(), "other");
}

TEST(Merging, AValueThatLostAnElementIsNotTheOneThatWasRead) {
    for (std::uint32_t remover : {1u, 2u, 3u}) {
        Troupe troupe(Cast{3, 3, "crdt"});
        ASSERT_TRUE(troupe.put(2, "key", adding("x"), all).ok());
        ASSERT_TRUE(troupe.put(2, "key", adding("y"), all).ok());
        const Answer read = troupe.get(3, "key", all);
        ASSERT_EQ(read.value(), R"(["x","y"])");
        ASSERT_TRUE(troupe.put(remover, "key", removing("x"), all).ok());
        EXPECT_FALSE(stored_if(troupe, read.item.context)) << remover;
        EXPECT_EQ(troupe.get(3, "key", all).value(), R"(["y"])") << remover;
    }
}

}  // namespace
}  // namespace ashlar::test
