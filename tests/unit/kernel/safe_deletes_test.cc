// A tombstone may go once all owners were proven to hold it and no member can bring anything older: not before.
#include <gtest/gtest.h>

#include "troupe.h"

namespace ashlar::test {
namespace {

constexpr TableId first_table{1};

/// Rounds come every second, and a permit two graces after a delete.
Cast prompt(std::uint32_t nodes = 3) {
    Cast cast{nodes};
    cast.limits.convergence_target = seconds(3);
    cast.limits.tombstone_grace = seconds(2);
    return cast;
}

Answer remove(Troupe& troupe, std::uint32_t node, View key) {
    Answer read = troupe.get(node, key);
    return troupe.call(node, Stage::order_of(port::Call::remove, key, {}, read.item.context));
}

/// Whether a node was permitted to forget tombstones of the key written before then.
bool may_forget(Troupe& troupe, std::uint32_t node, View key, WallTime written) {
    for (const Retirement& retirement : troupe.at(node).engine->retirements)
        if (retirement.table == first_table && !retirement.whole && retirement.tokens.holds(kit::hash64(key)) &&
            written < retirement.forget_before)
            return true;
    return false;
}

bool holds_anything(Troupe& troupe, std::uint32_t node, View key) {
    return troupe.at(node).engine->get(EntryKey{kit::hash64(key), first_table, key})->state == Found::State::present;
}

TEST(SafeDeletes, ATombstoneMayGoOnAllOwnersOnceAllWereProvenToHoldIt) {
    Troupe troupe(prompt());
    troupe.put(1, "key", "value", Consistency{Level::all, 0});
    ASSERT_TRUE(remove(troupe, 1, "key").ok());
    const WallTime written = troupe.at(1).now.wall;
    troupe.run(seconds(3));
    for (std::uint32_t node : {1u, 2u, 3u}) EXPECT_FALSE(may_forget(troupe, node, "key", written)) << node;
    troupe.run(seconds(6));
    for (std::uint32_t node : {1u, 2u, 3u}) EXPECT_TRUE(may_forget(troupe, node, "key", written)) << node;
    // One that holds it still and one that has let it go are equal: it is not given back.
    const auto given = troupe.said("entries_give"), fetched = troupe.said("fetch_ask");
    Retirement whole;
    whole.table = first_table;
    whole.whole = true;
    ASSERT_TRUE(troupe.at(2).engine->retire(whole));
    troupe.at(2).engine->retirements.pop_back();
    ASSERT_FALSE(holds_anything(troupe, 2, "key"));
    troupe.put(2, "key of the same table", "value");
    troupe.run(seconds(5));
    EXPECT_EQ(troupe.said("entries_give"), given);
    EXPECT_EQ(troupe.said("fetch_ask"), fetched);
    EXPECT_FALSE(holds_anything(troupe, 2, "key"));
}

TEST(SafeDeletes, EveryOwnerTellsHowManyWait) {
    Troupe troupe(prompt());
    troupe.put(1, "key", "value", Consistency{Level::all, 0});
    ASSERT_TRUE(remove(troupe, 1, "key").ok());
    troupe.run(seconds(3));
    for (std::uint32_t node : {1u, 2u, 3u})
        EXPECT_EQ(troupe.at(node).node->facts().convergence.waiting_tombstones, 1u) << node;
    troupe.run(seconds(6));
    for (std::uint32_t node : {1u, 2u, 3u})
        EXPECT_EQ(troupe.at(node).node->facts().convergence.waiting_tombstones, 0u) << node;
}

TEST(SafeDeletes, APermitOfWhoOwnsNothingThereIsNotBelieved) {
    for (const std::uint32_t liar : {4u, 2u}) {
        Cast cast = prompt(4);
        cast.limits.convergence_target = seconds(3600);  // no round of their own
        Troupe troupe(cast);
        troupe.put(1, "key", "value", Consistency{Level::all, 0});
        ASSERT_TRUE(remove(troupe, 1, "key").ok());
        const WallTime written = troupe.at(1).now.wall;
        troupe.run(seconds(5));
        const TokenRange tokens = troupe.explain(1, "key").partition;
        wire::Message end = wire::RoundEnd{Epoch{1}, first_table, tokens, Duration{0}, WallTime{written.us + 1}};
        troupe.at(1).step(port::Heard{wire::Sender{NodeId{liar}, troupe.at(liar).ledger->state().life()},
                                      port::Road::background, &end});
        troupe.at(1).settle();
        EXPECT_EQ(may_forget(troupe, 1, "key", written), liar == 2) << liar;
    }
}

/// kv679_tombstone: the tombstone is reaped on the primaries while another holds what it covers.
TEST(SafeDeletes, NothingComesBackFromAnOwnerThatWasAwayForLong) {
    Cast cast = prompt();
    cast.limits.hint_bytes = 0;
    Troupe troupe(cast);
    troupe.put(1, "key", "value", Consistency{Level::all, 0});
    troupe.lose({3});
    ASSERT_TRUE(remove(troupe, 1, "key").ok());
    const WallTime written = troupe.at(1).now.wall;
    troupe.run(seconds(60));
    for (std::uint32_t node : {1u, 2u}) EXPECT_FALSE(may_forget(troupe, node, "key", written)) << node;
    troupe.bring_back(3);
    troupe.run(seconds(10));
    EXPECT_EQ(held(troupe, 3, "key"), "(none)");
    EXPECT_EQ(troupe.get(2, "key").value(), "(none)");
    for (std::uint32_t node : {1u, 2u, 3u}) EXPECT_TRUE(may_forget(troupe, node, "key", written)) << node;
}

/// kv679_tombstone2: a stand-in holds an older copy.
TEST(SafeDeletes, AMemberThatOwnsNothingThereBlocksThemWhileItIsAway) {
    Troupe troupe(prompt(4));
    troupe.put(1, "key", "value", Consistency{Level::all, 0});
    troupe.lose({4});
    ASSERT_TRUE(remove(troupe, 1, "key").ok());
    const WallTime written = troupe.at(1).now.wall;
    troupe.run(seconds(30));
    for (std::uint32_t node : {1u, 2u, 3u}) EXPECT_FALSE(may_forget(troupe, node, "key", written)) << node;
    troupe.bring_back(4);
    troupe.run(seconds(10));
    for (std::uint32_t node : {1u, 2u, 3u}) EXPECT_TRUE(may_forget(troupe, node, "key", written)) << node;
}

TEST(SafeDeletes, AHintThatIsKeptForAnybodyBlocksThem) {
    Troupe troupe(prompt(5));
    troupe.lose({3});
    ASSERT_TRUE(troupe.put(1, "key", "value", Consistency{Level::all, 0}).ok());
    std::uint32_t keeper = 0;
    for (std::uint32_t node : {4u, 5u})
        if (!troupe.at(node).node->facts().hints.empty()) keeper = node;
    ASSERT_NE(keeper, 0u) << "a stand-in keeps the write for node 3";
    // It comes back, and the stand-in alone does not reach it.
    troupe.isolate(3, false);
    troupe.silence(3, keeper);
    troupe.tell(3, PeerState::alive);
    troupe.run(seconds(8));
    ASSERT_TRUE(remove(troupe, 1, "key").ok());
    const WallTime written = troupe.at(1).now.wall;
    troupe.run(seconds(20));
    for (std::uint32_t node : {1u, 2u, 3u}) EXPECT_FALSE(may_forget(troupe, node, "key", written)) << node;
    troupe.isolate(3, false);
    troupe.run(seconds(30));
    EXPECT_EQ(held(troupe, 3, "key"), "(none)");
    // What the stand-in held besides went, too: it owes nothing any more.
    EXPECT_FALSE(holds_anything(troupe, keeper, "key"));
    for (std::uint32_t node : {1u, 2u, 3u}) EXPECT_TRUE(may_forget(troupe, node, "key", written)) << node;
}

TEST(SafeDeletes, AKeyThatIsWrittenAnewAfterItsDeleteStays) {
    Cast cast = prompt();
    cast.limits.hint_bytes = 0;
    Troupe troupe(cast);
    troupe.put(1, "key", "old", Consistency{Level::all, 0});
    ASSERT_TRUE(remove(troupe, 1, "key").ok());
    troupe.run(seconds(4));
    troupe.lose({3});
    ASSERT_TRUE(troupe.put(2, "key", "new").ok());
    troupe.run(seconds(20));
    troupe.bring_back(3);
    troupe.run(seconds(10));
    for (std::uint32_t node : {1u, 2u, 3u}) EXPECT_EQ(held(troupe, node, "key"), "new") << node;
}

/// A clock that goes back after it was told in a proof must not date a delete before what the proof permits.
TEST(SafeDeletes, AClockThatIsSetBackDatesNoDeleteBeforeAProof) {
    Troupe troupe(prompt());
    troupe.put(1, "key", "value", Consistency{Level::all, 0});
    ASSERT_TRUE(remove(troupe, 1, "key").ok());
    troupe.run(seconds(10));
    WallTime permit{0};
    for (const Retirement& retirement : troupe.at(1).engine->retirements)
        permit = std::max(permit, retirement.forget_before);
    ASSERT_GT(permit.us, 0);
    for (std::uint32_t node : {1u, 2u, 3u}) troupe.at(node).now.wall.us -= 3'600'000'000;
    troupe.put(2, "another", "value");
    Answer read = troupe.get(2, "another");
    ASSERT_EQ(read.item.versions.size(), 1u);
    EXPECT_GE(read.item.versions.front().wall, permit);
}

}  // namespace
}  // namespace ashlar::test
