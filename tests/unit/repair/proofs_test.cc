// Permits are the least that was proven of every piece, and no sooner than a grace after.
#include <gtest/gtest.h>

#include "repair/proofs.h"

namespace ashlar::repair {
namespace {

constexpr Duration grace = seconds(10);
constexpr Instant begin{1'000'000};
Instant since_begin(std::int64_t s) {
    return begin + seconds(s);
}

TEST(Proofs, APermitIsNotGivenBeforeTheGraceHasPassed) {
    Proofs proofs(grace);
    proofs.prove({0, 99}, WallTime{500}, begin);
    EXPECT_EQ(proofs.permit({0, 99}, since_begin(9)), WallTime{0});
    EXPECT_EQ(proofs.permit({0, 99}, since_begin(10)), WallTime{500});
    EXPECT_EQ(proofs.permit({10, 20}, since_begin(10)), WallTime{500});
}

TEST(Proofs, OnePieceThatWasNeverProvenForbidsAll) {
    Proofs proofs(grace);
    proofs.prove({0, 49}, WallTime{500}, begin);
    proofs.prove({51, 99}, WallTime{500}, begin);
    EXPECT_EQ(proofs.permit({0, 99}, since_begin(20)), WallTime{0});
    proofs.prove({50, 50}, WallTime{400}, begin);
    EXPECT_EQ(proofs.permit({0, 99}, since_begin(20)), WallTime{400});
    EXPECT_EQ(proofs.permit({0, 100}, since_begin(20)), WallTime{0});
}

TEST(Proofs, ALaterProofDoesNotPutOffOneThatWaits) {
    Proofs proofs(grace);
    for (std::int64_t s = 0; s <= 12; ++s) proofs.prove({0, 99}, WallTime{500 + s}, since_begin(s));
    EXPECT_EQ(proofs.permit({0, 99}, since_begin(12)), WallTime{500});
    EXPECT_GT(proofs.permit({0, 99}, since_begin(23)), WallTime{500});
}

TEST(Proofs, PiecesCutOtherwiseCountOnlyWhereAllWasProven) {
    Proofs proofs(grace);
    proofs.prove({0, 49}, WallTime{500}, begin);
    proofs.prove({50, 99}, WallTime{300}, begin);
    // Ripe by now; proven anew as one piece, what counts meanwhile is the least of its parts.
    proofs.prove({0, 99}, WallTime{900}, since_begin(11));
    EXPECT_EQ(proofs.permit({0, 99}, since_begin(12)), WallTime{300});
    EXPECT_EQ(proofs.permit({0, 99}, since_begin(22)), WallTime{900});
    // A piece in the middle of it, proven anew, keeps what counts of it.
    proofs.prove({40, 60}, WallTime{950}, since_begin(23));
    EXPECT_EQ(proofs.permit({0, 99}, since_begin(24)), WallTime{900});
    EXPECT_EQ(proofs.pieces(), 3u);
}

TEST(Proofs, TheWholeCircleIsOnePiece) {
    Proofs proofs(grace);
    proofs.prove({0, ~Token{0}}, WallTime{500}, begin);
    EXPECT_EQ(proofs.permit({0, ~Token{0}}, since_begin(10)), WallTime{500});
    proofs.prove({0, ~Token{0}}, WallTime{700}, since_begin(11));
    EXPECT_EQ(proofs.permit({5, ~Token{0}}, since_begin(30)), WallTime{700});
    EXPECT_EQ(proofs.pieces(), 1u);
}

}  // namespace
}  // namespace ashlar::repair
