// Values that merge: each kind by itself, retries, what is refused, and generated histories beside a model.
#include "crdt.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "codec.h"
#include "kit/bytes.h"
#include "operation.h"
#include "random.h"
#include "state.h"

namespace ashlar::crdt {
namespace {

using Names = std::vector<View>;

/// Operations as a client writes them.
class Steps {
public:
    Steps& increment(std::int64_t n, const Names& at = {}) { return begin(at, 1).number(n); }
    Steps& add(View element, const Names& at = {}) { return begin(at, 2).blob(element); }
    Steps& remove(View element, const Names& at = {}) { return begin(at, 3).blob(element); }
    Steps& assign(View value, const Names& at = {}) { return begin(at, 4).blob(value); }
    Steps& clear(const Names& at) { return begin(at, 5); }
    Bytes bytes() const {
        Bytes out("\xcd"
                  "crdt\x01");
        kit::Writer(out).varint(count_);
        return out + steps_;
    }

private:
    Steps& begin(const Names& at, std::uint8_t verb) {
        ++count_;
        steps_ += encoded_path(at);
        kit::Writer(steps_).u8(verb);
        return *this;
    }
    Steps& number(std::int64_t n) {
        kit::Writer(steps_).varint(zigzag(n));
        return *this;
    }
    Steps& blob(View bytes) {
        kit::Writer(steps_).blob(bytes);
        return *this;
    }
    Bytes steps_;
    std::uint64_t count_ = 0;
};

class CrdtTest : public ::testing::Test {
protected:
    /// A node's next write on top of what it holds; all that it made before is in there.
    Change change(std::uint64_t node, View value, View context = {}) {
        Change out;
        out.value = value;
        out.context = context;
        out.dot = Dot{Actor{NodeId{node}, 1, 0}, ++counters_[node]};
        out.complete_through = out.dot.counter - 1;
        out.wall = WallTime{++wall_};
        return out;
    }
    Bytes apply(View held, std::uint64_t node, const Steps& steps) {
        const Bytes value = steps.bytes();
        return made(held, change(node, value));
    }
    Bytes made(View held, const Change& change) {
        auto made = resolver.update(held, change);
        if (!made) {
            ADD_FAILURE() << made.error().detail;
            return Bytes(held);
        }
        EXPECT_TRUE(resolver.check(*made));
        if (!held.empty()) {
            EXPECT_EQ(join(held, *made), *made) << "an update never loses what it built on";
        }
        return *made;
    }
    Bytes join(View a, View b) {
        auto joined = resolver.join(a, b);
        EXPECT_TRUE(joined);
        EXPECT_EQ(*joined, *resolver.join(b, a));
        return joined ? *joined : Bytes();
    }
    std::vector<std::string> values(View entry) {
        Reading reading;
        EXPECT_TRUE(resolver.read(entry, WallTime{wall_}, reading));
        std::vector<std::string> out;
        for (std::uint32_t i = 0; i < reading.values; ++i) out.emplace_back(reading.versions[i].value);
        return out;
    }
    std::string value(View entry) {
        const auto all = values(entry);
        return all.size() == 1 ? all[0] : "(" + std::to_string(all.size()) + " values)";
    }
    Bytes context_of(View entry) {
        Reading reading;
        EXPECT_TRUE(resolver.read(entry, WallTime{wall_}, reading));
        return reading.context;
    }
    Error refusal(View held, const Change& change) {
        auto made = resolver.update(held, change);
        EXPECT_FALSE(made);
        return made ? Error{} : made.error();
    }

