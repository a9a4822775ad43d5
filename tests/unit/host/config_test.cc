#include "host/config.h"

#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <fstream>

#include "host/config_sources.h"
#include "host/manual.h"
#include "host/setting_value.h"
#include "scratch.h"

namespace ashlar::host {
namespace {

using test::Scratch;

Result<Config> configured(const std::string& text) {
    auto written = read_config_text(text, "a.yaml");
    if (!written) return written.error();
    return Config::make(kernel_schema(), *written);
}

std::string mistake(const std::string& text) {
    auto config = configured(text);
    return config ? "" : config.error().detail;
}

TEST(Config, DefaultsStandWithTheirOrigin) {
    auto config = configured("");
    ASSERT_TRUE(config.has_value()) << config.error().detail;
    EXPECT_EQ(config->section("limits").integer("entry_bytes"), 10 * 1024);
    EXPECT_EQ(config->section("sync").duration("interval"), seconds(1));
    EXPECT_EQ(config->section("listen").text("clients"), "127.0.0.1:7311");
    EXPECT_EQ(config->entry("sync.mode").origin, "default");
}

TEST(Config, ReadsSectionsDottedNamesAndLists) {
    auto config = configured(
        "limits:\n  entry_bytes: 64 KiB\nsync.mode: never\nconflict_resolver:\n  load: [a, b]\n  use: 'a'\nnode:\n");
    ASSERT_TRUE(config.has_value()) << config.error().detail;
    EXPECT_EQ(config->section("limits").integer("entry_bytes"), 65536);
    EXPECT_EQ(config->section("sync").text("mode"), "never");
    EXPECT_EQ(config->section("conflict_resolver").text("load"), "a,b");
    EXPECT_EQ(config->entry("limits.entry_bytes").origin, "a.yaml:2");
    EXPECT_EQ(config->entry("limits.entry_bytes").text, "64 KiB");
}

/// Whether the window covers that minute of an ordinary day.
bool covers(const std::string& window, int hour, int minute) {
    auto parsed = parse_window(window);
    EXPECT_TRUE(parsed.has_value()) << window;
    constexpr std::int64_t some_day = 20'000;
    return parsed && parsed->covers(WallTime{((some_day * 24 + hour) * 60 + minute) * 60'000'000});
}

TEST(DayWindow, CoversItsHoursAlsoOverMidnight) {
    EXPECT_TRUE(covers("", 3, 0) && covers("00:00-24:00", 23, 59));
    EXPECT_TRUE(covers("22:00-06:00", 22, 0) && covers("22:00-06:00", 0, 0) && covers("22:00-06:00", 5, 59));
    EXPECT_FALSE(covers("22:00-06:00", 6, 0) || covers("22:00-06:00", 21, 59));
    EXPECT_TRUE(covers("01:30-02:00", 1, 30) && covers("22:00-24:00", 23, 59));
    EXPECT_FALSE(covers("01:30-02:00", 2, 0) || covers("01:30-02:00", 1, 29) || covers("22:00-24:00", 0, 0));
}

TEST(DayWindow, RefusesWhatCouldMeanSomethingElse) {
    for (const char* text : {"22-06", "22:00", "22:00-", "24:01-06:00", "22:60-06:00", "6:00-07:00", "22:00 06:00",
                             "22:00-06:00 ", "-2:00-06:00", "05:00-05:00", "24:00-00:00"})
        EXPECT_FALSE(parse_window(text).has_value()) << text;
}

TEST(Config, MistakesSayFileAndLine) {
    EXPECT_EQ(mistake("sync:\n  mood: always\n"), "a.yaml:2: unknown setting sync.mood (did you mean sync.mode?)");
    EXPECT_EQ(mistake("colour: red\n"), "a.yaml:1: unknown setting colour (ashlard --explain lists all)");
    EXPECT_EQ(mistake("sync:\n  mode: sometimes\n"),
              "a.yaml:2: sync.mode: 'sometimes' is not one of always, interval, never");
    EXPECT_EQ(mistake("\nlimits:\n  entry_bytes: 9 GiB\n"),
              "a.yaml:3: limits.entry_bytes: '9 GiB' is out of range: 64 to 4 MiB");
    EXPECT_EQ(mistake("limits:\n  entry_bytes: ten\n  batch_items: x\n"),
              "a.yaml:2: limits.entry_bytes: 'ten' is not a number of bytes (write 4096, 4 KiB, 4 MiB or 4 GiB)\n"
              "a.yaml:3: limits.batch_items: 'x' is not a whole number");
    EXPECT_EQ(mistake("sync: always\n"), "a.yaml:1: sync is a section, not a setting");
    EXPECT_EQ(mistake("sync:\n  mode:\n"), "a.yaml:2: sync.mode has no value (write \"\" for an empty text)");
    EXPECT_EQ(mistake("sync:\n  mode: never\n  mode: always\n"), "a.yaml:3: sync.mode is set already in line 2");
    EXPECT_EQ(mistake("node:\n  name: &a x\n  rack: *a\n"), "a.yaml:2: anchors and aliases are not used here");
    EXPECT_EQ(mistake("just text\n"), "a.yaml:1: settings are expected, as 'section:' and below it 'name: value'");
    EXPECT_EQ(mistake("a: b\n---\nc: d\n"), "a.yaml:1: holds more than one document");
    EXPECT_EQ(mistake("node:\n  name: x\n bad indent\n").substr(0, 9), "a.yaml:3:");
    EXPECT_EQ(mistake("node:\n  name: \"a\\x01b\"\n"),
              "a.yaml:2: node.name: 'a\x01"
              "b' holds control characters");
}

TEST(Config, HostileTextIsBounded) {
    std::string deep;
    for (int i = 0; i < 100; ++i) deep += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
    EXPECT_NE(mistake(deep).find("nested too deep"), std::string::npos) << mistake(deep);
    EXPECT_NE(mistake(std::string(config_bytes_max + 1, '#')).find("at most"), std::string::npos);
    EXPECT_NE(mistake(std::string(1000, 'x') + ": 1\n").find("too long"), std::string::npos);
    std::string many;
    for (std::size_t i = 0; i <= config_settings_max; ++i) many += "k" + std::to_string(i) + ": 1\n";
    EXPECT_NE(mistake(many).find("too many settings"), std::string::npos);
}

TEST(Config, LaterSourcesWin) {
    Scratch scratch;
    std::filesystem::create_directory(scratch / "conf.d");
    std::ofstream(scratch / "main.yaml") << "node:\n  name: one\n  rack: one\n  datacentre: one\n  capacity: 1\n";
    std::ofstream(scratch / "conf.d/20-b.yaml") << "node.name: three\n";
    std::ofstream(scratch / "conf.d/10-a.yaml") << "node: {name: two, rack: two, datacentre: two}\n";
    std::ofstream(scratch / "conf.d/ignored.txt") << "nonsense";
    auto written = read_config_files(scratch / "main.yaml");
    ASSERT_TRUE(written.has_value()) << written.error().detail;
    ConfigSources sources;
    sources.environment = {{"ASHLAR_NODE_DATACENTRE", "four"}, {"ASHLAR_ENDPOINTS", "not ours"}};
    sources.command_line = {"node.capacity=5"};
    add_environment(sources, kernel_schema(), *written);
    ASSERT_TRUE(add_command_line(sources, *written).has_value());
    auto config = Config::make(kernel_schema(), *written);
    ASSERT_TRUE(config.has_value()) << config.error().detail;
    EXPECT_EQ(config->entry("node.name").text, "three");
    EXPECT_EQ(config->entry("node.name").origin, scratch / "conf.d/20-b.yaml:1");
    EXPECT_EQ(config->entry("node.rack").text, "two");
    EXPECT_EQ(config->entry("node.datacentre").text, "four");
    EXPECT_EQ(config->entry("node.datacentre").origin, "environment ASHLAR_NODE_DATACENTRE");
    EXPECT_EQ(config->entry("node.capacity").text, "5");
    EXPECT_EQ(config->entry("node.capacity").origin, "command line");
    EXPECT_EQ(effective_text(*written, kernel_schema(), "node.rack"), "two");
    EXPECT_EQ(effective_text(*written, kernel_schema(), "sync.mode"), "always");
}

TEST(Config, EarlierMistakesCountEvenWhenOverridden) {
    auto written = read_config_text("node:\n  capacity: x\n", "a.yaml");
    written->push_back(WrittenSetting{"node.capacity", "1", "command line", false});
    EXPECT_FALSE(Config::make(kernel_schema(), *written).has_value());
}

TEST(Config, MissingFileAndBadFlagAreRefused) {
    EXPECT_EQ(read_config_files("/nonexistent.yaml").error().detail, "/nonexistent.yaml: cannot be read");
    ConfigSources sources;
    sources.command_line = {"node.name"};
    std::vector<WrittenSetting> written;
    EXPECT_FALSE(add_command_line(sources, written).has_value());
}

TEST(Config, PrintedDefaultsReadBackAsTheDefaults) {
    auto written = read_config_text(default_config(kernel_schema()), "printed");
    ASSERT_TRUE(written.has_value()) << written.error().detail;
    auto config = Config::make(kernel_schema(), *written);
    ASSERT_TRUE(config.has_value()) << config.error().detail;
    auto plain = configured("");
    ASSERT_EQ(config->entries().size(), plain->entries().size());
    EXPECT_EQ(written->size(), plain->entries().size()) << "every setting is visible";
    for (std::size_t i = 0; i < plain->entries().size(); ++i)
        EXPECT_EQ(config->entries()[i].text, plain->entries()[i].text);
}

TEST(SettingValue, UnitsAndBounds) {
    SettingSpec bytes{"b", SettingType::bytes, "1", 0, 1LL << 40, nullptr, ""};
    EXPECT_EQ(parse_setting(bytes, "3 MiB")->number, 3 << 20);
    EXPECT_EQ(parse_setting(bytes, "3MiB")->number, 3 << 20);
    EXPECT_EQ(parse_setting(bytes, "17")->number, 17);
    for (const char* bad :
         {"", "3 MB", "3 mib", "-", "1.5 MiB", "3 MiB ", " 3", "99999999999999999999", "9999999999 GiB", "-1"})
        EXPECT_FALSE(parse_setting(bytes, bad).has_value()) << bad;
    SettingSpec time{"t", SettingType::duration, "1 s", 0, 1LL << 60, nullptr, ""};
    EXPECT_EQ(parse_setting(time, "2 min")->number, 120'000'000);
    EXPECT_EQ(parse_setting(time, "1 d")->number, 86'400'000'000);
    EXPECT_EQ(parse_setting(time, "0")->number, 0);
    for (const char* bad : {"5", "5 sec", "s", "106751992 d"})
        EXPECT_FALSE(parse_setting(time, bad).has_value()) << bad;
    SettingSpec truth{"t", SettingType::boolean, "true", 0, 0, nullptr, ""};
    EXPECT_EQ(parse_setting(truth, "true")->number, 1);
    EXPECT_EQ(parse_setting(truth, "false")->number, 0);
    EXPECT_FALSE(parse_setting(truth, "yes").has_value());
}

}  // namespace
}  // namespace ashlar::host
