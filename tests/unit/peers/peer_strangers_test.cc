// Whoever is no node of ours gets nothing but a closed connection, while nodes are served.
#include <gtest/gtest.h>

#include "kit/hash.h"
#include "station.h"
#include "stranger.h"

namespace ashlar::host::test {
namespace {

/// A station, and a second one that must be served whatever happens.
class PeerStrangers : public testing::Test {
protected:
    ~PeerStrangers() override {
        // Every case ends here: a node is still heard, and nothing of the strangers is kept or was taken for a message.
        std::size_t before = station_.heard_count();
        EXPECT_TRUE(friend_.say(station_, 99));
        EXPECT_TRUE(wait_for([&] { return station_.heard_count() == before + 1; }));
        EXPECT_EQ(station_.refs(NodeId{66}), std::vector<std::uint64_t>{});
        EXPECT_LT(station_.figure("peer_link_unread_bytes"), 4096);
    }
    static PeerLimits limits() {
        return {.connections = 20, .connections_per_address = 10, .handshake = milliseconds(300)};
    }
    /// Sends, and expects to be closed for this reason.
    void refused(const std::string& reason, View bytes) {
        std::int64_t before = station_.figure("peer_link_" + reason);
        Stranger stranger(station_.link_at());
        ASSERT_TRUE(stranger.connected());
        stranger.send(bytes);
        EXPECT_TRUE(stranger.is_closed());
        EXPECT_TRUE(wait_for([&] { return station_.figure("peer_link_" + reason) == before + 1; })) << reason;
    }
    /// Greets as a node of the cluster, then says this.
    void greeted_refused(const std::string& reason, View bytes) {
        std::int64_t before = station_.figure("peer_link_" + reason);
        Stranger stranger(station_.link_at());
        ASSERT_TRUE(stranger.send(greeting_frame(guise(66))));
        ASSERT_TRUE(stranger.gets(wire::head_bytes + wire::stamp_bytes));
        stranger.send(bytes);
        EXPECT_TRUE(stranger.is_closed());
        EXPECT_TRUE(wait_for([&] { return station_.figure("peer_link_" + reason) == before + 1; })) << reason;
    }
    /// Length and checksum of a frame that was changed.
    static void seal(Bytes& frame) {
        auto length = static_cast<std::uint32_t>(frame.size() - wire::head_bytes);
        std::memcpy(frame.data() + 4, &length, sizeof length);
        std::uint64_t sum =
            kit::Hasher().add(View(frame).substr(4, 4)).add(View(frame).substr(wire::head_bytes)).value();
        std::memcpy(frame.data() + 8, &sum, sizeof sum);
    }
    static Bytes head(std::uint32_t length) {
        Bytes out;
        kit::Writer writer(out);
        writer.u32(0x31485341);
        writer.u32(length);
        writer.u64(0);
        return out;
    }