    Crdt resolver{1 << 20};
    std::map<std::uint64_t, std::uint64_t> counters_;
    std::int64_t wall_ = 1'000'000;
};

TEST_F(CrdtTest, IncrementsAddUpWhereverTheyAreMade) {
    Bytes a = apply("", 1, Steps().increment(5));
    EXPECT_EQ(value(a), "5");
    Bytes b = apply(a, 2, Steps().increment(10));
    a = apply(a, 1, Steps().increment(-7));
    EXPECT_EQ(value(a), "-2");
    EXPECT_EQ(value(b), "15");
    EXPECT_EQ(value(join(a, b)), "8");
    EXPECT_EQ(value(join(join(a, b), b)), "8") << "what comes twice counts once";
}

TEST_F(CrdtTest, ACounterKeepsItsSizeHoweverOftenItCounts) {
    Bytes entry = apply("", 1, Steps().increment(1));
    const std::size_t first = entry.size();
    for (int i = 0; i < 5000; ++i) entry = apply(entry, 1, Steps().increment(1));
    EXPECT_EQ(value(entry), "5001");
    EXPECT_LE(entry.size(), first + 16);
}

TEST_F(CrdtTest, ANodeThatMayHaveForgottenAddsBesideWhatItHolds) {
    const Bytes one = apply("", 1, Steps().increment(5));
    const Bytes two = Steps().increment(2).bytes();
    Change blind = change(1, two);
    blind.complete_through = 0;
    // It does not hold its own earlier write; elsewhere both meet.
    const Bytes beside = made("", blind);
    EXPECT_EQ(value(join(one, beside)), "7");
    Change again = change(1, two);
    again.complete_through = 0;
    EXPECT_EQ(value(made(join(one, beside), again)), "9");
}

TEST_F(CrdtTest, ARetriedIncrementCountsOnceAlsoAfterLaterOnes) {
    const Bytes five = Steps().increment(5).bytes();
    Change first = change(1, five);
    first.request.bytes[0] = 7;
    Bytes entry = made("", first);
    Change retry = change(1, five);
    retry.request = first.request;
    EXPECT_EQ(*resolver.update(entry, retry), entry);
    Change other = change(2, five);
    other.request = first.request;
    EXPECT_EQ(*resolver.update(entry, other), entry) << "also where the version has come to another coordinator";
    for (int i = 0; i < 30; ++i) {
        Change more = change(1, five);
        more.request.bytes[0] = 100;
        more.request.bytes[1] = static_cast<std::uint8_t>(i);
        entry = made(entry, more);
    }
    EXPECT_EQ(value(entry), "155");
    retry.dot = change(1, five).dot;
    EXPECT_EQ(*resolver.update(entry, retry), entry) << "taken into a sum, and known still";
}

TEST_F(CrdtTest, ACounterStopsAtItsEndsAndANodesPartIsRefusedBeyondThem) {
    const Bytes a = apply("", 1, Steps().increment(INT64_MAX));
    const Bytes b = apply("", 2, Steps().increment(INT64_MAX));
    EXPECT_EQ(value(join(a, b)), "9223372036854775807");
    const Bytes more = Steps().increment(1).bytes();
    EXPECT_EQ(refusal(a, change(1, more)).code, Code::invalid_request);
    const Bytes c = apply("", 3, Steps().increment(INT64_MIN));
    EXPECT_EQ(value(c), "-9223372036854775807");
    EXPECT_EQ(value(join(join(a, b), join(c, a))), value(join(join(c, b), a)));
}

TEST_F(CrdtTest, TheBytesAreThoseOfThePageForClients) {
    // docs/crdt.md
    EXPECT_EQ(Steps().increment(5).bytes(), Bytes("\xcd\x63\x72\x64\x74\x01\x01\x00\x01\x0a", 10));
    EXPECT_EQ(Steps().add("milk", {"tags"}).bytes(),
              Bytes("\xcd\x63\x72\x64\x74\x01\x01\x01\x04\x74\x61\x67\x73\x02\x04\x6d\x69\x6c\x6b"));
}

TEST_F(CrdtTest, OfASetAnElementAddedMeanwhileStays) {
    const Bytes start = apply("", 1, Steps().add("milk").add("eggs"));
    EXPECT_EQ(value(start), R"(["eggs","milk"])");
    const Bytes without = apply(start, 1, Steps().remove("milk"));
    EXPECT_EQ(value(without), R"(["eggs"])");
    EXPECT_EQ(value(join(start, without)), R"(["eggs"])") << "an older copy brings nothing back";
    const Bytes again = apply(start, 2, Steps().add("milk"));
    EXPECT_EQ(value(join(without, again)), R"(["eggs","milk"])") << "add wins";
    const Bytes both = apply(join(without, again), 3, Steps().remove("milk").remove("nothing"));
    EXPECT_EQ(value(join(both, again)), R"(["eggs"])");
}

TEST_F(CrdtTest, ARemovalWithAContextTakesOnlyWhatWasSeen) {
    const Bytes start = apply("", 1, Steps().add("milk"));
    const Bytes seen = context_of(start);
    const Bytes again = apply(start, 2, Steps().add("milk"));
    const Bytes drop = Steps().remove("milk").bytes();
    EXPECT_EQ(value(made(again, change(3, drop, seen))), R"(["milk"])");
    EXPECT_EQ(values(made(again, change(3, drop))), std::vector<std::string>{});
}

TEST_F(CrdtTest, ASetThatBecameEmptyIsATombstoneThatIsForgotten) {
    Bytes entry = apply("", 1, Steps().add("milk"));
    entry = apply(entry, 1, Steps().remove("milk"));
    EXPECT_TRUE(values(entry).empty());
    EXPECT_EQ(*resolver.settle(entry, Keep{WallTime{wall_ + 10}, WallTime{wall_ + 5}}), "");
    EXPECT_EQ(value(apply(entry, 2, Steps().increment(3))), "3") << "another kind may begin there";
}

TEST_F(CrdtTest, ReadersAreToldOfEveryDotThatIsThereAndGivenEachTextOnce) {
    Bytes entry = join(apply("", 1, Steps().add("x")), apply("", 2, Steps().add("y")));
    Reading reading;
    ASSERT_TRUE(resolver.read(entry, WallTime{wall_}, reading));
    ASSERT_EQ(reading.versions.size(), 2u);
    EXPECT_EQ(reading.values, 1u);
    EXPECT_EQ(reading.versions[0].value, R"(["x","y"])");
    EXPECT_EQ(reading.versions[1].dot, (Dot{Actor{NodeId{1}, 1, 0}, 1}));
    EXPECT_NE(reading.versions[1].kind, VersionKind::value);
    EXPECT_EQ(reading.versions[1].value, "");
}

TEST_F(CrdtTest, WhatATakenElementLeavesDoesNotPileUpAndIsNeverOverTheLimit) {
    Steps many;
    for (int i = 0; i < 40; ++i) many.add(std::to_string(i));
    const Bytes start = apply("", 1, many);
    Bytes entry = start;
    for (int i = 1; i < 40; ++i) {
        entry = apply(entry, static_cast<std::uint64_t>(i % 3 + 1), Steps().remove(std::to_string(i)));
        Reading reading;
        ASSERT_TRUE(resolver.read(entry, WallTime{wall_}, reading));
        ASSERT_EQ(reading.versions.size(), 2u) << "the set, and the last removal";
    }
    EXPECT_EQ(value(entry), R"(["0"])");
    const Crdt full(start.size());
    const Bytes take = Steps().remove("7").bytes(), add = Steps().add("another").bytes();
    EXPECT_FALSE(full.update(start, change(2, add)));
    EXPECT_TRUE(full.update(start, change(2, take))) << "the way out, though its tombstone is larger than the element";
}

TEST_F(CrdtTest, BytesOfAnyKindAreElements) {
    const Bytes entry = apply("", 1, Steps().add(View("\xff\x00", 2)).add("say \"hi\"\n").add(""));
    EXPECT_EQ(value(entry), R"(["","say \"hi\"\u000a",{"base64":"/wA="}])");
}

TEST_F(CrdtTest, OfARegisterTheLatestOfConcurrentValuesIsReadAndTheNextReplacesAll) {
    const Bytes start = apply("", 1, Steps().assign("old"));
    const Bytes a = apply(start, 1, Steps().assign("a"));
    const Bytes b = apply(start, 2, Steps().assign("b"));
    EXPECT_EQ(value(join(a, b)), "b");
    EXPECT_EQ(value(apply(join(a, b), 1, Steps().assign(""))), "");
    EXPECT_EQ(value(join(apply(join(a, b), 3, Steps().assign("c")), join(a, b))), "c");
}

TEST_F(CrdtTest, MapsMergeFieldByField) {
    const Bytes start = apply("", 1, Steps().assign("Ann", {"name"}).increment(1, {"likes"}).add("x", {"more", "tags"}));
    EXPECT_EQ(value(start), R"({"counters":{"likes":1},"maps":{"more":{"sets":{"tags":["x"]}}},"registers":{"name":"Ann"}})");
    const Bytes a = apply(start, 1, Steps().increment(2, {"likes"}).clear({"more"}));
    const Bytes b = apply(start, 2, Steps().increment(4, {"likes"}).add("y", {"more", "tags"}).assign("Bea", {"name"}));
    EXPECT_EQ(value(a), R"({"counters":{"likes":3},"registers":{"name":"Ann"}})");
    EXPECT_EQ(value(join(a, b)), R"({"counters":{"likes":7},"maps":{"more":{"sets":{"tags":["y"]}}},"registers":{"name":"Bea"}})");
    const Bytes named = apply("", 3, Steps().increment(1, {"x"}).assign("r", {"x"}));
    EXPECT_EQ(value(named), R"({"counters":{"x":1},"registers":{"x":"r"}})") << "one name, two kinds";
    EXPECT_EQ(value(apply(named, 3, Steps().clear({"xy"}))), value(named)) << "another field that begins alike";
}

TEST_F(CrdtTest, KindsDoNotMixButStandBesideEachOtherWhenConcurrent) {
    const Bytes counter = apply("", 1, Steps().increment(1)), set = apply("", 2, Steps().add("a"));
    const Bytes add = Steps().add("b").bytes(), plain = "plain";
    EXPECT_NE(refusal(counter, change(3, add)).detail.find("holds a counter"), std::string::npos);
    const Bytes both = join(counter, set);
    EXPECT_EQ(values(both), (std::vector<std::string>{"1", R"(["a"])"}));
    EXPECT_EQ(value(made(both, change(3, plain, context_of(both)))), "plain") << "a put that saw both settles it";
    const Bytes other = made("", change(4, plain));
    EXPECT_NE(refusal(other, change(3, add)).detail.find("holds a plain value"), std::string::npos);
    const Bytes mixed = Steps().increment(1).add("x").bytes();
    EXPECT_EQ(refusal("", change(3, mixed)).code, Code::invalid_request);
}

TEST_F(CrdtTest, ARemovedKeyStaysRemovedButForWhatWasAddedMeanwhile) {
    const Bytes start = apply("", 1, Steps().add("a"));
    const Bytes seen = context_of(start);
    Change gone = change(1, {}, seen);
    gone.remove = true;
    const Bytes removed = made(start, gone);
    EXPECT_TRUE(values(join(removed, start)).empty());
    EXPECT_EQ(value(join(removed, apply(start, 2, Steps().add("b")))), R"(["b"])");
}

TEST_F(CrdtTest, OperationsThatAreNoneExpireOrGrowTooLargeAreRefused) {
    for (Bytes bad : {Steps().bytes(), Steps().increment(1).bytes() + "x", Steps().increment(1).bytes().substr(0, 8),
                      Steps().assign("v", {""}).bytes(), Steps().assign("v", {"\xff"}).bytes(),
                      Steps().assign("v", Names(9, "n")).bytes(), Steps().clear({}).bytes(),
                      Bytes("\xcd"
                            "crdt\x01\xff\xff\xff\xff\xff\x7f")}) {
        EXPECT_EQ(refusal("", change(1, bad)).code, Code::invalid_request);
    }
    Steps many;
    for (int i = 0; i < 100; ++i) many.increment(1);
    EXPECT_EQ(value(apply("", 1, many)), "100");
    const Bytes too_many = many.increment(1).bytes();
    EXPECT_EQ(refusal("", change(1, too_many)).code, Code::invalid_request);
    const Bytes one = Steps().increment(1).bytes();
    Change expiring = change(1, one);
    expiring.expires = WallTime{wall_ + 1000};
    EXPECT_EQ(refusal("", expiring).code, Code::invalid_request);
    Crdt small(1024);
    const Bytes large = Steps().add(Bytes(600, 'x')).bytes();
    auto refused = small.update("", change(1, large));
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().detail.find("entry_bytes_max"), std::string::npos);
}

