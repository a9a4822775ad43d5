// The background road on real loopback sockets, with nodes and with strangers.
#include <gtest/gtest.h>
#include <zmq.h>

#include <algorithm>

#include "station.h"
#include "stranger.h"

namespace ashlar::host::test {
namespace {

constexpr auto road = port::Road::background;

/// Says it until it is heard: the first words of a road may be lost.
void heard_once(Station& from, Station& to, std::uint64_t ref) {
    ASSERT_TRUE(wait_for([&] {
        from.whisper(to.background_at(), ref);
        std::vector<std::uint64_t> refs = to.refs(from.id(), road);
        return std::find(refs.begin(), refs.end(), ref) != refs.end();
    }));
}

/// Speaks ZeroMQ, but is no node.
class Intruder {
public:
    explicit Intruder(const std::string& address)
        : context_(::zmq_ctx_new()), socket_(::zmq_socket(context_, ZMQ_DEALER)) {
        int linger = 0;
        int patience_ms = 5000;
        ::zmq_setsockopt(socket_, ZMQ_LINGER, &linger, sizeof linger);
        ::zmq_setsockopt(socket_, ZMQ_SNDTIMEO, &patience_ms, sizeof patience_ms);
        ::zmq_connect(socket_, ("tcp://" + address).c_str());
    }
    ~Intruder() {
        ::zmq_close(socket_);
        ::zmq_ctx_term(context_);
    }
    bool send(View part, bool more = false) {
        return ::zmq_send(socket_, part.data(), part.size(), more ? ZMQ_SNDMORE : 0) >= 0;
    }

private:
    void* context_;
    void* socket_;
};

TEST(Background, WhatIsSaidArrivesInOrderAndTogether) {
    Station a({.node = 1});
    Station b({.node = 2});
    heard_once(a, b, 0);
    std::int64_t frames = a.figure("background_frames_out");
    for (std::uint64_t turn = 0; turn < 20; ++turn)
        a.on_loop([&] {
            for (std::uint64_t n = 0; n < 100; ++n)
                ASSERT_TRUE(a.background().send({b.id(), b.background_at()},
                                                wire::Probe{wire::Ref{1 + turn * 100 + n}, NodeId{}}));
        });
    ASSERT_TRUE(wait_for([&] { return !b.words().empty() && b.words().back().ref == 2000; }));
    std::vector<std::uint64_t> refs = b.refs(a.id(), road);
    refs.erase(refs.begin(), std::find(refs.begin(), refs.end(), 1));
    ASSERT_EQ(refs.size(), 2000u);
    EXPECT_TRUE(std::is_sorted(refs.begin(), refs.end()));
    EXPECT_LE(a.figure("background_frames_out") - frames, 40) << "2,000 words, a turn of them in a frame";
}

TEST(Background, TheFirstWordsWaitForTheConnection) {
    Station a({.node = 1});
    Station b({.node = 2});
    ASSERT_TRUE(a.whisper(b.background_at(), 5));
    EXPECT_TRUE(wait_for([&] { return b.heard_count() == 1; }));
    EXPECT_EQ(b.refs(a.id(), road), std::vector<std::uint64_t>{5});
}

TEST(Background, WordsForNobodyAreDroppedAndDoNotGather) {
    Station a({.node = 1});
    std::string nowhere;
    {
        Station gone({.node = 9});
        nowhere = gone.background_at();
    }
    ASSERT_TRUE(a.whisper(nowhere, 1));
    ASSERT_TRUE(wait_for([&] { return a.figure("background_dropped") == 1; }));
    // A frame that waits and one that gathers, and then it is full.
    std::size_t taken = 0;
    a.on_loop([&] {
        Bytes entry(100'000, 'h');
        while (taken < 1000 &&
               a.background().send({NodeId{9}, nowhere}, wire::HintGive{{}, {0, TableId{1}, "k"}, entry}))
            ++taken;
    });
    EXPECT_EQ(taken, background_bytes_max / 100'000);
}

TEST(Background, APeerThatComesBackIsHeardAgain) {
    Station a({.node = 1});
    auto b = std::make_unique<Station>(StationWish{.node = 2});
    std::string at = b->background_at();
    heard_once(a, *b, 1);
    b.reset();
    b = std::make_unique<Station>(StationWish{.node = 2, .incarnation = 2, .background = at});
    heard_once(a, *b, 2);
}

TEST(Background, ANodeOfAnotherClusterIsRefusedInALineThatNamesBoth) {
    Station a({.node = 1, .cluster = "staging"});
    Station b({.node = 2});
    ASSERT_TRUE(wait_for([&] {
        a.whisper(b.background_at(), 1);
        return b.figure("background_refused_cluster") > 0;
    }));
    EXPECT_EQ(b.log().lines_with("cluster 'staging', this node of 'ashlar'"), 1u);
    EXPECT_EQ(b.heard_count(), 0u);
}

TEST(Background, AMessageBeyondTheBoundIsNotTaken) {
    Station a({.node = 1});
    Station b({.node = 2});
    heard_once(a, b, 1);
    bool taken = true;
    Bytes entry(background_bytes_max, 'h');
    a.on_loop([&] {
        taken = a.background().send({b.id(), b.background_at()}, wire::HintGive{{}, {0, TableId{1}, "k"}, entry});
    });
    EXPECT_FALSE(taken);
    heard_once(a, b, 2);
}

TEST(Background, AnAddressThatIsNoneIsNotTaken) {
    Station a({.node = 1});
    EXPECT_FALSE(a.whisper("", 1));
    EXPECT_FALSE(a.whisper("no address", 1));
    EXPECT_EQ(a.figure("background_not_taken"), 2);
}

TEST(Background, AListOfSeedsMayNameTheReader) {
    Station a({.node = 1});
    ASSERT_TRUE(wait_for([&] {
        a.whisper(a.background_at(), 1);
        return a.figure("background_frames_of_this_node") > 0;
    }));
    EXPECT_EQ(a.heard_count(), 0u);
}

TEST(Background, StrangersAreCountedAndNodesServed) {
    Station a({.node = 1});
    Station b({.node = 2});
    Intruder intruder(b.background_at());
    ASSERT_TRUE(intruder.send("hello"));
    ASSERT_TRUE(intruder.send(""));
    Bytes bent = frame_of(guise(66), wire::Probe{});
    bent.back() = static_cast<char>(bent.back() ^ 1);
    ASSERT_TRUE(intruder.send(bent));
    ASSERT_TRUE(intruder.send("several", true));
    ASSERT_TRUE(intruder.send("parts"));
    ASSERT_TRUE(wait_for([&] { return b.figure("background_refused_malformed") == 4; }));
    ASSERT_TRUE(intruder.send(frame_of(guise(66, "staging"), wire::Probe{})));
    ASSERT_TRUE(wait_for([&] { return b.figure("background_refused_cluster") == 1; }));
    const std::size_t lines = b.log().lines_with("background: 127.0.0.1");
    EXPECT_LE(lines, 4u) << "one line for each problem of an address";
    for (int n = 0; n < 50; ++n) ASSERT_TRUE(intruder.send(bent));
    ASSERT_TRUE(wait_for([&] { return b.figure("background_refused_malformed") == 54; }));
    EXPECT_LE(b.log().lines_with("background: 127.0.0.1"), 4u) << "and none for each time";
    EXPECT_EQ(b.heard_count(), 0u);
    heard_once(a, b, 1);
}

TEST(Background, AMessageOverTheBoundClosesItsConnectionOnly) {
    Station a({.node = 1});
    Station b({.node = 2});
    Intruder intruder(b.background_at());
    ASSERT_TRUE(intruder.send(Bytes(background_bytes_max + 1, 'x')));
    heard_once(a, b, 1);
    EXPECT_EQ(b.refs(NodeId{66}, road), std::vector<std::uint64_t>{});
    EXPECT_EQ(b.figure("background_refused_malformed"), 0);
}

TEST(Background, BytesThatAreNotZeroMqHarmNobody) {
    Station a({.node = 1});
    Station b({.node = 2});
    Stranger mute(b.background_at());
    Stranger noisy(b.background_at());
    ASSERT_TRUE(noisy.send(Bytes(100'000, 'z')) || true);
    EXPECT_TRUE(noisy.is_closed());
    heard_once(a, b, 1);
}

}  // namespace
}  // namespace ashlar::host::test
