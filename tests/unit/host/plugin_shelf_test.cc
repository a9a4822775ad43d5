#include "host/plugin_shelf.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "host/manual.h"
#include "host/plugin_module.h"
#include "scratch.h"

namespace ashlar::host {
namespace {

using test::Scratch;

class Shelf : public ::testing::Test {
protected:
    void put(const std::string& oddity, const std::string& as = "replicator_odd.so") {
        std::string target = scratch_ / as;
        std::filesystem::copy_file(std::string(ODD_PLUGIN_DIRECTORY) + "/odd_" + oddity + ".so", target);
        ::chmod(target.c_str(), 0644);
    }
    /// Why the only module is refused, or "" if it is not.
    std::string refusal() {
        auto shelf = PluginShelf::open(scratch_.path());
        if (!shelf || shelf->items().size() != 1) return "not one item";
        EXPECT_EQ(shelf->items()[0].descriptor == nullptr, !shelf->items()[0].refusal.empty());
        auto found = shelf->find(shelf->items()[0].kind, shelf->items()[0].name);
        EXPECT_EQ(found.has_value(), shelf->items()[0].refusal.empty());
        return shelf->items()[0].refusal;
    }
    Scratch scratch_;
};

bool says(const std::string& text, const std::string& words) {
    return text.find(words) != std::string::npos;
}

TEST_F(Shelf, TakesAModuleThatFits) {
    put("nothing");
    EXPECT_EQ(refusal(), "");
    auto shelf = PluginShelf::open(scratch_.path());
    EXPECT_EQ(shelf->names(PluginKind::replicator), std::vector<std::string>{"odd"});
    ConfigSchema schema = shelf->with_plugins(kernel_schema());
    EXPECT_TRUE(says(manual(schema), "replicator.odd.spread"));
    EXPECT_TRUE(says(default_config(schema), "\n  odd:\n"));
}

TEST_F(Shelf, NamesEveryMismatchWithBothValues) {
    put("contract");
    std::string why = refusal();
    EXPECT_TRUE(says(why, scratch_ / "replicator_odd.so")) << why;
    EXPECT_TRUE(says(
        why, std::string("contract: the module has 0123456789abcdef, this ashlard needs ") + fingerprint::replicator))
        << why;
    EXPECT_TRUE(
        says(why, std::string("compiler: the module has gcc 2 libg++, this ashlard needs ") + fingerprint::compiler))
        << why;
}

TEST_F(Shelf, RefusesOtherLayoutsBeforeReadingThem) {
    put("layout");
    EXPECT_TRUE(says(refusal(), "layout: the module has 2, this ashlard needs 1"));
}

TEST_F(Shelf, RefusesAnotherMagic) {
    put("magic");
    EXPECT_TRUE(says(refusal(), "magic: the module has 1122334455667788, this ashlard needs "));
}

TEST_F(Shelf, RefusesASymbolThatIsTooSmall) {
    put("small");
    EXPECT_TRUE(says(refusal(), "size of the symbol: the module has 4 bytes")) << refusal();
}

TEST_F(Shelf, RefusesAModuleWithoutTheSymbol) {
    put("symbol");
    EXPECT_TRUE(says(refusal(), "does not export ashlar_plugin"));
}

TEST_F(Shelf, RefusesAnotherKindThanTheFileName) {
    put("kind");
    EXPECT_TRUE(says(refusal(), "kind: the module has storage_engine, this ashlard needs replicator"));
}

TEST_F(Shelf, RefusesAnotherNameThanTheFileName) {
    put("nothing", "replicator_even.so");
    EXPECT_TRUE(says(refusal(), "name: the module has odd, this ashlard needs even"));
}

TEST_F(Shelf, RefusesADefaultOutOfRange) {
    put("setting");
    EXPECT_TRUE(says(refusal(), "default of setting bad: '30' is out of range: 1 to 7"));
}

TEST_F(Shelf, RefusesAMissingFunction) {
    put("create");
    EXPECT_TRUE(says(refusal(), "create: missing"));
}

TEST_F(Shelf, KeepsTheLoadersOwnWordsForGarbage) {
    std::ofstream(scratch_ / "replicator_odd.so")
        << "this is no shared library, whatever its name says, and it is long enough";
    EXPECT_TRUE(says(refusal(), "invalid ELF header")) << refusal();
}

TEST_F(Shelf, RefusesWhatOthersMayChange) {
    put("nothing");
    ::chmod((scratch_ / "replicator_odd.so").c_str(), 0664);
    EXPECT_TRUE(says(refusal(), "may be changed by its group"));
    ::chmod((scratch_ / "replicator_odd.so").c_str(), 0644);
    ::chmod(scratch_.path().c_str(), 0777);
    auto shelf = PluginShelf::open(scratch_.path());
    ASSERT_FALSE(shelf.has_value());
    EXPECT_EQ(shelf.error().code, Code::not_authorized);
    EXPECT_TRUE(says(shelf.error().detail, "may be changed by anybody"));
}

TEST_F(Shelf, RefusesALinkInPlaceOfAModule) {
    put("nothing", "replicator_real.so");
    std::filesystem::create_symlink(scratch_ / "replicator_real.so", scratch_ / "replicator_odd.so");
    auto shelf = PluginShelf::open(scratch_.path());
    EXPECT_TRUE(says(shelf->find(PluginKind::replicator, "odd").error().detail, "is not a plain file"));
}

TEST_F(Shelf, MissingPluginsSayWhatThereIs) {
    put("nothing");
    std::ofstream(scratch_ / "README") << "not a module";
    auto shelf = PluginShelf::open(scratch_.path());
    auto none = shelf->find(PluginKind::replicator, "even");
    ASSERT_FALSE(none.has_value());
    EXPECT_EQ(none.error().code, Code::not_found);
    EXPECT_TRUE(says(none.error().detail, "no replicator 'even' in " + scratch_.path() + "; there is odd"))
        << none.error().detail;
    EXPECT_TRUE(says(shelf->find(PluginKind::partitioner, "x").error().detail, "there is none"));
}

TEST_F(Shelf, DirectoryMustBeAbsoluteAndThere) {
    EXPECT_EQ(PluginShelf::open("plugins").error().code, Code::invalid_request);
    EXPECT_EQ(PluginShelf::open("").error().code, Code::invalid_request);
    EXPECT_EQ(PluginShelf::open(scratch_ / "none").error().code, Code::not_found);
}

}  // namespace
}  // namespace ashlar::host