TEST_F(CrdtTest, ALargeSetIsChangedAndJoined) {
    Bytes a, b;
    for (int batch = 0; batch < 50; ++batch) {
        Steps odd, even;
        for (int i = 0; i < 100; ++i) {
            odd.add("element " + std::to_string(batch * 200 + i * 2 + 1));
            even.add("element " + std::to_string(batch * 200 + i * 2));
        }
        a = apply(a, 1, odd);
        b = apply(b, 2, even);
    }
    const std::string all = value(join(a, b));
    EXPECT_EQ(std::count(all.begin(), all.end(), ','), 9999);
}

TEST_F(CrdtTest, ATextThatDoesNotFollowFromTheFactsIsRefused) {
    Bytes entry = apply("", 1, Steps().increment(5));
    ASSERT_EQ(entry.back(), '5');
    entry.back() = '6';
    EXPECT_EQ(resolver.check(entry).error().code, Code::corrupt);
    EXPECT_FALSE(resolver.join(entry, entry));
}

/// Replicas that apply operations and exchange, beside sets of numbered operations that say what must be there.
class Histories : public CrdtTest {
protected:
    struct Copy {
        Bytes entry;
        std::set<int> seen;
        std::set<int> live;  ///< additions that nothing seen has taken away
    };
    struct Done {
        std::int64_t amount = 0;
        std::string element;
    };

