// The parts of a command line: endpoints, times, levels, tables.
#include <gtest/gtest.h>

#include <optional>

#include "argument_forms.h"
#include "ashlar_constants.h"
#include "duration.h"
#include "endpoint.h"

namespace ashlar::cli {
namespace {

TEST(Endpoints, ReadsHostsNamesAndVersionSix) {
    auto all = parse_endpoints("127.0.0.1:7000,[::1]:7001,node", 7311);
    ASSERT_TRUE(all);
    EXPECT_EQ(*all, (std::vector<Endpoint>{{"127.0.0.1", 7000}, {"::1", 7001}, {"node", 7311}}));
    EXPECT_EQ((*all)[1].text(), "[::1]:7001");
}

TEST(Endpoints, RefusesWhatIsUnclear) {
    for (const char* bad :
         {"", ",", "a,", ":7000", "a:", "a:0", "a:65536", "a:7x", "::1", "[::1", "[::1]x", "[]:1", "[::1]:"}) {
        auto read = parse_endpoints(bad, 7311);
        ASSERT_FALSE(read) << bad;
        EXPECT_EQ(read.failure().exit, Exit::usage);
    }
}

TEST(Durations, HaveUnitsAndBounds) {
    EXPECT_EQ(parse_milliseconds("250"), 250);
    EXPECT_EQ(parse_milliseconds("2s"), 2000);
    EXPECT_EQ(parse_seconds("90"), 90);
    EXPECT_EQ(parse_seconds("7d"), 7 * 86'400);
    EXPECT_EQ(parse_seconds("2000ms"), 2);
    EXPECT_FALSE(parse_seconds("1500ms")) << "a part of a second would be lost";
    for (const char* bad : {"", "s", "-1", "1.5s", "1 s", "1w", "99999999999999999999", "9223372036854775807d"}) {
        EXPECT_FALSE(parse_milliseconds(bad)) << bad;
    }
}

TEST(Options, LevelByNameOrNumber) {
    const auto& is = thrift::g_ashlar_constants;
    for (const char* name :
         {"one", "two", "three", "quorum", "all", "local_one", "local_quorum", "each_quorum", "any"}) {
        auto level = level_of(name);
        ASSERT_TRUE(level) << name;
        EXPECT_EQ(level_name(*level, 0), name);
    }
    EXPECT_EQ(level_of("quorum"), is.LEVEL_QUORUM);
    EXPECT_EQ(level_of("any"), is.LEVEL_ANY);
    EXPECT_EQ(level_of("one"), is.LEVEL_ONE);
    EXPECT_FALSE(level_of("most"));
    EXPECT_FALSE(level_of(""));
    thrift::RequestOptions out;
    EXPECT_FALSE(finish_consistency({"2", "", 0, false}, out));
    EXPECT_EQ(out.consistency.level, is.LEVEL_COUNT);
    EXPECT_EQ(out.consistency.replicas, 2);
}

TEST(Options, NothingAskedLeavesTheTableItsDefaults) {
    thrift::RequestOptions out;
    EXPECT_FALSE(finish_consistency({}, out));
    EXPECT_FALSE(out.__isset.consistency);
    EXPECT_FALSE(out.__isset.sync);
}

TEST(Options, ContradictionsAreUsageErrors) {
    thrift::RequestOptions out;
    EXPECT_TRUE(finish_consistency({"quorum", "", 2, false}, out));
    EXPECT_TRUE(finish_consistency({"most", "", 0, false}, out));
    EXPECT_TRUE(finish_consistency({"", "sometimes", 0, false}, out));
    EXPECT_TRUE(finish_consistency({"", "", -1, false}, out));
    std::string context;
    EXPECT_TRUE(finish_context("not base64!", context));
}

TEST(Puts, TakeExactlyOneValueAndOneCondition) {
    auto typed = [](std::optional<std::string> value, const char* file, bool standard_input) {
        TypedPut out;
        out.value = std::move(value);
        out.file = file;
        out.standard_input = standard_input;
        return out;
    };
    Put put;
    EXPECT_FALSE(finish_put(typed("", "", false), put)) << "an empty value is a value";
    EXPECT_EQ(put.value.kind, Source::Kind::argument);
    EXPECT_EQ(put.when, Put::When::overwrite);
    EXPECT_FALSE(finish_put(typed("-", "", false), put));
    EXPECT_EQ(put.value.kind, Source::Kind::standard_input);
    EXPECT_FALSE(finish_put(typed({}, "name", false), put));
    EXPECT_EQ(put.value.kind, Source::Kind::file);
    EXPECT_TRUE(finish_put(typed({}, "", false), put));
    EXPECT_TRUE(finish_put(typed("v", "name", false), put));
    EXPECT_TRUE(finish_put(typed("v", "", true), put));
    TypedPut both = typed("v", "", false);
    both.blind = both.if_absent = true;
    EXPECT_TRUE(finish_put(both, put));
    TypedPut absent = typed("v", "", false);
    absent.if_absent = true;
    Put conditional;
    EXPECT_FALSE(finish_put(absent, conditional));
    EXPECT_EQ(conditional.when, Put::When::if_context);
    EXPECT_EQ(conditional.context, "");
}

TEST(Common, EndpointsAndTimeoutAreChecked) {
    Common out;
    TypedCommon typed;
    EXPECT_FALSE(finish_common(typed, out));
    EXPECT_EQ(out.clients.endpoints, (std::vector<Endpoint>{{"127.0.0.1", 7311}}));
    EXPECT_EQ(out.admin.endpoints, (std::vector<Endpoint>{{"127.0.0.1", 7312}}));
    typed.timeout = "2s";
    EXPECT_FALSE(finish_common(typed, out));
    EXPECT_EQ(out.clients.timeout_ms, 2000);
    for (const char* bad : {"0", "2d", "soon"}) {
        typed.timeout = bad;
        EXPECT_TRUE(finish_common(typed, out)) << bad;
    }
}

TEST(Tables, ReplicasAreANumberOrPerDataCentre) {
    thrift::CreateTableRequest out;
    EXPECT_FALSE(finish_table({"t", "east=3,west=2", "", "", "1d", "one", "quorum"}, out));
    ASSERT_EQ(out.per_datacentre.size(), 2u);
    EXPECT_EQ(out.per_datacentre[1].datacentre, "west");
    EXPECT_EQ(out.per_datacentre[1].replicas, 2);
    EXPECT_EQ(out.ttl_s, 86'400);
    EXPECT_EQ(out.write_consistency.level, thrift::g_ashlar_constants.LEVEL_QUORUM);
    for (const char* bad : {"x", "east", "east=", "=3", "east=3;west=2"}) {
        thrift::CreateTableRequest unused;
        EXPECT_TRUE(finish_table({"t", bad, "", "", "", "", ""}, unused)) << bad;
    }
}

TEST(Imports, DelimiterAndFormatAreChecked) {
    Import import;
    import.file = "x.tsv";
    EXPECT_FALSE(finish_import(import, "", ""));
    EXPECT_EQ(import.delimiter, '\t');
    EXPECT_FALSE(finish_import(import, ";", ""));
    EXPECT_EQ(import.delimiter, ';');
    EXPECT_TRUE(finish_import(import, "\"", ""));
    EXPECT_TRUE(finish_import(import, "ab", ""));
    import.format = "xml";
    EXPECT_TRUE(finish_import(import, "", ""));
}

TEST(Ranges, AreTwoTokensOfWhichEitherMayBeLeftOut) {
    auto read = [](const char* range) {
        TypedRepair typed;
        typed.range = range;
        Repair out;
        return finish_repair(typed, out) ? std::optional<Repair>() : std::optional(out);
    };
    auto both = read("00000000000000ff..0FFFFFFFFFFFFFFF");
    ASSERT_TRUE(both);
    EXPECT_EQ(both->request.first, "00000000000000ff");
    EXPECT_EQ(both->request.last, "0FFFFFFFFFFFFFFF");
    auto from = read("00000000000000ff..");
    ASSERT_TRUE(from);
    EXPECT_FALSE(from->request.__isset.last);
    auto to = read("..00000000000000ff");
    ASSERT_TRUE(to);
    EXPECT_FALSE(to->request.__isset.first);
    for (const char* bad : {"ff..", "..ff", "00000000000000ff", "00000000000000ff-00000000000000ff", "x..y",
                            "00000000000000fg..", "00000000000000ff...00000000000000ff"})
        EXPECT_FALSE(read(bad)) << bad;
}

}  // namespace
}  // namespace ashlar::cli
