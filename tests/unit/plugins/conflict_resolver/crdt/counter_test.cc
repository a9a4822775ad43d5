// Counters: sums, retries that count once, and where a counter ends.
#include "crdt_stage.h"

namespace ashlar::crdt {
namespace {

class Counters : public CrdtStage {};

TEST_F(Counters, IncrementsAddUpWhereverTheyAreMade) {
    Bytes a = apply("", 1, Steps().increment(5));
    EXPECT_EQ(value(a), "5");
    Bytes b = apply(a, 2, Steps().increment(10));
    a = apply(a, 1, Steps().increment(-7));
    EXPECT_EQ(value(a), "-2");
    EXPECT_EQ(value(b), "15");
    EXPECT_EQ(value(join(a, b)), "8");
    EXPECT_EQ(value(join(join(a, b), b)), "8") << "what comes twice counts once";
}

TEST_F(Counters, ACounterKeepsItsSizeHoweverOftenItCounts) {
    Bytes entry = apply("", 1, Steps().increment(1));
    const std::size_t first = entry.size();
    for (int i = 0; i < 5000; ++i) entry = apply(entry, 1, Steps().increment(1));
    EXPECT_EQ(value(entry), "5001");
    EXPECT_LE(entry.size(), first + 16);
}

TEST_F(Counters, ANodeThatMayHaveForgottenAddsBesideWhatItHolds) {
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

TEST_F(Counters, ARetriedIncrementCountsOnceAlsoAfterLaterOnes) {
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

TEST_F(Counters, ACounterStopsAtItsEndsAndANodesPartIsRefusedBeyondThem) {
    const Bytes a = apply("", 1, Steps().increment(INT64_MAX));
    const Bytes b = apply("", 2, Steps().increment(INT64_MAX));
    EXPECT_EQ(value(join(a, b)), "9223372036854775807");
    const Bytes more = Steps().increment(1).bytes();
    EXPECT_EQ(refusal(a, change(1, more)).code, Code::invalid_request);
    const Bytes c = apply("", 3, Steps().increment(INT64_MIN));
    EXPECT_EQ(value(c), "-9223372036854775807");
    EXPECT_EQ(value(join(join(a, b), join(c, a))), value(join(join(c, b), a)));
}

}  // namespace
}  // namespace ashlar::crdt
