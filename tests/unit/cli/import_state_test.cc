// What an import remembers, and its account.
#include "state.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>

#include <gtest/gtest.h>

#include "input.h"
#include "pipeline.h"

namespace ashlar::cli::import {
namespace {

class Folder {
public:
    Folder() {
        char name[] = "/tmp/ashlar-cli-test.XXXXXX";
        path_ = mkdtemp(name);
    }
    ~Folder() {
        for (const char* name : {"/state", "/state.part", "/file"}) std::remove((path_ + name).c_str());
        std::remove(path_.c_str());
    }
    std::string operator/(const char* name) const { return path_ + "/" + name; }

private:
    std::string path_;
};

State example() {
    State out;
    out.identity = "file \"x\" size 7";
    out.offset = 5'000'000'000;
    out.line = 12;
    out.csv_header = "k,\xff\n";
    out.tally.stored = 10;
    out.tally.refuse("too large", "key \x01");
    out.tally.refuse("too large", "another");
    return out;
}

TEST(ImportState, ComesBackAsItWas) {
    auto back = state_from(state_text(example()));
    ASSERT_TRUE(back);
    EXPECT_EQ(back->identity, example().identity);
    EXPECT_EQ(back->offset, 5'000'000'000u);
    EXPECT_EQ(back->line, 12u);
    EXPECT_EQ(back->csv_header, "k,\xff\n");
    EXPECT_EQ(back->tally.stored, 10);
    EXPECT_EQ(back->tally.refused.at("too large").count, 2);
    EXPECT_EQ(back->tally.refused.at("too large").example, "key \x01");
}

TEST(ImportState, ADamagedOneIsNone) {
    std::string whole = state_text(example());
    for (std::size_t cut = 0; cut + 2 < whole.size(); ++cut) EXPECT_FALSE(state_from(whole.substr(0, cut))) << cut;
    EXPECT_FALSE(state_from("{\"ashlar_import\":2,\"offset\":1,\"line\":1,\"stored\":0}"));
    EXPECT_FALSE(state_from("{\"ashlar_import\":1,\"offset\":-1,\"line\":1,\"stored\":0}"));
}

TEST(ImportState, IsReplacedAsAWhole) {
    Folder folder;
    auto none = load_state(folder / "state");
    ASSERT_TRUE(none);
    EXPECT_FALSE(*none);
    State state = example();
    ASSERT_TRUE(save_state(folder / "state", state));
    state.offset = 9;
    ASSERT_TRUE(save_state(folder / "state", state));
    auto back = load_state(folder / "state");
    ASSERT_TRUE(back && *back);
    EXPECT_EQ((*back)->offset, 9u);
    EXPECT_FALSE(save_state(folder / "no/such/folder", state));
}

TEST(ImportInput, FormatByName) {
    EXPECT_EQ(guess_format("/var/lib/dpkg/status"), "control");
    EXPECT_EQ(guess_format("deb.debian.org_main_binary-amd64_Packages"), "control");
    EXPECT_EQ(guess_format("a/b.jsonl"), "json");
    EXPECT_EQ(guess_format("b.csv"), "csv");
    EXPECT_EQ(guess_format("dir.csv/file"), "");
    EXPECT_EQ(guess_format("-"), "");
}

TEST(ImportInput, AnotherFileIsAnotherIdentity) {
    Folder folder;
    std::ofstream(folder / "file") << "one";
    auto input = Input::open(folder / "file");
    ASSERT_TRUE(input);
    EXPECT_TRUE((*input)->regular());
    EXPECT_EQ((*input)->size(), 3u);
    auto first = (*input)->identity();
    std::ofstream(folder / "file") << "two";
    auto again = Input::open(folder / "file");
    ASSERT_TRUE(again && first);
    auto second = (*again)->identity();
    ASSERT_TRUE(second);
    EXPECT_NE(*first, *second);
    EXPECT_FALSE(Input::open(folder / "missing"));
    EXPECT_FALSE(Input::open("/tmp"));
}

TEST(ImportTally, ReasonsAreBounded) {
    Tally tally;
    for (int i = 0; i < 1000; ++i) tally.fail("reason " + std::to_string(i), "e");
    EXPECT_LE(tally.failed.size(), 51u);
    EXPECT_EQ(Tally::total(tally.failed), 1000);
    Tally sum;
    sum.merge(tally);
    sum.merge(tally);
    EXPECT_EQ(Tally::total(sum.failed), 2000);
    EXPECT_EQ(sum.records(), 2000);
}

TEST(ImportExpiry, IsRoundedUpAndNeverZero) {
    EXPECT_EQ(seconds_left(1'000'001, 0), 2);
    EXPECT_EQ(seconds_left(1'000'000, 0), 1);
    EXPECT_EQ(seconds_left(5, 10), 1);
}

}  // namespace
}  // namespace ashlar::cli::import
