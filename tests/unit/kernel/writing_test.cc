// Writes by quorum through a coordinator: who stands in when every owner is gone, and what comes behind the reply.
#include <gtest/gtest.h>

#include "troupe.h"

namespace ashlar::test {
namespace {

TEST(Writing, AtLevelAnyAHintIsEnoughWhenEveryOwnerIsDown) {
    Cast cast;
    cast.nodes = 4;
    cast.datacentres = 2;  // placed by datacentre_aware, which knows the level
    Troupe troupe(cast);
    std::vector<std::uint32_t> owners, others;
    for (const port::ExplainedReplica& replica : troupe.explain(1, "key").replicas)
        (replica.owner ? owners : others).push_back(static_cast<std::uint32_t>(replica.node.value));
    ASSERT_EQ(owners.size(), 6u);
    ASSERT_EQ(others.size(), 2u);
    for (std::uint32_t owner : owners) troupe.lose({owner});
    port::Order order = Stage::put_order("key", "value");
    order.strict = true;
    order.consistency = Consistency{Level::one, 0};
    Answer strict = troupe.call(others[0], order);
    ASSERT_FALSE(strict.ok()) << "only owners count";
    EXPECT_EQ(strict.refusal->error.code, Code::unavailable);
    order.deadline = Instant{};
    order.consistency = Consistency{Level::any, 0};
    Answer put = troupe.call(others[0], order);
    ASSERT_TRUE(put.ok()) << put.value();
    EXPECT_EQ(put.item.achieved.owners, 0u);
    EXPECT_GE(put.item.achieved.hints, 1u);
    for (std::uint32_t owner : owners) troupe.bring_back(owner);
    troupe.run(seconds(10));
    EXPECT_EQ(troupe.get(1, "key").value(), "value");
    for (std::uint32_t owner : owners)
        EXPECT_EQ(owed(troupe, others[0], owner) + owed(troupe, others[1], owner), 0u) << owner;
}

TEST(Writing, AnAcknowledgementBehindTheReplySavesTheHint) {
    for (bool in_time : {true, false}) {
        Troupe troupe(3);
        troupe.silence(1, 3);
        troupe.hold_back("write_answer");
        port::Ticket ticket = troupe.at(1).send(Stage::put_order("key", "value"));
        troupe.run(milliseconds(50));
        EXPECT_FALSE(troupe.at(1).take(ticket)) << "nobody else has answered";
        if (in_time)
            troupe.let_go();
        else
            troupe.hold_back("hint_taken");  // else it is paid at once
        troupe.run(seconds(6));
        auto put = troupe.at(1).take(ticket);
        ASSERT_TRUE(put);
        EXPECT_EQ(put->ok(), in_time);
        EXPECT_EQ(owed(troupe, 1, 2), in_time ? 0u : 1u) << "it has the write, and is owed it until it has said so";
        EXPECT_EQ(owed(troupe, 1, 3), 1u);
    }
}

}  // namespace
}  // namespace ashlar::test
