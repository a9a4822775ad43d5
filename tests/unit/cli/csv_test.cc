// CSV: RFC 4180 and the columns.
#include "csv.h"

#include <gtest/gtest.h>

#include "text_input.h"

namespace ashlar::cli::import {
namespace {

Texts read_csv(const std::string& text, CsvColumns columns = {}, std::size_t bound = 4096) {
    Lines lines(text_source(text), bound);
    CsvRows reader(lines, std::move(columns));
    if (auto flaw = reader.open()) return {"?" + *flaw};
    return all_found(reader);
}

TEST(Csv, CutsRowsAsRfc4180Has) {
    using Fields = std::vector<std::string>;
    EXPECT_EQ(cut_row("a,b,c", ','), (Fields{"a", "b", "c"}));
    EXPECT_EQ(cut_row("", ','), (Fields{""}));
    EXPECT_EQ(cut_row(",", ','), (Fields{"", ""}));
    EXPECT_EQ(cut_row("\"a,b\",\"c\"\"d\",\"\"", ','), (Fields{"a,b", "c\"d", ""}));
    EXPECT_EQ(cut_row("\"two\r\nlines\",x", ','), (Fields{"two\r\nlines", "x"}));
    EXPECT_EQ(cut_row(" a ;b", ';'), (Fields{" a ", "b"})) << "blanks are part of a field";
    for (const char* bad : {"\"a", "\"a\"b", "a\"b", "\"a\" ,b", "\"a\"\""}) EXPECT_FALSE(cut_row(bad, ',')) << bad;
}

TEST(Csv, KeyAndValueColumnsAreTakenByName) {
    EXPECT_EQ(read_csv("key,value\r\na,1\r\nb,\"x,y\"\r\n"), (Texts{"a=1", "b=x,y"}));
    EXPECT_EQ(read_csv("value,key\n1,a\n"), (Texts{"a=1"}));
    EXPECT_EQ(read_csv("id,name,note\n7,\"Ann \"\"A\"\"\",\n"),
              (Texts{"7={\"id\":\"7\",\"name\":\"Ann \\\"A\\\"\",\"note\":\"\"}"}));
    EXPECT_EQ(read_csv("id;name\n7;Ann\n", {"name", "id", ';'}), (Texts{"Ann=7"}));
}

TEST(Csv, QuotedFieldsSpanLines) {
    EXPECT_EQ(read_csv("key,value\na,\"one\n\ntwo\"\nb,2"), (Texts{"a=one\n\ntwo", "b=2"}));
}

TEST(Csv, ColumnsThatAreNotThereAreNamed) {
    EXPECT_EQ(read_csv("a,b\n1,2\n", {"c", "", ','}), (Texts{"?the CSV file has no column c; its columns are: a, b"}));
    EXPECT_EQ(read_csv("a,b\n1,2\n", {"a", "v", ','}), (Texts{"?the CSV file has no column v; its columns are: a, b"}));
    EXPECT_EQ(read_csv("a,a\n"), (Texts{"?the CSV header names column a twice"}));
    EXPECT_EQ(read_csv(""), (Texts{"?the CSV file is empty: it needs a header line"}));
}

TEST(Csv, BadRowsAreRefusedAndOthersGoOn) {
    EXPECT_EQ(read_csv("key,value\na\na,1,2\na,b\"c\"\nok,1\n"),
              (Texts{"!row with another number of fields than the header",
                     "!row with another number of fields than the header", "!row with broken quotes", "ok=1"}));
    EXPECT_EQ(read_csv("id,x\na,\xff\n"), (Texts{"!row that is not UTF-8 (store one column with --value-column)"}));
    EXPECT_EQ(read_csv("id,x\na,\xff\n", {"", "x", ','}), (Texts{"a=\xff"})) << "a single column keeps its bytes";
}

TEST(Csv, AnOpenQuoteCostsOnlyTheBound) {
    std::string text = "key,value\na,\"never closed\n";
    for (int i = 0; i < 20; ++i) text += "b,2\n";
    EXPECT_EQ(read_csv(text, {}, 32).front(), "!row over 32 bytes");
    EXPECT_EQ(read_csv(text, {}, 32).back(), "b=2");
    EXPECT_EQ(read_csv("key,value\na,\"never closed\n"), (Texts{"!row with broken quotes"}));
}

TEST(Csv, GoesOnInTheMiddleWithTheHeaderOfTheStart) {
    Lines lines(text_source("b,2\n"), 4096, 14, 3);
    CsvRows reader(lines, {});
    ASSERT_FALSE(reader.open("key,value\n"));
    EXPECT_EQ(all_found(reader), (Texts{"b=2"}));
}

}  // namespace
}  // namespace ashlar::cli::import
