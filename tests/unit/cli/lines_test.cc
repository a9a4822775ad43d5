// Lines: cut anywhere, bounded, counted.
#include "lines.h"

#include <cerrno>

#include <gtest/gtest.h>

#include "text_input.h"

namespace ashlar::cli::import {
namespace {

TEST(Lines, GiveTheBytesBackWhateverThePieces) {
    std::string text = "one\ntwo\r\n\n\nlast without end";
    for (std::size_t piece = 1; piece < 12; ++piece) {
        Lines lines(text_source(text, piece), 1000);
        std::string all;
        Line line;
        while (lines.next(line)) {
            all += line.text;
            EXPECT_EQ(line.end_offset, all.size());
            EXPECT_FALSE(line.too_long);
        }
        EXPECT_EQ(all, text);
        EXPECT_EQ(lines.number(), 6u) << "of the line that would follow";
        EXPECT_EQ(lines.offset(), text.size());
        EXPECT_TRUE(lines.trouble().empty());
    }
}

TEST(Lines, ContentIsWithoutTheLineEnd) {
    Lines lines(text_source("a\r\nb\n\r\n"), 100);
    Line line;
    ASSERT_TRUE(lines.next(line));
    EXPECT_EQ(line.content(), "a");
    ASSERT_TRUE(lines.next(line));
    EXPECT_EQ(line.content(), "b");
    ASSERT_TRUE(lines.next(line));
    EXPECT_EQ(line.content(), "");
    EXPECT_FALSE(lines.next(line));
}

TEST(Lines, ALineOverTheBoundIsSkippedToItsEnd) {
    Lines lines(text_source("12345678\n" + std::string(100'000, 'x') + "\nok\n", 1000), 8);
    Line line;
    ASSERT_TRUE(lines.next(line));
    EXPECT_TRUE(line.too_long) << "the line end counts";
    ASSERT_TRUE(lines.next(line));
    EXPECT_TRUE(line.too_long);
    EXPECT_LE(line.text.size(), 8u) << "memory stays under the bound";
    ASSERT_TRUE(lines.next(line));
    EXPECT_EQ(line.text, "ok\n");
    EXPECT_FALSE(line.too_long);
    EXPECT_EQ(line.number, 3u);
}

TEST(Lines, AFailingReadEndsThemWithAReason) {
    int calls = 0;
    Lines lines(
        [&](char* into, std::size_t) -> std::ptrdiff_t {
            if (calls++ == 0) {
                into[0] = 'a';
                return 1;
            }
            errno = EIO;
            return -1;
        },
        100);
    Line line;
    EXPECT_FALSE(lines.next(line)) << "half a line is not a line";
    EXPECT_FALSE(lines.trouble().empty());
}

TEST(Lines, GoOnInTheMiddle) {
    Lines lines(text_source("two\nthree\n"), 100, 4, 2);
    Line line;
    ASSERT_TRUE(lines.next(line));
    EXPECT_EQ(line.number, 2u);
    EXPECT_EQ(line.end_offset, 8u);
}

}  // namespace
}  // namespace ashlar::cli::import
