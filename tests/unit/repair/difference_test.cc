// Where two lists of sums differ.
#include <gtest/gtest.h>

#include "repair/difference.h"

namespace ashlar::repair {
namespace {

TokenContent mine(Token token, std::uint64_t sum) {
    TokenContent out;
    out.token = token;
    out.content.sum = Sum{sum, 0};
    return out;
}
wire::TokenSum theirs(Token token, std::uint64_t sum) {
    return wire::TokenSum{token, sum, 0};
}

TEST(Difference, TellsWhoLacksWhat) {
    const std::vector<TokenContent> a{mine(1, 10), mine(3, 30), mine(5, 50), mine(9, 90)};
    const std::vector<wire::TokenSum> b{theirs(2, 20), theirs(3, 30), theirs(5, 51), theirs(8, 80)};
    const Difference found = difference(a, b, 100);
    EXPECT_EQ(found.only_mine, (std::vector<Token>{1, 9}));
    EXPECT_EQ(found.only_theirs, (std::vector<Token>{2, 8}));
    EXPECT_EQ(found.both, (std::vector<Token>{5}));
}

TEST(Difference, GoesNoFurtherThanBothLists) {
    const std::vector<TokenContent> a{mine(1, 10), mine(9, 90)};
    const std::vector<wire::TokenSum> b{theirs(8, 80)};
    const Difference found = difference(a, b, 7);
    EXPECT_EQ(found.only_mine, (std::vector<Token>{1}));
    EXPECT_EQ(found.size(), 1u);
}

TEST(Difference, NeighbouringTokensBecomeOneRange) {
    const std::vector<Token> a{1, 2, ~Token{0}};
    const std::vector<Token> b{0, 3, 7};
    EXPECT_EQ(ranges_of(a, b), (std::vector<TokenRange>{{0, 3}, {7, 7}, {~Token{0}, ~Token{0}}}));
}

}  // namespace
}  // namespace ashlar::repair
