// Debian control paragraphs.
#include "control.h"

#include <gtest/gtest.h>

#include "text_input.h"

namespace ashlar::cli::import {
namespace {

Texts read(const std::string& text, std::size_t bound = 4096) {
    Lines lines(text_source(text), bound);
    ControlParagraphs reader(lines);
    return all_found(reader);
}

TEST(Control, OneRecordAParagraphByteForByte) {
    EXPECT_EQ(
        read("Package: a\nArchitecture: amd64\nDescription: x\n more\n .\n\n\nPackage: b\nStatus: y"),
        (Texts{"a:amd64=Package: a\nArchitecture: amd64\nDescription: x\n more\n .\n", "b=Package: b\nStatus: y"}));
}

TEST(Control, FieldNamesKnowNoCaseAndValuesNoBlanks) {
    EXPECT_EQ(read("PACKAGE:\t a \r\narchitecture:all\r\n\r\n"),
              (Texts{"a:all=PACKAGE:\t a \r\narchitecture:all\r\n"}));
}

TEST(Control, OnlyFieldsOfTheParagraphItselfCount) {
    EXPECT_EQ(read("Package: a\nDescription: x\n Package: not me\n Architecture: nor this\nPackage-Type: deb\n"),
              (Texts{"a=Package: a\nDescription: x\n Package: not me\n Architecture: nor this\nPackage-Type: deb\n"}));
}

TEST(Control, BlankLinesAroundAndBetweenAreNothing) {
    EXPECT_EQ(read("\n \n\t\nPackage: a\n \t\n\n"), (Texts{"a=Package: a\n"}));
    EXPECT_EQ(read(""), Texts{});
    EXPECT_EQ(read("\n\n"), Texts{});
}

TEST(Control, WhatIsNoParagraphIsRefusedAndOthersGoOn) {
    EXPECT_EQ(read("Version: 1\n\nno field\nPackage: a\n\n# a comment\nPackage: c\n"),
              (Texts{"!no Package field", "!not a control paragraph", "c=# a comment\nPackage: c\n"}));
}

TEST(Control, AParagraphOverTheBoundIsSkippedWhole) {
    std::string large = "Package: large\n";
    for (int i = 0; i < 20; ++i) large += " line of text\n";
    EXPECT_EQ(read(large + "\nPackage: ok\n", 64), (Texts{"!paragraph over 64 bytes", "ok=Package: ok\n"}));
    EXPECT_EQ(read("Package: a\n " + std::string(100, 'x') + "\nMore: 1\n\nPackage: ok\n", 64),
              (Texts{"!paragraph over 64 bytes", "ok=Package: ok\n"}));
}

TEST(Control, SaysWhereEachRecordEnds) {
    Lines lines(text_source("\nPackage: a\n\nPackage: b\n"), 4096);
    ControlParagraphs reader(lines);
    Found found = reader.next();
    EXPECT_EQ(found.line, 2u);
    EXPECT_EQ(found.end_offset, 13u);
    found = reader.next();
    EXPECT_EQ(found.line, 4u);
    EXPECT_EQ(found.end_offset, 24u);
}

}  // namespace
}  // namespace ashlar::cli::import