    Station station_{{.node = 1, .limits = limits()}};
    Station friend_{{.node = 2}};
};

TEST_F(PeerStrangers, NoiseIsRefusedAtItsFirstBytes) {
    refused("refused_malformed", "GET / HTTP/1.1\r\nHost: ashlar\r\n\r\n");
    refused("refused_malformed", Bytes(100'000, '\0'));
    EXPECT_EQ(station_.log().lines_with("do not begin as a frame"), 1u) << "one line per address and minute";
}

TEST_F(PeerStrangers, AGiantLengthIsRefusedBeforeMemoryIsTaken) {
    refused("refused_malformed", head(0xfffffff0));
    refused("refused_malformed", head(greeting_bytes_max + 1));
    greeted_refused("refused_malformed", head(wire::frame_bytes_max + 1));
}

TEST_F(PeerStrangers, SilenceEndsWithTheHandshakeTime) {
    refused("closed_no_greeting", "");
    refused("closed_no_greeting", View(greeting_frame(guise(66))).substr(0, 30));
}

TEST_F(PeerStrangers, OtherClustersAreToldWhoWeAre) {
    Stranger stranger(station_.link_at());
    ASSERT_TRUE(stranger.send(greeting_frame(guise(66, "staging"))));
    EXPECT_TRUE(stranger.is_closed());
    auto told = read_greeting(stranger.got());
    ASSERT_TRUE(told) << told.error().detail;
    EXPECT_EQ(told->greeting.cluster, "ashlar");
    EXPECT_TRUE(wait_for([&] { return station_.log().says("is of cluster 'staging', this node of 'ashlar'"); }));
}

TEST_F(PeerStrangers, NothingButAGreetingIsReadFirst) {
    refused("refused_malformed", frame_of(guise(66), wire::Probe{}));
    wire::WriteAsk ask;
    ask.key.key = "key";
    refused("refused_malformed", frame_of(guise(66), ask));
}

TEST_F(PeerStrangers, AWrongChecksumEndsTheLink) {
    Bytes bent = greeting_frame(guise(66));
    bent.back() = static_cast<char>(bent.back() ^ 1);
    refused("refused_malformed", bent);
    bent = frame_of(guise(66), wire::Probe{});
    bent.back() = static_cast<char>(bent.back() ^ 1);
    greeted_refused("refused_malformed", bent);
}

TEST_F(PeerStrangers, AFrameOfAnotherClusterNodeOrProtocolEndsTheLink) {
    greeted_refused("refused_cluster", frame_of(guise(66, "staging"), wire::Probe{}));
    greeted_refused("refused_malformed", frame_of(guise(67), wire::Probe{}));
    wire::FrameWriter writer({NodeId{66}, 1}, wire::cluster_mark("ashlar"), 200);
    writer.begin();
    Bytes frame;
    writer.take(frame);
    greeted_refused("refused_protocol", frame);
}

TEST_F(PeerStrangers, AnOlderAndANewerNodeAreGreetedOrRefusedByTheirRanges) {
    // A later build that still speaks ours: greeted, with fields behind the greeting's, and spoken to in protocol 1.
    PeerSelf newer = guise(66);
    newer.greeting.protocol_max = 9;
    Bytes message;
    wire::encode(newer.greeting, message);
    message += "later fields";
    Bytes frame = greeting_frame(newer).substr(0, wire::head_bytes + wire::stamp_bytes);
    kit::Writer(frame).blob(message);
    seal(frame);
    Stranger later(station_.link_at());
    ASSERT_TRUE(later.send(frame));
    ASSERT_TRUE(wait_for([&] { return station_.log().says("node 'stranger'"); }));
    const std::size_t greeting =
        greeting_frame({{NodeId{1}, 1}, {"ashlar", "n1", 1, 1, guise(1).greeting.parts}}).size();
    ASSERT_TRUE(later.gets(greeting + wire::head_bytes + wire::stamp_bytes)) << "its greeting, then signs of life";
    EXPECT_EQ(later.got()[greeting + wire::head_bytes], 1);

    // One that no longer speaks ours is told what we speak, and the log names both ranges.
    PeerSelf too_new = guise(67);
    too_new.greeting.protocol_min = 7;
    too_new.greeting.protocol_max = 9;
    Stranger stranger(station_.link_at());
    ASSERT_TRUE(stranger.send(greeting_frame(too_new)));
    EXPECT_TRUE(stranger.is_closed());
    EXPECT_TRUE(wait_for([&] { return station_.log().says("speaks protocols 7 to 9, this node 1 to 1"); }));
    auto told = read_greeting(stranger.got());
    ASSERT_TRUE(told) << told.error().detail;
    EXPECT_EQ(told->greeting.protocol_max, 1);
    PeerSelf too_old = guise(68);
    too_old.greeting.protocol_min = too_old.greeting.protocol_max = 0;
    refused("refused_protocol", greeting_frame(too_old));
    EXPECT_TRUE(station_.log().says("speaks protocols 0 to 0, this node 1 to 1"));
}

TEST_F(PeerStrangers, ASecondGreetingOrNoMessageEndsTheLink) {
    greeted_refused("refused_malformed", greeting_frame(guise(66)));
    // A frame that is right in all but its content: length 3, kind 250.
    Bytes frame = frame_of(guise(66), wire::StateAsk{});
    frame[frame.size() - 2] = '\xfa';
    seal(frame);
    greeted_refused("refused_malformed", frame);
}

TEST_F(PeerStrangers, TooManyConnectionsAreClosedAtOnce) {
    std::vector<std::unique_ptr<Stranger>> all;
    for (int n = 0; n < 30; ++n) all.push_back(std::make_unique<Stranger>(station_.link_at()));
    ASSERT_TRUE(wait_for([&] { return station_.figure("peer_link_refused_connections_per_address") >= 20; }));
    EXPECT_LE(station_.figure("peer_link_open"), 10);
    all.clear();
    ASSERT_TRUE(wait_for([&] { return station_.figure("peer_link_open") == 0; }));
}

TEST(PeerMemory, FramesThatNeverEndAreBounded) {
    // Nodes of the cluster, broken ones: each begins a frame of 8 MiB and sends half of it.
    Station station({.node = 1, .limits = {.unread_bytes = 12 << 20, .silence = seconds(60)}});
    Bytes half;
    kit::Writer writer(half);
    writer.u32(0x31485341);
    writer.u32(wire::frame_bytes_max);
    writer.u64(0);
    half.append(4 << 20, 'x');
    std::vector<std::unique_ptr<Stranger>> all;
    for (std::uint64_t node = 100; node < 106; ++node) {
        all.push_back(std::make_unique<Stranger>(station.link_at()));
        ASSERT_TRUE(all.back()->send(greeting_frame(guise(node))));
        ASSERT_TRUE(all.back()->gets(wire::head_bytes + wire::stamp_bytes));
        all.back()->send(half);  // may break off when it is closed
    }
    ASSERT_TRUE(wait_for([&] { return station.figure("peer_link_closed_buffers_full") >= 3; }));
    EXPECT_LE(station.figure("peer_link_unread_bytes"), 12 << 20);
    all.clear();
    ASSERT_TRUE(wait_for([&] { return station.figure("peer_link_unread_bytes") == 0; }));
}

TEST(PeerSilence, AGreetedPeerThatSaysNothingIsLost) {
    Station station({.node = 1, .limits = {.heartbeat = milliseconds(50), .silence = milliseconds(300)}});
    Stranger mute(station.link_at());
    ASSERT_TRUE(mute.send(greeting_frame(guise(66))));
    EXPECT_TRUE(mute.is_closed());
    ASSERT_TRUE(wait_for([&] { return station.lost_count(NodeId{66}) == 1; }));
    EXPECT_EQ(station.figure("peer_link_closed_silent"), 1);
}

}  // namespace
}  // namespace ashlar::host::test
