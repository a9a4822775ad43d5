// Columns beside each other, and what a dot says.
#include "side_by_side.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "output.h"
#include "siblings.h"

namespace ashlar::cli {
namespace {

using Lines = std::vector<std::string>;

TEST(SideBySide, FactsOfTwoThingsStandBesideEachOther) {
    SideBySide columns({"VALUE", "BYTES"});
    columns.add("ONE", {"milk", "4"});
    columns.add("OTHER", {"eggs and milk", "13"});
    EXPECT_EQ(columns.lines(80), (Lines{"       ONE   OTHER", "VALUE  milk  eggs and milk", "BYTES  4     13"}));
}

TEST(SideBySide, ALongCellIsBrokenAndLosesNothing) {
    SideBySide columns({"VALUE", "BYTES"});
    const std::string text(100, 'x');
    columns.add("ONE", {text, "100"});
    columns.add("TWO", {"y", "1"});
    std::size_t signs = 0;
    for (const std::string& line : columns.lines(80)) {
        EXPECT_LE(shown_width(line), 80u);
        signs += static_cast<std::size_t>(std::count(line.begin(), line.end(), 'x'));
    }
    EXPECT_EQ(signs, text.size());
}

TEST(SideBySide, WhatDoesNotFitStandsBelow) {
    SideBySide columns({"VALUE"});
    for (int i = 0; i < 5; ++i) columns.add("SIBLING " + std::to_string(i), {std::string(20, 'a')});
    const Lines lines = columns.lines(60);
    ASSERT_EQ(lines.size(), 8u) << "three bands of head and value, two gaps";
    EXPECT_NE(lines[0].find("SIBLING 1"), std::string::npos);
    EXPECT_EQ(lines[2], "");
    EXPECT_NE(lines[6].find("SIBLING 4"), std::string::npos);
    EXPECT_EQ(columns.lines(1).size(), 14u) << "one each, however narrow";
}

TEST(SideBySide, SignsAreNotCutInTwo) {
    EXPECT_EQ(broken_into("äöü", 2), (Lines{"äö", "ü"}));
    EXPECT_EQ(broken_into("", 2), Lines{""});
    EXPECT_EQ(broken_into("ab", 2), Lines{"ab"});
}

TEST(Dots, AreTakenApart) {
    const DotParts dot = parts_of("00000000000000ab:65536:17");
    EXPECT_EQ(dot.node, "00000000000000ab");
    EXPECT_EQ(dot.incarnation, "65536");
    EXPECT_EQ(dot.counter, "17");
    EXPECT_EQ(parts_of("odd").node, "");
    EXPECT_EQ(parts_of("odd:1").counter, "");
}

}  // namespace
}  // namespace ashlar::cli
