// The laws of merging, on histories made from seeds: beside a model, in every order, and with bits turned.
#include <set>

#include "crdt_stage.h"
#include "kit/context.h"
#include "random.h"

namespace ashlar::crdt {
namespace {

/// Replicas that apply operations and exchange, beside sets of numbered operations that say what must be there.
class Histories : public CrdtStage {
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
