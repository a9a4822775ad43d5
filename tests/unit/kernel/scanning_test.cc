// Scans through a coordinator: who is asked for a page, who covers whom, and what an owner that fails costs.
#include <gtest/gtest.h>

#include <set>

#include "kit/text.h"
#include "troupe.h"

namespace ashlar::test {
namespace {

port::Order scan_order(Consistency consistency = {}) {
    port::Order order;
    order.call = port::Call::scan;
    order.consistency = consistency;
    return order;
}

/// A troupe whose three owners hold twenty keys.
void fill(Troupe& troupe) {
    for (int i = 0; i < 20; ++i) ASSERT_TRUE(troupe.put(1, kit::text("key-", i), "value", all).ok());
}

TEST(Scanning, AStalledOwnerIsCoveredByAnother) {
    Troupe troupe(3);
    fill(troupe);
    troupe.silence(1, 2);  // it is asked, and never answers
    const Instant asked = troupe.at(1).now.steady;
    Answer page = troupe.call(1, scan_order());
    ASSERT_TRUE(page.ok()) << page.value();
    EXPECT_EQ(page.items.size(), 20u);
    EXPECT_LT(troupe.at(1).now.steady - asked, seconds(2)) << "of the five that the client gives";
    EXPECT_EQ(troupe.at(1).host->meter().value("request_speculative_reads"), 1);
}

TEST(Scanning, AnOwnDiskThatHangsIsCoveredToo) {
    Troupe troupe(3);
    fill(troupe);
    port::Ticket ticket = troupe.at(1).send(scan_order());
    // Its own part never comes back from the lane.
    ASSERT_EQ(troupe.at(1).works.size(), 1u);
    troupe.at(1).works.clear();
    troupe.run(seconds(1));
    auto page = troupe.at(1).take(ticket);
    ASSERT_TRUE(page);
    ASSERT_TRUE(page->ok()) << page->value();
    EXPECT_EQ(page->items.size(), 20u);
}

TEST(Scanning, ABadBlockOfItsOwnSendsThePageToOtherOwners) {
    Troupe troupe(3);
    fill(troupe);
    troupe.at(1).engine->fail_reads = fail(Code::corrupt, "a block's checksum does not hold");
    Answer page = troupe.call(1, scan_order());
    ASSERT_TRUE(page.ok()) << page.value();
    EXPECT_EQ(page.items.size(), 20u);
    EXPECT_EQ(page.item.achieved.owners, 2u);
    Answer whole = troupe.call(1, scan_order(all));
    ASSERT_FALSE(whole.ok()) << "all owners are not to be had";
    EXPECT_EQ(whole.refusal->error.code, Code::corrupt);
}

TEST(Scanning, AnOwnerThatDiesBetweenAndInsidePagesHidesNoKey) {
    for (bool inside : {false, true}) {
        Troupe troupe(3);
        fill(troupe);
        std::multiset<Bytes> met;
        port::Order order = scan_order();
        order.limit = 4;
        Bytes page;
        for (int pages = 0; pages < 40; ++pages) {
            order.page = page;
            order.has_page = !page.empty();
            order.deadline = Instant{};
            if (pages == 2 && inside) troupe.hold_back("scan_ask");
            port::Ticket ticket = troupe.at(1).send(order);
            if (pages == 2) troupe.isolate(2);
            troupe.run(milliseconds(30));
            troupe.let_go();
            troupe.run(seconds(1));
            auto answer = troupe.at(1).take(ticket);
            ASSERT_TRUE(answer);
            ASSERT_TRUE(answer->ok()) << answer->value();
            for (const Answer::One& item : answer->items) met.insert(item.key);
            if (!answer->has_page) break;
            page = answer->page;
        }
        EXPECT_EQ(met.size(), 20u);
        EXPECT_EQ(std::set<Bytes>(met.begin(), met.end()).size(), 20u);
    }
}

TEST(Scanning, AtLevelOneAPageIsWhatThisOwnerHolds) {
    Troupe troupe(3);
    troupe.isolate(3);
    ASSERT_TRUE(troupe.put(1, "key", "value").ok());
    troupe.isolate(3, false);
    EXPECT_EQ(troupe.call(3, scan_order(one)).items.size(), 0u);
    EXPECT_EQ(troupe.call(3, scan_order()).items.size(), 1u);
}

TEST(Scanning, ANodeThatOwnsNothingAsksTheOwners) {
    Troupe troupe(5);
    fill(troupe);
    Answer page = troupe.call(5, scan_order());
    ASSERT_TRUE(page.ok()) << page.value();
    EXPECT_EQ(page.items.size(), 20u);
    EXPECT_EQ(page.item.achieved.owners, 2u);
}

}  // namespace
}  // namespace ashlar::test
