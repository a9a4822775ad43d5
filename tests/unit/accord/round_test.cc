#include "accord/round.h"

#include <gtest/gtest.h>

namespace ashlar::accord {
namespace {

const std::vector<NodeId> three{NodeId{1}, NodeId{2}, NodeId{3}};

TEST(Round, AMajorityOpensAndDecidesAndNobodyCountsTwice) {
    Round round(Epoch{2}, {1, NodeId{1}}, three);
    round.promised(NodeId{1}, {}, {});
    round.promised(NodeId{1}, {}, {});
    round.promised(NodeId{9}, {}, {});
    EXPECT_FALSE(round.open());
    round.promised(NodeId{3}, {}, {});
    EXPECT_TRUE(round.open());
    EXPECT_FALSE(round.has_earlier());
    round.accepted(NodeId{2});
    round.accepted(NodeId{2});
    round.accepted(NodeId{9});
    EXPECT_FALSE(round.decided());
    round.accepted(NodeId{1});
    EXPECT_TRUE(round.decided());
    EXPECT_TRUE(round.has_vote(NodeId{2}));
    EXPECT_FALSE(round.has_vote(NodeId{3}));
    EXPECT_FALSE(round.has_promise(NodeId{2}));
}

TEST(Round, TheHighestEarlierVoteMustBeGoneOnWith) {
    Round round(Epoch{2}, {9, NodeId{1}}, three);
    round.promised(NodeId{1}, {3, NodeId{2}}, "b");
    round.promised(NodeId{2}, {3, NodeId{1}}, "a");
    round.promised(NodeId{3}, {4, NodeId{1}}, "c");
    EXPECT_TRUE(round.has_earlier());
    EXPECT_EQ(round.earlier(), "c");
}

TEST(Round, FoundersMustAllPromiseUnlessOneHasVoted) {
    Round round(Epoch{1}, {1, NodeId{1}}, three);
    round.promised(NodeId{1}, {}, {});
    round.promised(NodeId{2}, {}, {});
    EXPECT_FALSE(round.open()) << "the third is not bound yet";
    round.promised(NodeId{3}, {}, {});
    EXPECT_TRUE(round.open());
    Round later(Epoch{1}, {2, NodeId{2}}, three);
    later.promised(NodeId{2}, {}, {});
    later.promised(NodeId{3}, {1, NodeId{1}}, "v");
    EXPECT_TRUE(later.open()) << "all were bound before anybody voted";
}

TEST(Round, AFourthVoterMakesThreeAMajority) {
    Round round(Epoch{5}, {1, NodeId{1}}, {NodeId{1}, NodeId{2}, NodeId{3}, NodeId{4}});
    for (std::uint64_t voter = 1; voter <= 2; ++voter) round.accepted(NodeId{voter});
    EXPECT_FALSE(round.decided());
    round.accepted(NodeId{4});
    EXPECT_TRUE(round.decided());
}

}  // namespace
}  // namespace ashlar::accord
