// What strangers make ZeroMQ do at the background port, and where it ends.
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "station.h"
#include "stranger.h"

namespace ashlar::host::test {
namespace {

/// A stranger who has shaken hands as ZeroMQ does (ZMTP 3.0, no security).
struct Visitor : Stranger {
    explicit Visitor(const std::string& address) : Stranger(address) {
        const std::string greeting("\xff\0\0\0\0\0\0\0\0\x7f\x03\0NULL\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 32);
        send(greeting + std::string(32, '\0'));
        const std::string ready(
            "\x04\x29\x05READY\x0bSocket-Type\0\0\0\x06"
            "DEALER\x08Identity\0\0\0\0",
            43);
        send(ready);
        shook_hands = gets(64 + 2);
    }
    bool shook_hands = false;
};

/// With a head of ZeroMQ's: more parts follow, or none.
Bytes part(const Bytes& body, bool more) {
    Bytes out(1, more ? '\x03' : '\x02');
    for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>(body.size() >> shift));
    return out + body;
}

void hears(Station& to, Station& from, std::uint64_t ref) {
    ASSERT_TRUE(wait_for([&] {
        from.whisper(to.background_at(), ref);
        std::vector<std::uint64_t> refs = to.refs(from.id(), port::Road::background);
        return std::find(refs.begin(), refs.end(), ref) != refs.end();
    }));
}

TEST(BackgroundVisitors, MoreConnectionsThanOneAddressMayHaveAreEnded) {
    Station node({.node = 1, .limits = {.connections = 100, .connections_per_address = 4}});
    std::vector<Visitor> all;
    for (int n = 0; n < 12; ++n) all.emplace_back(node.background_at());
    ASSERT_TRUE(wait_for([&] { return node.figure("background_refused_connections_per_address") > 0; }));
    EXPECT_TRUE(all.back().is_closed());
    EXPECT_TRUE(node.log().says("too many connections (limits.peer_connections)"));
    all.clear();
    ASSERT_TRUE(wait_for([&] { return node.figure("background_open") == 0; }));
    Station other({.node = 2});
    hears(node, other, 1);
}

TEST(BackgroundVisitors, MoreConnectionsThanThereMayBeInAllAreEnded) {
    Station node({.node = 1, .limits = {.connections = 3, .connections_per_address = 100}});
    std::vector<Visitor> all;
    for (int n = 0; n < 8; ++n) all.emplace_back(node.background_at());
    ASSERT_TRUE(wait_for([&] { return node.figure("background_refused_connections") > 0; }));
    EXPECT_TRUE(all.back().is_closed());
}

TEST(BackgroundVisitors, AMessageWithoutAnEndIsEnded) {
    Station node(
        {.node = 1, .limits = {.background_unread_bytes = 4 << 20, .background_unread_bytes_per_address = 1 << 20}});
    Station other({.node = 2});
    hears(node, other, 1);
    Visitor endless(node.background_at());
    ASSERT_TRUE(endless.shook_hands);
    const Bytes more = part(Bytes(60'000, 'x'), true);
    while (endless.send(more)) {
    }
    EXPECT_GE(node.figure("background_refused_unread"), 1);
    hears(node, other, 2);
}

TEST(BackgroundVisitors, ManyWhoLeaveALittleEachAreEndedToo) {
    Station node(
        {.node = 1, .limits = {.background_unread_bytes = 1 << 20, .background_unread_bytes_per_address = 4 << 20}});
    std::vector<Visitor> all;
    for (int n = 0; n < 20; ++n) {
        all.emplace_back(node.background_at());
        ASSERT_TRUE(all.back().send(part(Bytes(100'000, 'x'), true)));
    }
    ASSERT_TRUE(wait_for([&] { return node.figure("background_refused_unread") >= 9; }));
    EXPECT_LE(node.figure("background_unread_bytes"), 2 << 20);
}

TEST(BackgroundVisitors, AMessageOfSeveralPartsEndsItsConnection) {
    Station node({.node = 1});
    Visitor wordy(node.background_at());
    ASSERT_TRUE(wordy.send(part("several", true) + part("parts", false)));
    EXPECT_TRUE(wordy.is_closed());
    EXPECT_EQ(node.figure("background_refused_malformed"), 1);
}

TEST(BackgroundVisitors, WhoeverSaysMuchInWholeMessagesStays) {
    Station node(
        {.node = 1, .limits = {.background_unread_bytes = 1 << 20, .background_unread_bytes_per_address = 1 << 20}});
    Station other({.node = 2});
    std::uint64_t said = 0;
    Bytes entry(100'000, 'h');
    // Ten times what it may leave.
    ASSERT_TRUE(wait_for([&] {
        other.on_loop([&] {
            while (said < 100 && other.background().send({node.id(), node.background_at()},
                                                         wire::HintGive{{}, {0, TableId{1}, "k"}, entry}))
                ++said;
        });
        return said == 100;
    }));
    ASSERT_TRUE(wait_for([&] { return node.heard_count() >= 100; }));
    EXPECT_EQ(node.figure("background_refused_unread"), 0);
    EXPECT_EQ(node.figure("background_accepted"), 1);
}

TEST(BackgroundVisitors, ANodeEndsWhileStrangersKeepComing) {
    auto node = std::make_unique<Station>(StationWish{.node = 1, .limits = {.connections_per_address = 4}});
    const std::string at = node->background_at();
    std::atomic<bool> enough = false;
    std::thread strangers([&] {
        while (!enough) Stranger(at).send("hello");
    });
    EXPECT_TRUE(wait_for([&] { return node->figure("background_accepted") > 100; }));
    node.reset();
    enough = true;
    strangers.join();
}

}  // namespace
}  // namespace ashlar::host::test