    void absorb(Copy& into, const Copy& from) {
        if (from.entry.empty()) return;
        if (into.entry.empty()) {
            into = from;
            return;
        }
        into.entry = join(into.entry, from.entry);
        std::set<int> live;
        for (int id : into.live)
            if (from.live.contains(id) || !from.seen.contains(id)) live.insert(id);
        for (int id : from.live)
            if (into.live.contains(id) || !into.seen.contains(id)) live.insert(id);
        into.live = live;
        into.seen.insert(from.seen.begin(), from.seen.end());
        compare(into);
    }
    void compare(const Copy& copy) {
        ASSERT_TRUE(resolver.check(copy.entry));
        std::int64_t sum = 0;
        std::set<std::string> elements;
        bool counted = false;
        for (int id : copy.seen) {
            sum += done[static_cast<std::size_t>(id)].amount;
            counted = counted || done[static_cast<std::size_t>(id)].amount != 0;
        }
        for (int id : copy.live) elements.insert(done[static_cast<std::size_t>(id)].element);
        std::string wanted = "{";
        if (counted) wanted += "\"counters\":{\"n\":" + std::to_string(sum) + "}";
        if (!elements.empty()) {
            wanted += std::string(counted ? "," : "") + "\"sets\":{\"s\":[";
            for (const std::string& element : elements) wanted += (wanted.ends_with('[') ? "\"" : ",\"") + element + "\"";
            wanted += "]}";
        }
        wanted += "}";
        if (counted || !elements.empty()) {
            ASSERT_EQ(value(copy.entry), wanted);
        } else {
            ASSERT_TRUE(values(copy.entry).empty());
        }
    }
    void operate(Copy& copy, std::uint64_t node, sim::SeededRandom& random) {
        const int id = static_cast<int>(done.size());
        Done made;
        Steps steps;
        std::string element(1, static_cast<char>('a' + random.below(5)));
        const auto kind = random.below(3);
        if (kind == 0) {
            made.amount = static_cast<std::int64_t>(random.below(20)) + 1;
            if (random.one_in(3)) made.amount = -made.amount;
            steps.increment(made.amount, {"n"});
        } else if (kind == 1) {
            made.element = element;
            steps.add(element, {"s"});
        } else {
            steps.remove(element, {"s"});
        }
        done.push_back(made);
        const Bytes operation = steps.bytes();
        Change write = change(node, operation);
        if (random.one_in(4)) write.complete_through = 0;
        copy.entry = this->made(copy.entry, write);
        if (kind != 0)
            std::erase_if(copy.live, [&](int one) { return done[static_cast<std::size_t>(one)].element == element; });
        copy.seen.insert(id);
        if (kind == 1) copy.live.insert(id);
        pool.push_back(copy.entry);
        compare(copy);
    }

