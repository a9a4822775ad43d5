// ordered: tokens keep the order of keys, first cuts suit the alphabet, and measured loads even out what people chose.
#include "ordered.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "partitioner/rings.h"

namespace {

using namespace ashlar;
using namespace ashlar::ordered;
using contract::equals;

Ring planned(const Ordered& ordered, const std::vector<Member>& members, const Ring* current = nullptr,
             std::span<const ClaimLoad> loads = {}) {
    PlanRequest request;
    request.members = members;
    request.current = current;
    request.loads = loads;
    Result<Ring> ring = ordered.plan(request);
    EXPECT_TRUE(ring);
    return *ring;
}

TEST(OrderedTest, TokensKeepTheOrderOfKeys) {
    std::set<std::string> keys{"a", std::string("a\0", 2), "ab", "b", "\xff", "\xff\xff\xff\xff\xff\xff\xff\xff\xff"};
    std::uint64_t chance = 1;
    for (int i = 0; i < 2000; ++i) {
        std::string key;
        for (int k = 0; k < 1 + i % 12; ++k) {
            chance = chance * 6364136223846793005u + 1442695040888963407u;
            key.push_back(static_cast<char>(chance >> 56));
        }
        keys.insert(key);
    }
    Token before = 0;
    for (const std::string& key : keys) {  // in the order of bytes
        EXPECT_GE(token_of(key), before);
        before = token_of(key);
    }
    EXPECT_EQ(token_of("12345678"), token_of("12345678 and more"));
    EXPECT_LT(token_of("12345677 and more"), token_of("12345678"));
}

TEST(OrderedTest, FirstCutsPartTheAlphabetEqually) {
    struct Letters {
        Alphabet alphabet;
        std::string of;
    };
    for (const Letters& letters :
         {Letters{Alphabet::hex, "0123456789abcdef"}, Letters{Alphabet::digits, "0123456789"}}) {
        const std::vector<Token> cuts = first_cuts(letters.alphabet, 100);
        ASSERT_EQ(cuts.size(), 100u);
        EXPECT_EQ(cuts.front(), 0u);
        EXPECT_TRUE(std::is_sorted(cuts.begin(), cuts.end()));
        EXPECT_EQ(std::set<Token>(cuts.begin(), cuts.end()).size(), 100u);
        std::vector<int> count(100);
        std::uint64_t chance = 1;
        for (int i = 0; i < 100'000; ++i) {
            std::string key;
            for (int k = 0; k < 10; ++k) {
                chance = chance * 6364136223846793005u + 1442695040888963407u;
                key.push_back(letters.of[(chance >> 40) % letters.of.size()]);
            }
            const auto at = std::upper_bound(cuts.begin(), cuts.end(), token_of(key)) - cuts.begin() - 1;
            ++count[static_cast<std::size_t>(at)];
        }
        for (int n : count) EXPECT_NEAR(n, 1000, 200);
    }
}

/// Keys as people choose them: all behind one prefix. Plans with measured loads spread them over the nodes.
TEST(OrderedTest, MeasuredLoadsEvenOutWhatPeopleChose) {
    const Ordered ordered(64, Alphabet::text);
    const auto members = equals(4);
    std::vector<Token> tokens;
    for (int i = 0; i < 1000; ++i) tokens.push_back(token_of("user:" + std::to_string(1000 + i * 9)));
    Ring ring = planned(ordered, members);
    auto loads = [&] {
        std::vector<ClaimLoad> out(ring.claims.size());
        for (Token token : tokens) out[ring.partition_of(token)].bytes += 1000;
        return out;
    };
    auto busiest_percent = [&] {
        std::map<NodeId, std::size_t> held;
        for (Token token : tokens) ++held[ring.claims[ring.partition_of(token)].owner];
        std::size_t most = 0;
        for (const auto& [node, keys] : held) most = std::max(most, keys);
        return most * 4 * 100 / tokens.size();
    };
    EXPECT_EQ(busiest_percent(), 400u) << "one node has all";
    for (int plan = 0; plan < 64 && busiest_percent() > 110; ++plan) {
        const auto measured = loads();
        ring = planned(ordered, members, &ring, measured);
    }
    EXPECT_LE(busiest_percent(), 110u);
    EXPECT_LE(ring.claims.size(), 64u * 3);
    EXPECT_EQ(ring.claims.front().first, 0u);
    for (std::size_t i = 1; i < ring.claims.size(); ++i) EXPECT_LT(ring.claims[i - 1].first, ring.claims[i].first);
}

TEST(OrderedTest, OneTokenCannotBeParted) {
    const Ordered ordered(4, Alphabet::text);
    const auto members = equals(2);
    Ring ring = planned(ordered, members);
    for (int plan = 0; plan < 100; ++plan) {
        std::vector<ClaimLoad> loads(ring.claims.size());
        loads[ring.partition_of(token_of("same prefix"))].bytes = 1'000'000;
        ring = planned(ordered, members, &ring, loads);
    }
    const TokenRange range = ring.range_of(ring.partition_of(token_of("same prefix")));
    EXPECT_EQ(range.first, range.last);
    EXPECT_LE(ring.claims.size(), 4u + 2 * 64);
}

TEST(OrderedTest, LoadsOfAnotherRingAreIgnored) {
    const Ordered ordered(16, Alphabet::bytes);
    const auto members = equals(3);
    const Ring ring = planned(ordered, members);
    const std::vector<ClaimLoad> wrong(3, ClaimLoad{1, 1});
    EXPECT_EQ(planned(ordered, members, &ring, wrong).claims, ring.claims);
}

}  // namespace
