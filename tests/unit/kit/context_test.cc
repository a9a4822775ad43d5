// Contexts: canonical bytes, folding, and the refusal of everything else.
#include "kit/context.h"

#include <gtest/gtest.h>

namespace {

using namespace ashlar;
using kit::CausalContext;

Actor life_of(std::uint64_t node, std::uint32_t incarnation = 1) {
    return Actor{NodeId{node}, incarnation, 0};
}

std::vector<std::uint64_t> dots_of(const CausalContext& context, const Actor& who) {
    return context.of(who) != nullptr ? context.of(who)->dots : std::vector<std::uint64_t>{};
}

TEST(Context, DotAboveBaseDoesNotImplyEarlierOnes) {
    CausalContext context;
    context.add({life_of(1), 5});
    EXPECT_TRUE(context.contains({life_of(1), 5}));
    EXPECT_FALSE(context.contains({life_of(1), 4}));
    EXPECT_FALSE(context.contains({life_of(2), 5}));
    EXPECT_FALSE(context.contains({life_of(1), 0}));
    EXPECT_EQ(context.of(life_of(1))->highest(), 5u);
}

TEST(Context, DotsThatTouchTheBaseFoldIntoIt) {
    CausalContext context;
    for (std::uint64_t counter : {3u, 5u, 2u, 1u}) context.add({life_of(1), counter});
    EXPECT_EQ(context.of(life_of(1))->base, 3u);
    EXPECT_EQ(dots_of(context, life_of(1)), std::vector<std::uint64_t>{5});
    context.raise(life_of(1), 4);
    EXPECT_EQ(context.of(life_of(1))->base, 5u);
    EXPECT_TRUE(dots_of(context, life_of(1)).empty());
}

TEST(Context, RaisingDropsCoveredDotsUpToTheHighestCounter) {
    CausalContext context;
    context.add({life_of(1), 10});
    context.add({life_of(1), kit::counter_max - 1});
    context.raise(life_of(1), kit::counter_max);
    EXPECT_EQ(context.of(life_of(1))->base, kit::counter_max);
    EXPECT_TRUE(dots_of(context, life_of(1)).empty());
    EXPECT_EQ(CausalContext::parse(context.encoded()), context);
}

TEST(Context, EncodedContextsAnswerWithoutBeingOpened) {
    // Every context of two actors, one base and two dots each, in a small range: all pairs.
    std::vector<CausalContext> all(1);
    for (std::uint64_t base : {0u, 1u, 2u})
        for (std::uint64_t low : {0u, 3u, 4u})
            for (std::uint64_t high : {0u, 5u}) {
                CausalContext one;
                one.raise(life_of(2), base);
                one.add({life_of(2), low});
                one.add({life_of(2), high});
                all.push_back(one);
                one.add({life_of(1), 1 + high});
                all.push_back(one);
                one.raise(life_of(3), 2);
                all.push_back(one);
            }
    int included = 0;
    for (const CausalContext& whole : all) {
        Bytes bytes = whole.encoded();
        for (std::uint64_t node = 1; node <= 4; ++node)
            for (std::uint64_t counter = 0; counter <= 7; ++counter)
                EXPECT_EQ(kit::context_holds(bytes, {life_of(node), counter}), whole.contains({life_of(node), counter}));
        for (const CausalContext& part : all) {
            CausalContext both = whole;
            both.merge(part);
            EXPECT_EQ(kit::context_includes(bytes, part.encoded()), both == whole);
            included += both == whole ? 1 : 0;
        }
    }
    EXPECT_GT(included, 200);
    EXPECT_FALSE(kit::context_holds("", {life_of(1), 1}));
}

TEST(Context, MergeIsTheUnionOfWhatWasSeen) {
    CausalContext a, b;
    a.raise(life_of(1), 3);
    a.add({life_of(1), 7});
    a.add({life_of(3), 2});
    b.add({life_of(1), 5});
    b.add({life_of(1), 4});
    b.add({life_of(2), 1});
    CausalContext ab = a, ba = b;
    ab.merge(b);
    ba.merge(a);
    EXPECT_EQ(ab, ba);
    EXPECT_EQ(ab.of(life_of(1))->base, 5u);
    EXPECT_EQ(dots_of(ab, life_of(1)), std::vector<std::uint64_t>{7});
    EXPECT_EQ(ab.seen().size(), 3u);
    CausalContext again = ab;
    again.merge(ab);
    EXPECT_EQ(again, ab);
}

TEST(Context, BytesComeBackAsTheyWere) {
    CausalContext context;
    context.raise(life_of(1), 300);
    context.add({life_of(1), 1000});
    context.add({life_of(1), 1001});
    context.add({{NodeId{1}, 2, 3}, 9});
    Bytes bytes = context.encoded();
    EXPECT_EQ(CausalContext::parse(bytes), context);
    EXPECT_EQ(CausalContext::parse(CausalContext().encoded()), CausalContext());
    EXPECT_EQ(CausalContext::parse(""), CausalContext());
}

TEST(Context, RefusesWhatIsNotCanonical) {
    auto coded = [](std::uint64_t base, std::vector<std::uint64_t> gaps, std::uint64_t incarnation = 1) {
        Bytes bytes;
        kit::Writer out(bytes);
        out.varint(1);
        out.u64(7);
        out.varint(incarnation);
        out.varint(0);
        out.varint(base);
        out.varint(gaps.size());
        for (std::uint64_t gap : gaps) out.varint(gap);
        return bytes;
    };
    EXPECT_TRUE(CausalContext::parse(coded(4, {2, 1})));
    EXPECT_FALSE(CausalContext::parse(coded(0, {}))) << "an actor of whom nothing is seen";
    EXPECT_FALSE(CausalContext::parse(coded(4, {1}))) << "a dot that belongs into the base";
    EXPECT_FALSE(CausalContext::parse(coded(4, {2, 0}))) << "a dot twice";
    EXPECT_FALSE(CausalContext::parse(coded(kit::counter_max + 1, {}))) << "a counter that cannot be";
    EXPECT_FALSE(CausalContext::parse(coded(4, {kit::counter_max}))) << "a sum that cannot be";
    EXPECT_FALSE(CausalContext::parse(coded(4, {}, std::uint64_t{1} << 32))) << "an incarnation of 33 bits";
    EXPECT_FALSE(CausalContext::parse(coded(4, {}) + "x")) << "bytes behind the end";
    Bytes two = coded(4, {});
    two[0] = 2;
    two += two.substr(1);
    EXPECT_FALSE(CausalContext::parse(two)) << "an actor twice";
}

TEST(Context, EveryPrefixIsRefused) {
    CausalContext context;
    context.raise(life_of(1), 300);
    context.add({life_of(2), 1000});
    Bytes bytes = context.encoded();
    for (std::size_t n = 1; n < bytes.size(); ++n) EXPECT_FALSE(CausalContext::parse(View(bytes).substr(0, n))) << n;
}

TEST(Context, ClaimsOfHugeCountsTakeNoMemory) {
    Bytes bytes;
    kit::Writer out(bytes);
    out.varint(std::uint64_t{1} << 60);
    EXPECT_FALSE(CausalContext::parse(bytes));
    bytes = "\x01";
    out.u64(1);
    for (std::uint64_t v : {1, 0, 0}) out.varint(v);
    out.varint(std::uint64_t{1} << 60);
    EXPECT_FALSE(CausalContext::parse(bytes));
}

TEST(Context, CursorSkipsDotsNobodyAskedFor) {
    CausalContext context;
    context.add({life_of(1), 10});
    context.add({life_of(1), 20});
    context.raise(life_of(2), 3);
    Bytes bytes = context.encoded();
    kit::Reader in(bytes);
    kit::ContextCursor cursor(in);
    ASSERT_TRUE(cursor.next());
    EXPECT_EQ(cursor.actor(), life_of(1));
    EXPECT_EQ(cursor.dots(), 2u);
    ASSERT_TRUE(cursor.next());
    EXPECT_EQ(cursor.base(), 3u);
    EXPECT_FALSE(cursor.next());
    EXPECT_TRUE(in.done());
}

}  // namespace
