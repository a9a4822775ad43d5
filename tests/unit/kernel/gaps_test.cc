// What an owner cannot answer for: how gaps open and close, and what a cluster answers meanwhile.
#include <gtest/gtest.h>

#include "repair/gaps.h"
#include "request/dots.h"
#include "troupe.h"

namespace ashlar::test {
namespace {

/// Gaps over a ledger of their own; a stage runs the lanes.
class GapsTest : public testing::Test {
protected:
    void settle() {
        while (!stage_.works.empty()) {
            Stage::Waiting waiting = stage_.works.front();
            stage_.works.pop_front();
            waiting.work->run();
            works_.done(turn_, waiting.id);
        }
    }
    bool forget(const TokenRange& tokens) {
        bool durable = false;
        gaps_.forget(turn_, {tokens},
                     [&](const port::Turn&, const Result<void>& outcome) { durable = outcome.has_value(); });
        EXPECT_FALSE(durable) << "not before it is on the disk";
        settle();
        return durable;
    }
    void filled(std::uint32_t table, const TokenRange& tokens, std::uint32_t openings) {
        gaps_.filled(turn_, TableId{table}, tokens, openings, tables_);
        settle();
    }

    Stage stage_;
    port::Turn turn_{stage_.now, stage_};
    port::Works works_;
    ledger::Changes changes_{*stage_.ledger, works_};
    repair::Gaps gaps_{changes_};
    std::vector<TableId> tables_{TableId{1}, TableId{2}};
};

TEST_F(GapsTest, WhatIsForgottenIsOpenInAllTables) {
    EXPECT_TRUE(gaps_.complete(TableId{1}, TokenRange{}));
    EXPECT_EQ(gaps_.open_milli(), 0u);
    ASSERT_TRUE(forget(TokenRange{100, 199}));
    for (TableId table : tables_) {
        EXPECT_FALSE(gaps_.complete(table, Token{100}));
        EXPECT_FALSE(gaps_.complete(table, Token{199}));
        EXPECT_FALSE(gaps_.complete(table, TokenRange{0, 100}));
        EXPECT_TRUE(gaps_.complete(table, TokenRange{0, 99}));
        EXPECT_TRUE(gaps_.complete(table, Token{200}));
    }
    EXPECT_EQ(gaps_.openings(), 1u);
    EXPECT_EQ(gaps_.open_milli(), 1u);
    EXPECT_EQ((*ledger::Ledger::open(stage_.disk))->state().gaps, (base::TokenRanges{TokenRange{100, 199}}));
}

TEST_F(GapsTest, ATableIsCompleteWhereARoundFilledItTheGapClosesWhenAllAre) {
    ASSERT_TRUE(forget(TokenRange{100, 199}));
    filled(1, TokenRange{0, 149}, 1);
    EXPECT_TRUE(gaps_.complete(TableId{1}, TokenRange{0, 149}));
    EXPECT_TRUE(gaps_.complete(TableId{1}, Token{120}));
    EXPECT_FALSE(gaps_.complete(TableId{1}, Token{150}));
    EXPECT_FALSE(gaps_.complete(TableId{2}, Token{120}));
    EXPECT_EQ(gaps_.open(), (base::TokenRanges{TokenRange{100, 199}}));
    filled(2, TokenRange{0, 149}, 1);
    EXPECT_EQ(gaps_.open(), (base::TokenRanges{TokenRange{150, 199}}));
    EXPECT_TRUE(gaps_.complete(TableId{2}, Token{120}));
    filled(1, TokenRange{150, 300}, 1);
    filled(2, TokenRange{150, 300}, 1);
    EXPECT_FALSE(gaps_.any());
}

TEST_F(GapsTest, ARoundThatDidNotKnowOfTheNewestOpeningFillsNothing) {
    ASSERT_TRUE(forget(TokenRange{100, 199}));
    filled(1, TokenRange{}, 1);
    ASSERT_TRUE(forget(TokenRange{150, 160}));
    EXPECT_TRUE(gaps_.complete(TableId{1}, Token{149})) << "what was filled before stays so";
    EXPECT_FALSE(gaps_.complete(TableId{1}, Token{150}));
    filled(1, TokenRange{}, 1);
    filled(2, TokenRange{}, 1);
    EXPECT_FALSE(gaps_.complete(TableId{1}, Token{150}));
    EXPECT_FALSE(gaps_.complete(TableId{2}, Token{100}));
    // An opening that is on its way to the disk counts, too.
    gaps_.forget(turn_, {TokenRange{100, 100}}, [](const port::Turn&, const Result<void>&) {});
    gaps_.filled(turn_, TableId{1}, TokenRange{}, 2, tables_);
    gaps_.filled(turn_, TableId{2}, TokenRange{}, 2, tables_);
    settle();
    EXPECT_TRUE(base::holds_any(gaps_.open(), TokenRange{100, 100}));
    EXPECT_FALSE(gaps_.complete(TableId{2}, Token{100}));
}

TEST_F(GapsTest, WhatThisNodeDoesNotOwnIsNoGap) {
    ASSERT_TRUE(forget(TokenRange{}));
    gaps_.keep_to(turn_, {TokenRange{0, 9}, TokenRange{20, 29}});
    settle();
    EXPECT_EQ(gaps_.open(), (base::TokenRanges{TokenRange{0, 9}, TokenRange{20, 29}}));
}

TEST_F(GapsTest, WhoForgotWhatItNamedGoesOnAsAnotherActor) {
    request::Dots dots(changes_);
    const Actor before = dots.actor(false);
    ASSERT_TRUE(forget(TokenRange{1, 1}));
    EXPECT_LT(before.incarnation, dots.actor(false).incarnation);
    EXPECT_EQ(before.node, dots.actor(true).node);
}

std::uint64_t owed(Troupe& troupe, std::uint32_t by) {
    std::uint64_t sum = 0;
    for (const auto& [owner, account] : troupe.at(by).node->facts().hints) sum += account.entries;
    return sum;
}

TEST(Homecoming, AnEmptyMemberTakesWritesAndIsNotCountedWhereItMayMissThem) {
    Troupe troupe(3);
    troupe.hold_back("sum_ask");
    ASSERT_TRUE(troupe.put(1, "old", "value", all).ok());
    const std::uint32_t back = troupe.come_home_empty(3);
    ASSERT_EQ(troupe.at(back).node->ring().epoch.value, 2u);
    EXPECT_EQ(troupe.at(1).node->ring().member(NodeId{3}), nullptr);
    for (std::uint32_t node : {1u, 2u, back}) {
        EXPECT_EQ(troupe.get(node, "old").value(), "value") << node;
        EXPECT_EQ(troupe.get(node, "none").value(), "(none)") << node;
        EXPECT_NE(troupe.get(node, "old", all).value(), "value") << "all of them do not answer for it: " << node;
        EXPECT_TRUE(troupe.put(node, "new", "of " + std::to_string(node), all).ok());
    }
    port::Order scan;
    scan.call = port::Call::scan;
    scan.consistency = Consistency{Level::quorum, 0};
    scan.limit = 10;
    Answer page = troupe.call(back, scan);
    ASSERT_TRUE(page.ok()) << page.value();
    EXPECT_EQ(page.items.size(), 2u);
    // With one of the two that know gone, the other and the empty one together know nothing for sure.
    troupe.lose({1});
    EXPECT_FALSE(troupe.get(back, "none").ok());
    EXPECT_FALSE(troupe.get(2, "none").ok());
}

TEST(Homecoming, AGapOutlivesARestart) {
    Troupe troupe(3);
    troupe.hold_back("sum_ask");
    ASSERT_TRUE(troupe.put(1, "old", "value", all).ok());
    const std::uint32_t back = troupe.come_home_empty(3);
    EXPECT_EQ(troupe.at(back).ledger->state().gaps, base::TokenRanges{TokenRange{}});
    troupe.at(back).restart();
    troupe.run(seconds(3));
    EXPECT_FALSE(troupe.at(back).ledger->state().gaps.empty());
    EXPECT_FALSE(troupe.get(back, "old", all).ok());
    EXPECT_EQ(troupe.get(back, "old").value(), "value");
}

/// BEHAVIOUR 14, never 3: what an owner holds that has lost something may be older than what it acknowledged.
TEST(Homecoming, AnOldVersionOfAnEmptyMemberDoesNotCountEither) {
    Troupe troupe(3);
    troupe.hold_back("sum_ask");
    ASSERT_TRUE(troupe.put(1, "key", "first", all).ok());
    troupe.isolate(2);
    Answer seen = troupe.get(1, "key");
    const port::Order second = Stage::order_of(port::Call::put, "key", "second", seen.item.context);
    ASSERT_TRUE(troupe.call(1, second).ok());  // taken by 1 and 3
    troupe.silence(1, 2);
    troupe.cut(2, 3, false);
    troupe.cut(1, 2, false);
    troupe.hold_back("hint_give");
    const std::uint32_t back = troupe.come_home_empty(3);
    const EntryKey key{troupe.at(2).partitioner.token("key"), TableId{1}, "key"};
    const Bytes old(troupe.at(2).engine->get(key)->entry());
    ASSERT_FALSE(old.empty());
    Write write{key, old};
    ASSERT_TRUE(troupe.at(back).engine->apply(std::span<const Write>(&write, 1)));
    EXPECT_EQ(troupe.get(2, "key").value(), "second") << "whoever counts knows it";
    troupe.lose({1});
    EXPECT_FALSE(troupe.get(2, "key").ok());
    EXPECT_FALSE(troupe.get(back, "key").ok());
}

TEST(Homecoming, RoundsFillItAndThenItCountsAgain) {
    Troupe troupe(3);
    for (int i = 0; i < 300; ++i) ASSERT_TRUE(troupe.put(1 + i % 3, "key " + std::to_string(i), "value").ok());
    const std::uint32_t back = troupe.come_home_empty(3);
    troupe.run(seconds(60));
    EXPECT_TRUE(troupe.at(back).ledger->state().gaps.empty());
    // Whichever of the others is lost, two know it all.
    for (std::uint32_t lost : {1u, 2u}) {
        troupe.lose({lost});
        for (int i = 0; i < 300; i += 7)
            EXPECT_EQ(troupe.get(back, "key " + std::to_string(i)).value(), "value") << i << " without " << lost;
        troupe.bring_back(lost);
    }
}

TEST(Homecoming, AGapClosesOnlyWithTheWordOfAllOwners) {
    Troupe troupe(3);
    ASSERT_TRUE(troupe.put(1, "key", "value", all).ok());
    troupe.hold_back("sum_ask");
    const std::uint32_t back = troupe.come_home_empty(3);
    troupe.isolate(2);
    troupe.let_go();
    troupe.run(seconds(60));
    EXPECT_FALSE(troupe.at(back).ledger->state().gaps.empty()) << "what only the absent one took is not here";
    troupe.isolate(2, false);
    troupe.cut(2, 3);
    troupe.run(seconds(90));
    EXPECT_TRUE(troupe.at(back).ledger->state().gaps.empty());
}

TEST(Homecoming, WhatWasOwedToTheOldIdGoesToTheNewOne) {
    Troupe troupe(3);
    troupe.hold_back("sum_ask");
    troupe.lose({3});
    ASSERT_TRUE(troupe.put(1, "key", "value").ok());
    EXPECT_NE(owed(troupe, 1), 0u);
    const std::uint32_t back = troupe.come_home_empty(3);
    troupe.run(seconds(20));
    EXPECT_EQ(owed(troupe, 1), 0u);
    const EntryKey key{troupe.at(2).partitioner.token("key"), TableId{1}, "key"};
    EXPECT_EQ(troupe.at(back).engine->get(key)->state, Found::State::present);
}

TEST(Homecoming, WhoComesBackAfterItsPlaceWasTakenOwnsNothingAndSaysSo) {
    Troupe troupe(3);
    troupe.hold_back("sum_ask");
    troupe.hold_back("hint_give");
    troupe.lose({2});
    ASSERT_TRUE(troupe.put(3, "key", "value").ok());
    troupe.bring_back(2);
    ASSERT_EQ(owed(troupe, 3), 1u);
    const std::uint32_t back = troupe.come_home_empty(3);
    ASSERT_EQ(troupe.at(1).node->ring().epoch.value, 2u);
    // It kept its disk after all, with what it owes.
    troupe.cut(3, back, false);
    troupe.bring_back(3);
    troupe.let_go();
    troupe.run(seconds(10));
    EXPECT_EQ(troupe.at(3).node->ring().epoch.value, 2u);
    EXPECT_NE(troupe.at(3).node->facts().problem.find("empty data directory"), std::string::npos)
        << troupe.at(3).node->facts().problem;
    EXPECT_EQ(troupe.get(3, "key").value(), "value") << "passed on to the owners";
    EXPECT_EQ(owed(troupe, 3), 1u) << "nobody takes what may be older than a removal that is forgotten";
    EXPECT_EQ(troupe.at(1).node->ring().epoch.value, 2u) << "nothing goes back and forth";
}

TEST(Healing, ABadBlockIsGivenUpOnceItsGapIsDurableAndIsFetchedFromTheOthers) {
    Troupe troupe(3);
    ASSERT_TRUE(troupe.put(1, "key", "value", all).ok());
    troupe.hold_back("sum_ask");
    Stage& ill = troupe.at(2);
    const Token token = ill.partitioner.token("key");
    ill.engine->unreadable = "key";
    ill.engine->needs_disk = true;
    ill.engine->bad = {BadBlock{"file", 7, TokenRange{token, token}, "flipped"}};
    const std::uint32_t life = ill.ledger->state().life();
    troupe.run(seconds(3));
    ASSERT_EQ(ill.engine->given_up.size(), 1u);
    EXPECT_EQ(ill.ledger->state().gaps, (base::TokenRanges{TokenRange{token, token}}));
    EXPECT_GT(ill.ledger->state().life(), life) << "versions it named may be among what it lost";
    EXPECT_EQ(troupe.get(2, "key").value(), "value") << "the other two answer";
    EXPECT_FALSE(troupe.get(2, "key", all).ok()) << "it has nothing there, and knows that it may be wrong";
    ill.engine->needs_disk = false;
    troupe.let_go();
    troupe.run(seconds(30));
    EXPECT_TRUE(ill.ledger->state().gaps.empty());
    EXPECT_EQ(troupe.get(2, "key", all).value(), "value");
    EXPECT_TRUE(ill.engine->get(EntryKey{token, TableId{1}, "key"})->state == Found::State::present);
}

TEST(Healing, OfABlockThatHeldWhatOthersOwnNoGapIsLeft) {
    Troupe troupe(4, 2);
    Stage& ill = troupe.at(2);
    ill.engine->bad = {BadBlock{"file", 7, TokenRange{1, ~Token{0}}, "flipped"}};
    troupe.run(seconds(5));
    ASSERT_EQ(ill.engine->given_up.size(), 1u);
    troupe.run(seconds(60));
    EXPECT_EQ(ill.ledger->state().openings, 1u);
    EXPECT_TRUE(ill.ledger->state().gaps.empty());
}

TEST(Healing, WhereNobodyElseHasItABadBlockStays) {
    Troupe alone(1, 1), single(3, 1), hints(3);
    for (Troupe* troupe : {&alone, &single, &hints}) {
        Stage& ill = troupe->at(1);
        const TokenRange tokens = troupe == &hints ? TokenRange{0, 5} : TokenRange{1, ~Token{0}};
        ill.engine->bad = {BadBlock{"file", 7, tokens, "flipped"}};
        troupe->run(seconds(3));
        EXPECT_TRUE(ill.engine->given_up.empty());
        EXPECT_TRUE(ill.ledger->state().gaps.empty());
        EXPECT_NE(ill.node->facts().problem.find("stays as it is"), std::string::npos) << ill.node->facts().problem;
    }
}

TEST(Healing, WhatPeopleMustDecideIsSaidBesideWhatHealsByItself) {
    Cast cast{3};
    cast.limits.hint_bytes = 0;  // all hints are dropped
    Troupe troupe(cast);
    troupe.lose({3});
    ASSERT_TRUE(troupe.put(1, "key", "value").ok());
    troupe.at(1).engine->bad = {BadBlock{"file", 7, TokenRange{0, 5}, "flipped"}};
    troupe.run(seconds(3));
    const std::string problem = troupe.at(1).node->facts().problem;
    EXPECT_NE(problem.find("misses writes"), std::string::npos) << problem;
    EXPECT_NE(problem.find("stays as it is"), std::string::npos) << problem;
}

}  // namespace
}  // namespace ashlar::test
