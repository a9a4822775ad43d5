// Bytes as text and back.
#include "forms.h"

#include <gtest/gtest.h>

namespace ashlar::cli {
namespace {

std::string every_byte() {
    std::string out;
    for (int i = 0; i < 256; ++i) out.push_back(static_cast<char>(i));
    return out;
}

TEST(Forms, HexGoesThereAndBack) {
    EXPECT_EQ(to_hex(std::string_view("\x00\xff\x10", 3)), "00ff10");
    EXPECT_EQ(from_hex("00FF1a"), std::string("\x00\xff\x1a", 3));
    EXPECT_EQ(from_hex(to_hex(every_byte())), every_byte());
    EXPECT_EQ(from_hex(""), "");
    for (const char* bad : {"0", "0g", " 00", "0x00", "-1"}) EXPECT_FALSE(from_hex(bad)) << bad;
}

TEST(Forms, Base64HasTheVectorsOfItsStandard) {
    // RFC 4648 section 10.
    const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                           {"f", "Zg=="},
                                                           {"fo", "Zm8="},
                                                           {"foo", "Zm9v"},
                                                           {"foob", "Zm9vYg=="},
                                                           {"fooba", "Zm9vYmE="},
                                                           {"foobar", "Zm9vYmFy"}};
    for (const auto& [plain, coded] : vectors) {
        EXPECT_EQ(to_base64(plain), coded);
        EXPECT_EQ(from_base64(coded), plain);
    }
    EXPECT_EQ(from_base64(to_base64(every_byte())), every_byte());
}

TEST(Forms, Base64OfAnyOtherShapeIsRefused) {
    for (const char* bad : {"Z", "Zg", "Zg=", "Zg==Zg==", "Zm9v=", "====", "Zh==", "Zm9=", "Zm-v", "Zm v", "=m9v"}) {
        EXPECT_FALSE(from_base64(bad)) << bad;
    }
}

TEST(Forms, Utf8KnowsOverlongFormsSurrogatesAndEnds) {
    for (const char* good : {"", "plain", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80", "\xF4\x8F\xBF\xBF"}) {
        EXPECT_TRUE(is_utf8(good)) << good;
    }
    for (const char* bad : {"\x80", "\xC3", "\xC0\xAF", "\xE0\x80\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80",
                            "\xF5\x80\x80\x80", "\xE2\x82"}) {
        EXPECT_FALSE(is_utf8(bad)) << to_hex(bad);
    }
}

TEST(Forms, EscapedTextIsOneHarmlessLineAndComesBack) {
    EXPECT_EQ(escape("a\nb\t\\c"), "a\\nb\\t\\\\c");
    EXPECT_EQ(escape("\x1b[31m"), "\\x1b[31m");
    EXPECT_EQ(escape("\xC2\x9B"
                     "31m"),
              "\\xc2\\x9b31m")
        << "C1 control signs steer terminals too";
    EXPECT_EQ(escape("h\xC3\xA9"), "h\xC3\xA9");
    EXPECT_EQ(unescape(escape(every_byte())), every_byte());
    for (const char* bad : {"\\", "\\q", "\\x1", "\\xzz", "end\\x"}) EXPECT_FALSE(unescape(bad)) << bad;
}

TEST(Forms, PreviewCutsBetweenSigns) {
    EXPECT_EQ(preview("abc", 3), "abc");
    EXPECT_EQ(preview("abcd", 3), "abc...");
    EXPECT_EQ(preview("ab\xE2\x82\xAC", 4), "ab...");
    EXPECT_EQ(preview("\x80\x80\x80\x80\x80", 4), "\\x80...") << "bytes that are no text are cut anywhere";
}

TEST(Forms, TimesAreUtcWithMicroseconds) {
    EXPECT_EQ(utc_time(0), "1970-01-01T00:00:00.000000Z");
    EXPECT_EQ(utc_time(1709209800000001), "2024-02-29T12:30:00.000001Z");
    EXPECT_EQ(utc_time(-1), "1969-12-31T23:59:59.999999Z");
    EXPECT_FALSE(utc_time(std::numeric_limits<std::int64_t>::max()).empty());
}

TEST(Forms, NumbersForPeople) {
    EXPECT_EQ(grouped(0), "0");
    EXPECT_EQ(grouped(999), "999");
    EXPECT_EQ(grouped(1234567), "1,234,567");
    EXPECT_EQ(grouped(-1234), "-1,234");
    EXPECT_EQ(byte_size(512), "512 B");
    EXPECT_EQ(byte_size(1536), "1.5 KiB");
}

}  // namespace
}  // namespace ashlar::cli
