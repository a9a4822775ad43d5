// A playground's command line and its layout: what is asked for, and which nodes come of it.
#include <gtest/gtest.h>

#include "argument_forms.h"
#include "layout.h"

namespace ashlar::cli {
namespace {

TypedPlayground typed(int nodes, int datacentres) {
    TypedPlayground out;
    out.nodes = nodes;
    out.datacentres = datacentres;
    return out;
}

play::Layout laid(const Playground& wanted) {
    std::uint16_t port = 20'000;
    return play::lay_out(wanted, "/room", "/bin/ashlard", [&] { return port++; });
}

TEST(PlaygroundArguments, DefaultsAreThreeNodesInOneDataCentre) {
    Playground out;
    EXPECT_FALSE(finish_playground({}, out));
    EXPECT_EQ(out.nodes, 3);
    EXPECT_EQ(out.datacentres, 1);
    EXPECT_TRUE(out.addresses.empty());
}

TEST(PlaygroundArguments, NumbersHaveBounds) {
    Playground out;
    EXPECT_FALSE(finish_playground(typed(8, 4), out));
    for (auto [nodes, datacentres] : {std::pair{0, 1}, {1, 0}, {-1, 1}, {33, 1}, {1, 33}, {9, 4}, {2'000'000'000, 2}}) {
        EXPECT_TRUE(finish_playground(typed(nodes, datacentres), out)) << nodes << " x " << datacentres;
    }
}

TEST(PlaygroundArguments, OneAddressForEachNode) {
    TypedPlayground given = typed(2, 1);
    for (const char* bad : {"10.0.0.1", "10.0.0.1,10.0.0.1", "10.0.0.1,,10.0.0.2", "10.0.0.1,10.0.0.2,10.0.0.3"}) {
        given.addresses = bad;
        Playground unused;
        EXPECT_TRUE(finish_playground(given, unused)) << bad;
    }
    given.addresses = "10.0.0.1,10.0.0.2";
    Playground out;
    ASSERT_FALSE(finish_playground(given, out));
    EXPECT_EQ(laid(out).nodes[1].background, (Endpoint{"10.0.0.2", 7314}));
}

TEST(PlaygroundArguments, SettingsHaveNamesAndTheLayoutsOwnAreRefused) {
    TypedPlayground given;
    for (const char* bad : {"", "sync", "sync.mode", "=x", "sync.=x", ".mode=x", "x=a.b", "node.name=x",
                            "listen.clients=127.0.0.1:1", "cluster.expect=1"}) {
        given.settings = {bad};
        Playground unused;
        EXPECT_TRUE(finish_playground(given, unused)) << bad;
    }
    given.settings = {"sync.mode=interval", "cluster.name=a=b"};
    Playground out;
    ASSERT_FALSE(finish_playground(given, out));
    EXPECT_EQ(out.settings[1], (std::pair<std::string, std::string>{"cluster.name", "a=b"}));
    EXPECT_EQ(laid(out).cluster, "a=b");
}

TEST(PlaygroundArguments, WhatIsOnlyPreparedMustStay) {
    TypedPlayground given;
    given.prepare = true;
    Playground out;
    EXPECT_TRUE(finish_playground(given, out));
    given.keep = "room";
    EXPECT_FALSE(finish_playground(given, out));
}

TEST(PlaygroundLayout, NodesAreInEachDataCentreOnRacksOfTheirOwn) {
    Playground wanted;
    wanted.nodes = 2;
    wanted.datacentres = 2;
    play::Layout layout = laid(wanted);
    ASSERT_EQ(layout.nodes.size(), 4u);
    EXPECT_EQ(layout.nodes[1].datacentre, "dc1");
    EXPECT_EQ(layout.nodes[2].datacentre, "dc2");
    EXPECT_EQ(layout.nodes[2].name, "n3");
    EXPECT_EQ(layout.nodes[2].rack, "r1");
    EXPECT_EQ(layout.nodes[3].rack, "r2");
    std::string config = play::config_of(layout, layout.nodes[3], {});
    EXPECT_NE(config.find("\"datacentre_aware\""), std::string::npos) << config;
    // The first of each data centre is asked for the others.
    EXPECT_NE(config.find("\"seeds\":\"127.0.0.1:20003,127.0.0.1:20011\""), std::string::npos) << config;
    EXPECT_NE(config.find("\"expect\":\"4\""), std::string::npos) << config;
}

TEST(PlaygroundLayout, ANodeAloneHasNoPortsForOthers) {
    Playground wanted;
    wanted.nodes = 1;
    play::Layout layout = laid(wanted);
    std::string config = play::config_of(layout, layout.nodes[0], {});
    EXPECT_EQ(config.find("seeds"), std::string::npos) << config;
    EXPECT_EQ(config.find("background"), std::string::npos) << config;
}

TEST(PlaygroundLayout, SettingsOfPluginsAreSectionsInSections) {
    play::Layout layout = laid({});
    std::string config = play::config_of(layout, layout.nodes[0],
                                         {{"storage_engine.use", "lsm"}, {"storage_engine.lsm.block_bytes", "8 KiB"}});
    EXPECT_NE(config.find("storage_engine: {\"use\":\"lsm\",\"lsm\":{\"block_bytes\":\"8 KiB\"}}"), std::string::npos)
        << config;
}

TEST(PlaygroundLayout, IsReadBackAsItWasWritten) {
    Playground wanted;
    wanted.datacentres = 2;
    play::Layout layout = laid(wanted);
    auto again = play::parse_layout(play::json_layout(layout));
    ASSERT_TRUE(again);
    EXPECT_EQ(*again, layout);
    boost::json::object broken = play::json_layout(layout);
    broken.erase("nodes");
    EXPECT_FALSE(play::parse_layout(broken));
    EXPECT_FALSE(play::parse_layout(boost::json::value(nullptr)));
}

}  // namespace
}  // namespace ashlar::cli
