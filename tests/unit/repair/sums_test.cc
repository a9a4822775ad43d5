// Sums over a real store against sums of what the store holds, whatever was written before, during and between scans.
#include "repair/sums.h"

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <string>

#include "dotted_version_vector.h"
#include "faulty_disk.h"
#include "kit/context.h"
#include "kit/text.h"
#include "memory.h"
#include "node/tag_joiner.h"
#include "plain_host.h"
#include "random.h"
#include "stage.h"

namespace ashlar::repair {
namespace {

constexpr TableId summed_table{7};

/// The world of a node without a node: only works are run, when the test says so.
class Lanes final : public port::Effects {
public:
    void reply(port::Ticket, const port::Reply&) override {}
    void refuse(port::Ticket, const port::Refusal&) override {}
    void table_done(port::Ticket, const port::Table&) override {}
    void errand_begun(port::Ticket, std::uint64_t) override {}
    void key_explained(port::Ticket, const port::Explanation&) override {}
    bool send(const port::Peer&, port::Road, const wire::Message&) override { return false; }
    void run(port::Lane, port::WorkId id, Work& work) override { queue.emplace_back(id, &work); }
    void wake_at(Instant) override {}
    void stopped() override {}
    std::deque<std::pair<port::WorkId, Work*>> queue;
};

/// Counts what scans look at.
class Counting final : public Joiner {
public:
    explicit Counting(const Joiner& joiner) : joiner_(joiner) {}
    Result<Bytes> join(TableId table, View a, View b) const noexcept override { return joiner_.join(table, a, b); }
    Result<Bytes> settle(TableId table, View entry, const Keep& keep) const noexcept override {
        ++entries;
        return joiner_.settle(table, entry, keep);
    }
    mutable std::size_t entries = 0;

private:
    const Joiner& joiner_;
};

class Store {
public:
    explicit Store(std::uint32_t full = 8) : forest(full) {}

    void put(Token token, const std::string& value, WallTime expires = {}) { write(token, value, expires, false); }
    void remove(Token token, WallTime wall = WallTime{1}) { write(token, "", {}, true, wall); }

    std::optional<Result<SumReport>> ask(std::vector<TokenRange> pieces, bool by_token = false) {
        std::optional<Result<SumReport>> out;
        sums.ask(turn, SumOrder{summed_table, keep, by_token, std::move(pieces)},
                 [&out](const port::Turn&, const Result<SumReport>& report) { out = report; });
        run();
        return out;
    }
    void run() {
        while (!lanes.queue.empty()) {
            auto [id, work] = lanes.queue.front();
            lanes.queue.pop_front();
            ++scans;
            work->run();
            if (meanwhile) meanwhile();
            works.done(turn, id);
        }
    }
    Content sum(const TokenRange& range) {
        auto report = ask({range});
        if (!report || !*report) {
            ADD_FAILURE() << (report ? report->error().detail : "no answer");
            return {};
        }
        return (*report)->pieces.front();
    }
    /// Without any tree.
    Content truth(const TokenRange& range) {
        Content content;
        auto found = gather(*engine.snapshot(), summed_table, range, joiner, keep, ~std::size_t{0});
        for (const TokenContent& token : found->tokens) content += token.content;
        return content;
    }
    void expect_true(const TokenRange& range) {
        const Content told = sum(range);
        const Content held = truth(range);
        EXPECT_EQ(told.sum, held.sum) << range.first << ".." << range.last;
        EXPECT_EQ(told.keys, held.keys);
    }