    /// What a put_if goes by: who has seen all the dots that are told of has seen what became of every fact.
    void expect_nothing_unseen(View seen, View entry) {
        Reading reading;
        ASSERT_TRUE(resolver.read(entry, WallTime{wall_}, reading));
        const Bytes context = context_of(seen);
        for (const Version& version : reading.versions)
            if (!kit::context_holds(context, version.dot)) return;
        ++nothing_unseen;
        ASSERT_EQ(values(join(seen, entry)), values(seen));
    }

    std::vector<Done> done;
    std::vector<Bytes> pool;
    int nothing_unseen = 0;
};

TEST_F(Histories, EveryIncrementCountsOnceEveryElementFollowsItsDotsAndAllConverge) {
    for (std::uint64_t seed = 1; seed <= 60 && !HasFatalFailure(); ++seed) {
        sim::SeededRandom random(seed);
        done.clear();
        pool.clear();
        counters_.clear();
        std::vector<Copy> copies(4);
        for (int i = 0; i < 120 && !HasFatalFailure(); ++i) {
            const auto one = random.below(copies.size()), other = random.below(copies.size());
            if (random.one_in(2))
                operate(copies[one], one + 1, random);
            else
                absorb(copies[one], Copy(copies[other]));
        }
        for (int round = 0; round < 2; ++round)
            for (Copy& into : copies)
                for (const Copy& from : copies) absorb(into, Copy(from));
        for (const Copy& copy : copies) ASSERT_EQ(copy.entry, copies[0].entry) << "seed " << seed;
        for (int i = 0; i < 60; ++i) {
            const Bytes &a = pool[random.below(pool.size())], &b = pool[random.below(pool.size())],
                        &c = pool[random.below(pool.size())];
            ASSERT_EQ(join(join(a, b), c), join(a, join(b, c))) << "seed " << seed;
            ASSERT_EQ(join(a, a), a);
            expect_nothing_unseen(a, b);
        }
    }
    EXPECT_GT(nothing_unseen, 100);
}

TEST_F(Histories, ChangedBytesAreRefusedOrJoinLikeAnyOther) {
    sim::SeededRandom random(5);
    std::vector<Copy> copies(3);
    for (int i = 0; i < 40; ++i) {
        const auto one = random.below(copies.size());
        operate(copies[one], one + 1, random);
        absorb(copies[random.below(copies.size())], Copy(copies[one]));
    }
    for (std::size_t e = 0; e < pool.size(); e += 4) {
        const Bytes& entry = pool[e];
        for (std::size_t n = 0; n < entry.size(); ++n) EXPECT_FALSE(resolver.check(View(entry).substr(0, n)));
        for (std::size_t at = 0; at < entry.size() * 8; ++at) {
            Bytes bad = entry;
            bad[at / 8] = static_cast<char>(bad[at / 8] ^ (1 << at % 8));
            const bool fine = resolver.check(bad).has_value();
            auto joined = resolver.join(bad, entry);
            ASSERT_EQ(joined.has_value(), fine);
            if (!fine) continue;
            EXPECT_TRUE(resolver.check(*joined));
            EXPECT_EQ(*joined, *resolver.join(entry, bad));
        }
    }
}

}  // namespace
}  // namespace ashlar::crdt
