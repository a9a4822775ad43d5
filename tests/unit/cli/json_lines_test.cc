// JSON lines: the form of export, whole objects, and everything that is neither.
#include "json_lines.h"

#include <gtest/gtest.h>

#include "text_input.h"

namespace ashlar::cli::import {
namespace {

Texts read_json(const std::string& text, const std::string& key_field = "", std::size_t bound = 4096) {
    Lines lines(text_source(text), bound);
    JsonLines reader(lines, key_field);
    return all_found(reader);
}

TEST(JsonLines, ReadsWhatExportWrites) {
    EXPECT_EQ(read_json("{\"key\":\"a\",\"value\":\"1\"}\n\n  {\"key_base64\":\"/w==\",\"value_base64\":\"AAE=\"}  \r\n"),
              (Texts{"a=1", std::string("\xff=\0\x01", 4)}));
    EXPECT_EQ(read_json("\xEF\xBB\xBF{\"key\":\"a\",\"value\":\"\"}"), (Texts{"a="}));
}

TEST(JsonLines, SiblingsAndExpiryComeAlong) {
    Lines lines(text_source(R"({"key":"k","siblings":[{"value":"x","dot":"d"},{"value":"y","expires_us":5}]})"), 4096);
    JsonLines reader(lines, "");
    Found found = reader.next();
    ASSERT_EQ(found.kind, Found::Kind::record);
    ASSERT_EQ(found.record.values.size(), 2u);
    EXPECT_EQ(found.record.values[0].bytes, "x");
    EXPECT_FALSE(found.record.values[0].expires_us);
    EXPECT_EQ(found.record.values[1].expires_us, 5);
}

TEST(JsonLines, WholeObjectsAreStoredByteForByte) {
    EXPECT_EQ(read_json(" {\"id\": 7,  \"price\": 1.50, \"x\":1e3}\n{\"id\":\"b\"}\n", "id"),
              (Texts{"7={\"id\": 7,  \"price\": 1.50, \"x\":1e3}", "b={\"id\":\"b\"}"}));
    EXPECT_EQ(read_json("{\"id\": 18446744073709551615}\n", "id"),
              (Texts{"18446744073709551615={\"id\": 18446744073709551615}"}));
}

TEST(JsonLines, RefusesWithAReasonAndGoesOn) {
    EXPECT_EQ(read_json("nonsense\n[1]\n{\"value\":\"1\"}\n{\"key\":\"a\"}\n{\"key\":\"a\",\"value_base64\":\"?\"}\n{"
                   "\"key\":\"ok\",\"value\":\"1\"}\n"),
              (Texts{"!not valid JSON", "!not a JSON object", "!no key", "!no value", "!value_base64 is not base64",
                     "ok=1"}));
    EXPECT_EQ(read_json("{\"key\":\"a\",\"value\":1.5}\n")[0].substr(0, 23), "!value is not a string ");
    EXPECT_EQ(read_json("{\"key\":\"a\",\"siblings\":[]}\n"), (Texts{"!siblings is not a list of values"}));
    EXPECT_EQ(read_json("{\"a\":1}\n{\"id\":1.5}\n", "id"),
              (Texts{"!no member id", "!member id is neither a string nor a whole number"}));
}

TEST(JsonLines, HostileLinesAreBounded) {
    EXPECT_EQ(read_json(std::string(100'000, '[') + "\n{\"key\":\"ok\",\"value\":\"1\"}\n", "", 1'000'000),
              (Texts{"!not valid JSON", "ok=1"}));
    EXPECT_EQ(read_json("{\"key\":\"" + std::string(5000, 'x') + "\",\"value\":\"1\"}\n{\"key\":\"ok\",\"value\":\"1\"}\n"),
              (Texts{"!line over 4096 bytes", "ok=1"}));
    EXPECT_EQ(read_json("{\"key\":\"\xff\",\"value\":\"1\"}\n"), (Texts{"!not valid JSON"}));
}

TEST(JsonLines, SaysWhereEachRecordEnds) {
    Lines lines(text_source("\n{\"key\":\"a\",\"value\":\"1\"}\n{"), 4096);
    JsonLines reader(lines, "");
    Found found = reader.next();
    EXPECT_EQ(found.line, 2u);
    EXPECT_EQ(found.end_offset, 25u);
    found = reader.next();
    EXPECT_EQ(found.kind, Found::Kind::refused);
    EXPECT_EQ(found.end_offset, 26u);
    EXPECT_EQ(reader.next().kind, Found::Kind::end);
}

}  // namespace
}  // namespace ashlar::cli::import