    Keep keep{WallTime{1'000}, WallTime{0}};
    dotted_version_vector::DottedVersionVector resolver;
    node::TagJoiner joiner{{{"dotted_version_vector", &resolver}}};
    sim::FaultyDisk disk;
    sim::PlainHost host{disk, joiner};
    std::unique_ptr<StorageEngine> made = std::move(*memory::make(host, test::defaults(memory::settings)));
    StorageEngine& engine = *made;
    Now now;
    Lanes lanes;
    port::Turn turn{now, lanes};
    port::Works works;
    Forest forest;
    Counting counting{joiner};
    Sums sums{forest, engine, counting, works};
    std::function<void()> meanwhile;
    std::size_t scans = 0;

private:
    void write(Token token, const std::string& value, WallTime expires, bool remove, WallTime wall = WallTime{1}) {
        Change change;
        change.remove = remove;
        change.value = value;
        change.dot = Dot{Actor{NodeId{1}, 1, 0}, ++counter_};
        change.wall = wall;
        change.expires = expires;
        const std::string key = kit::text("key ", token);
        auto entry = resolver.update({}, change);
        ASSERT_TRUE(entry);
        const Write writes[] = {Write{EntryKey{token, summed_table, key}, *entry}};
        ASSERT_TRUE(engine.apply(writes));
        forest.mark(writes);
    }
    std::uint64_t counter_ = 0;
};

TEST(SumsTest, ARangeIsWhatItsEntriesAreWhicheverWayItIsCut) {
    Store store;
    sim::SeededRandom random(5);
    for (int i = 0; i < 500; ++i) store.put(random.next(), kit::text("value ", i));
    for (int round = 0; round < 200; ++round) {
        Token a = random.next(), b = random.next();
        store.expect_true({std::min(a, b), std::max(a, b)});
        if (round % 3 == 0) store.put(random.next(), "another");
        if (round % 5 == 0) store.remove(a);
    }
    store.expect_true(whole_circle);
}

TEST(SumsTest, WhatIsKnownIsNotReadAgain) {
    Store store;
    for (Token token = 0; token < 200; ++token) store.put(token << 56, "value");
    store.expect_true(whole_circle);
    store.scans = 0;
    store.expect_true(whole_circle);
    EXPECT_EQ(store.scans, 0u);
    store.put(Token{3} << 56, "changed");
    store.expect_true(whole_circle);
    EXPECT_EQ(store.scans, 1u);
}

/// Few keys and many partitions: all partitions lie in one bucket.
TEST(SumsTest, APartOfAKnownBucketIsNotReadAgain) {
    Store store(100);
    for (Token token = 0; token < 20; ++token) store.put(token << 59, "value");
    auto each_part = [&store](std::size_t scans) {
        store.scans = 0;
        for (Token part = 0; part < 256; ++part) {
            auto report = store.ask({{part << 56, (part << 56) + ((Token{1} << 56) - 1)}});
            ASSERT_TRUE(report && *report);
            const Content held = store.truth({part << 56, (part << 56) + ((Token{1} << 56) - 1)});
            EXPECT_EQ((*report)->pieces.front().sum, held.sum);
            EXPECT_EQ((*report)->pieces.front().keys, held.keys);
        }
        EXPECT_EQ(store.scans, scans);
    };
    each_part(1);
    each_part(0);
    // It may be written again at once: a few parts are scanned alone, before the whole is worth it.
    store.put(Token{3} << 59, "changed");
    each_part(4);
    store.remove(Token{5} << 59);
    each_part(4);
    each_part(0);
}

TEST(SumsTest, ABucketThatIsAlwaysWrittenIsNotScannedWholeForEachPart) {
    Store store(1000);
    constexpr Token keys = 512, parts = 256;
    for (Token token = 0; token < keys; ++token) store.put(token << 55, "value");
    auto each_part = [&store] {
        store.counting.entries = 0;
        for (Token part = 0; part < parts; ++part) {
            const TokenRange range{part << 56, (part << 56) + ((Token{1} << 56) - 1)};
            store.put((part * 7 % keys) << 55, kit::text("again ", part));
            const Content told = store.sum(range);
            const std::size_t entries = store.counting.entries;
            const Content held = store.truth(range);
            EXPECT_EQ(told.sum, held.sum);
            EXPECT_EQ(told.keys, held.keys);
            store.counting.entries = entries;
        }
    };
    each_part();
    each_part();
    // Once in all the parts, and a few times whole; not whole for each part, which were 131,072.
    EXPECT_LT(store.counting.entries, 8 * keys);
    EXPECT_GE(store.counting.entries, keys);
}

/// The partitions of one bucket have permits of their own, and askers have clocks of their own.
TEST(SumsTest, APartIsAnsweredAsOfTheAskersClockAndPermit) {
    Store store(100);
    const TokenRange low{0, (Token{1} << 63) - 1}, high{Token{1} << 63, ~Token{0}};
    store.put(1, "value");
    store.put(Token{1} << 63 | 1, "short", WallTime{1'500});
    store.remove(2, WallTime{10});
    store.remove(Token{1} << 63 | 2, WallTime{10});
    const Keep keeps[] = {{WallTime{1'000}, WallTime{0}},  {WallTime{1'000}, WallTime{100}}, {WallTime{2'000}, WallTime{0}},
                          {WallTime{1'000}, WallTime{0}},  {WallTime{2'000}, WallTime{100}}, {WallTime{1'400}, WallTime{5}},
                          {WallTime{1'400}, WallTime{100}}, {WallTime{1'000}, WallTime{0}}};
    for (const Keep& one : keeps) {
        for (const Keep& other : keeps) {
            store.keep = one;
            store.expect_true(low);
            store.keep = other;
            store.expect_true(high);
            store.expect_true(low);
        }
    }
}

TEST(SumsTest, APartOfAStaleTableMakesItsBucketsKnown) {
    Store store;
    for (Token token = 0; token < 256; ++token) store.put(token << 56, "value");
    const TokenRange quarter{Token{1} << 62, (Token{2} << 62) - 1};
    store.expect_true(quarter);
    store.scans = 0;
    store.expect_true(quarter);
    EXPECT_EQ(store.scans, 0u);
}

TEST(SumsTest, AWriteDuringAScanIsSeenByTheNextQuestion) {
    Store store;
    for (Token token = 0; token < 100; ++token) store.put(token << 56, "value");
    store.meanwhile = [&store] { store.put(Token{7} << 56, "changed"); };
    (void)store.sum(whole_circle);
    store.meanwhile = nullptr;
    store.expect_true(whole_circle);
}

TEST(SumsTest, ABucketThatIsAlwaysWrittenIsCutAllTheSame) {
    Store store;
    for (Token token = 0; token < 256; ++token) store.put(token << 56, "value");
    store.meanwhile = [&store] { store.put(Token{200} << 56, "hot"); };
    const TokenRange cold{0, (Token{1} << 62) - 1};
    for (int round = 0; round < 4; ++round) store.expect_true(cold);
    store.scans = 0;
    store.expect_true(cold);
    EXPECT_EQ(store.scans, 0u);
}

TEST(SumsTest, MoreTokensThanAScanTakesAreStillAllCounted) {
    Store store(2000);
    const Token step = ~Token{0} / (Sums::tokens_max * 2);
    for (Token i = 0; i < Sums::tokens_max * 2; ++i) store.put(i * step, "v");
    const TokenRange end{~Token{0} - step * 10, ~Token{0}};
    store.expect_true(end);
    store.expect_true(whole_circle);
    auto first = store.ask({whole_circle}, true);
    ASSERT_TRUE(first && *first);
    EXPECT_EQ((*first)->tokens.size(), Sums::tokens_max);
    EXPECT_EQ((*first)->through, Sums::tokens_max * step - 1);
}

TEST(SumsTest, ManyPiecesAreToldApart) {
    Store store;
    for (Token token = 0; token < 64; ++token) store.put(token << 58, "value");
    std::vector<TokenRange> pieces;
    for (Token piece = 0; piece < 16; ++piece) pieces.push_back({piece << 60, (piece << 60) + ((Token{1} << 60) - 1)});
    auto report = store.ask(pieces);
    ASSERT_TRUE(report && *report);
    ASSERT_EQ((*report)->pieces.size(), 16u);
    for (std::size_t i = 0; i < 16; ++i) EXPECT_EQ((*report)->pieces[i].sum, store.truth(pieces[i]).sum) << i;
}

TEST(SumsTest, StoresThatWereCutDifferentlyAgree) {
    Store few(4), many(1000);
    for (Token token = 0; token < 256; ++token) {
        few.put(token << 56, "value");
        many.put(token << 56, "value");
    }
    for (Token end = 3; end < 256; end += 17) {
        const TokenRange range{Token{2} << 56, end << 56};
        EXPECT_EQ(few.sum(range).sum, many.sum(range).sum);
    }
}

TEST(SumsTest, TimeAndPermitsChangeASumWithoutAWrite) {
    Store store;
    store.put(Token{1} << 60, "short", WallTime{2'000});
    store.remove(Token{2} << 60, WallTime{500});
    const Content before = store.sum(whole_circle);
    EXPECT_EQ(before.keys, 2u);
    store.keep.now = WallTime{3'000};
    EXPECT_NE(store.sum(whole_circle).sum, before.sum);
    store.expect_true(whole_circle);
    store.keep.forget_before = WallTime{501};
    EXPECT_EQ(store.sum(whole_circle).keys, 1u);
    store.expect_true(whole_circle);
}

TEST(SumsTest, AFailedScanFailsItsQuestionAloneAndMakesNothingKnown) {
    Store store;
    for (Token token = 0; token < 64; ++token) store.put(token << 58, "value");
    store.expect_true(whole_circle);
    const Write spoiled[] = {Write{EntryKey{5, summed_table, "spoiled"}, "no resolver wrote this"}};
    ASSERT_TRUE(store.engine.apply(spoiled));
    store.forest.mark(spoiled);
    for (int again = 0; again < 2; ++again) {
        auto report = store.ask({whole_circle});
        ASSERT_TRUE(report);
        EXPECT_FALSE(*report);
        store.expect_true({Token{1} << 63, ~Token{0}});
    }
    Retirement away;
    away.table = summed_table;
    away.tokens = {5, 5};
    away.whole = true;
    ASSERT_TRUE(store.engine.retire(away));
    store.forest.mark_range(summed_table, away.tokens);
    store.expect_true(whole_circle);
}

TEST(SumsTest, TooManyQuestionsAreRefusedInWords) {
    Store store;
    std::size_t answered = 0, refused = 0;
    for (std::size_t i = 0; i < Sums::waiting_max + 1; ++i)
        store.sums.ask(store.turn, SumOrder{summed_table, store.keep, false, {whole_circle}},
                       [&](const port::Turn&, const Result<SumReport>& report) {
                           ++(report ? answered : refused);
                           if (!report) {
                               EXPECT_EQ(report.error().code, Code::overloaded);
                           }
                       });
    EXPECT_EQ(refused, 1u);
    store.run();
    EXPECT_EQ(answered, Sums::waiting_max);
}

}  // namespace
}  // namespace ashlar::repair
