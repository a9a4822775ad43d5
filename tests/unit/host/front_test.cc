// A front on a real loopback port, against peers that behave and peers that do not. Nothing is measured: tests
// wait for what must come, and the limits that must strike are set short.
#include "host/front.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <atomic>
#include <functional>
#include <future>
#include <thread>

#include "host/descriptor.h"
#include "host/meter_book.h"

namespace ashlar::host {
namespace {

constexpr const char* head = "\x80\x01";

/// Echoes each frame, except: "hold" is answered by the next "free", "bad" is no message.
class Echo final : public FrameTaker {
public:
    bool take(Connection& from, View payload) override {
        View word = payload.substr(2);
        if (word == "bad") return false;
        if (word == "free") release();
        std::uint64_t slot = from.open_slot(port::Ticket{++tickets_});
        if (word.starts_with("hold")) {
            held_.push_back(Held{&from, slot, port::Ticket{tickets_}, Bytes(payload)});
            most_held_ = std::max(most_held_.load(), held_.size());
        } else {
            answer(from, slot, word.starts_with("much") ? Bytes(100'000, 'x') : Bytes(payload));
        }
        return true;
    }
    void forget(port::Ticket ticket) override {
        ++forgotten_;
        std::erase_if(held_, [&](const Held& held) { return held.ticket == ticket; });
    }
    std::size_t most_held() const { return most_held_; }
    int forgotten() const { return forgotten_; }

private:
    struct Held {
        Connection* from;
        std::uint64_t slot;
        port::Ticket ticket;
        Bytes payload;
    };
    static void answer(Connection& to, std::uint64_t slot, const Bytes& payload) {
        std::uint32_t length = __builtin_bswap32(static_cast<std::uint32_t>(payload.size()));
        Bytes& out = to.slot_buffer(slot);
        out.append(reinterpret_cast<const char*>(&length), 4);
        out += payload;
        to.finish_slot(slot);
    }
    /// Last come, first answered: the order on the wire must not care.
    void release() {
        std::vector<Held> all;
        all.swap(held_);
        for (auto held = all.rbegin(); held != all.rend(); ++held) answer(*held->from, held->slot, held->payload);
    }

    std::vector<Held> held_;
    std::uint64_t tickets_ = 0;
    std::atomic<std::size_t> most_held_ = 0;
    std::atomic<int> forgotten_ = 0;
};

class QuietLog final : public Log {
public:
    void write(LogLevel, View) noexcept override { ++lines; }
    std::atomic<int> lines = 0;
};

/// A blocking client that gives up after ten seconds, which no passing test needs.
class Peer {
public:
    explicit Peer(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        timeval limit{10, 0};
        ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        ::setsockopt(socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(port);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        connected_ = ::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
    }
    bool connected() const { return connected_; }
    bool send(View bytes) {
        return ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
    }
    bool frame(View word) {
        std::uint32_t length = __builtin_bswap32(static_cast<std::uint32_t>(word.size() + 2));
        return send(Bytes(reinterpret_cast<const char*>(&length), 4) + Bytes(head, 2) + Bytes(word));
    }
    /// The next reply without its head, or "closed".
    Bytes reply() {
        std::uint32_t length = 0;
        if (!read_all(reinterpret_cast<char*>(&length), 4)) return "closed";
        Bytes payload(__builtin_bswap32(length), '\0');
        if (!read_all(payload.data(), payload.size())) return "closed";
        return payload.substr(0, 2) == Bytes(head, 2) ? payload.substr(2) : payload;
    }
    Bytes ask(View word) { return frame(word) ? reply() : "closed"; }
    void end_output() { ::shutdown(socket_.get(), SHUT_WR); }
    /// Whether the server closes; anything it still sends is passed over.
    bool closes() {
        char c[4096];
        for (;;) {
            ssize_t n = ::recv(socket_.get(), c, sizeof c, 0);
            if (n == 0) return true;
            if (n < 0) return errno == ECONNRESET;
        }
    }

private:
    bool read_all(char* into, std::size_t size) {
        for (std::size_t got = 0; got < size;) {
            ssize_t n = ::recv(socket_.get(), into + got, size - got, 0);
            if (n <= 0) return false;
            got += static_cast<std::size_t>(n);
        }
        return true;
    }
    FileDescriptor socket_;
    bool connected_ = false;
};

class FrontTest : public ::testing::Test {
protected:
    FrontLimits limits_ = [] {
        FrontLimits out;
        out.frame_bytes = 1 << 20;
        out.pipeline_depth = 16;
        out.idle = out.handshake = out.frame = seconds(60);
        return out;
    }();
    BufferBudget budget_{8 << 20, 0};

    void serve() {
        front_ = std::make_unique<Front>(FrontSeams{reactor_, echo_, budget_, meter_, log_}, "test", limits_);
        auto at = front_->bind(*parse_address("127.0.0.1:0"));
        ASSERT_TRUE(at.has_value());
        port_ = parse_address(*at)->port;
        ASSERT_TRUE(front_->serve().has_value());
        reactor_.on_wake([this] {
            std::lock_guard lock(asked_mutex_);
            for (auto& ask : asked_) ask();
            asked_.clear();
        });
        loop_ = std::thread([this] { reactor_.run(); });
    }
    /// Runs on the loop and waits for it.
    template <class Act>
    auto on_loop(Act act) {
        std::packaged_task<decltype(act())()> task(act);
        auto done = task.get_future();
        {
            std::lock_guard lock(asked_mutex_);
            asked_.push_back([&task] { task(); });
        }
        reactor_.wake();
        return done.get();
    }
    /// Asked on the loop, so that what a peer has just felt is counted.
    std::int64_t counted(const std::string& what) {
        return on_loop([&] { return meter_.counter("front_test_" + what).value.load(); });
    }
    void TearDown() override {
        if (!loop_.joinable()) return;
        on_loop([this] {
            reactor_.stop();
            return 0;
        });
        loop_.join();
        front_.reset();
        EXPECT_EQ(budget_.used, 0u) << "every buffer was accounted for and let go";
    }
    Peer peer() { return Peer(port_); }

    Reactor reactor_;
    Echo echo_;
    MeterBook meter_;
    QuietLog log_;
    std::unique_ptr<Front> front_;
    std::uint16_t port_ = 0;
    std::thread loop_;
    std::mutex asked_mutex_;
    std::vector<std::function<void()>> asked_;
};

TEST_F(FrontTest, AnswersFramesHoweverTheyArrive) {
    serve();
    Peer p = peer();
    EXPECT_EQ(p.ask("hello"), "hello");
    for (char c : Bytes("\x00\x00\x00\x07\x80\x01piece", 11)) ASSERT_TRUE(p.send(View(&c, 1)));
    EXPECT_EQ(p.reply(), "piece");
    EXPECT_EQ(p.ask(Bytes(900'000, 'a')), Bytes(900'000, 'a'));
}

TEST_F(FrontTest, PipelinedRepliesKeepTheOrderOfTheRequests) {
    serve();
    Peer p = peer();
    for (int i = 0; i < 2000; ++i) ASSERT_TRUE(p.frame(std::to_string(i)));
    for (int i = 0; i < 2000; ++i) ASSERT_EQ(p.reply(), std::to_string(i));
    ASSERT_TRUE(p.frame("hold1") && p.frame("now2") && p.frame("hold3") && p.frame("now4") && p.frame("free"));
    for (const char* wanted : {"hold1", "now2", "hold3", "now4", "free"}) EXPECT_EQ(p.reply(), wanted);
}

TEST_F(FrontTest, DepthIsBoundedAndTheRestWaitsUnread) {
    serve();
    Peer p = peer();
    Peer other = peer();
    for (int i = 0; i < 50; ++i) ASSERT_TRUE(p.frame("hold" + std::to_string(i)));
    for (int answered = 0; answered < 50;) {
        // Each "free" lets go what is held by then; the next ones are taken only after that.
        ASSERT_EQ(other.ask("free"), "free");
        std::int64_t held = on_loop([this] { return static_cast<std::int64_t>(echo_.most_held()); });
        ASSERT_LE(held, 16);
        if (held == 0) continue;
        ASSERT_EQ(p.reply(), "hold" + std::to_string(answered));
        ++answered;
    }
    EXPECT_EQ(echo_.most_held(), 16u);
}

TEST_F(FrontTest, WhatIsNoFramedCallIsClosed) {
    serve();
    const Bytes noise[] = {"GET / HTTP/1.1\r\n\r\n",
                           Bytes("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11),         // a TLS hello
                           Bytes("\x80\x01\x00\x01\x00\x00\x00\x03get\x00\x00\x00\x00", 15),  // unframed binary
                           Bytes("\x00\x00\x00\x00", 4),                                      // an empty frame
                           Bytes("\xff\xff\xff\xff\x80\x01", 6),                              // a length of -1
                           Bytes("\x00\x10\x00\x01\x80", 5),                                  // a byte above the bound
                           Bytes("\x00\x00\x00\x20\x00\x00\x00\x03get", 11),                  // non-strict
                           Bytes("\x00\x00\x00\x05\x80\x01"
                                 "bad",
                                 9)};
    for (const Bytes& bytes : noise) {
        Peer p = peer();
        ASSERT_TRUE(p.send(bytes));
        EXPECT_TRUE(p.closes());
    }
    EXPECT_EQ(counted("closed_malformed"), static_cast<std::int64_t>(std::size(noise)));
    EXPECT_GE(log_.lines, 1);
    EXPECT_EQ(peer().ask("still"), "still");
}

TEST_F(FrontTest, AClaimTakesNoMemory) {
    limits_.frame_bytes = 1 << 30;
    serve();
    std::vector<Peer> peers;
    for (int i = 0; i < 20; ++i) {
        peers.push_back(peer());
        // A frame that says it has 2^30 bytes, of which sixteen come.
        ASSERT_TRUE(
            peers.back().send(Bytes("\x40\x00\x00\x00\x80\x01\x00\x01\x00\x00\x00\x03get\x00\x00\x00\x00\x0c", 20)));
    }
    EXPECT_EQ(peer().ask("others are served"), "others are served");
    // By then every peer's twenty bytes have been read.
    while (on_loop([this] { return budget_.used; }) < 20u * 20u) {
    }
    EXPECT_LT(on_loop([this] { return budget_.used; }), 64u * 1024);
    EXPECT_EQ(counted("closed_malformed"), 0);
}

TEST_F(FrontTest, SilentPeersAreClosedInTime) {
    limits_.handshake = milliseconds(50);
    limits_.frame = milliseconds(60'000);
    serve();
    Peer mute = peer();
    Peer half = peer();
    ASSERT_TRUE(half.send(Bytes("\x00\x00\x00\x07\x80", 5)));
    EXPECT_TRUE(mute.closes());
    EXPECT_TRUE(half.closes());
    EXPECT_EQ(counted("closed_handshake_timeout"), 2);
}

TEST_F(FrontTest, AFrameMustBecomeWholeInTime) {
    limits_.frame = milliseconds(50);
    serve();
    Peer p = peer();
    EXPECT_EQ(p.ask("one"), "one");
    ASSERT_TRUE(p.send(Bytes("\x00\x00\x00\x07\x80\x01pi", 8)));
    EXPECT_TRUE(p.closes());
    EXPECT_EQ(counted("closed_frame_timeout"), 1);
}

TEST_F(FrontTest, IdlePeersAreClosedButNotThoseThatWaitForAnAnswer) {
    limits_.idle = milliseconds(50);
    serve();
    Peer waiting = peer();
    ASSERT_TRUE(waiting.frame("hold"));
    Peer idle = peer();
    EXPECT_EQ(idle.ask("one"), "one");
    EXPECT_TRUE(idle.closes());
    EXPECT_EQ(counted("closed_idle"), 1);
    EXPECT_EQ(peer().ask("free"), "free");
    EXPECT_EQ(waiting.reply(), "hold");
}

TEST_F(FrontTest, ConnectionsAreCapped) {
    limits_.connections = 3;
    limits_.connections_per_address = 2;
    serve();
    auto one = std::make_unique<Peer>(port_);
    Peer two = peer();
    EXPECT_EQ(one->ask("1"), "1");
    EXPECT_EQ(two.ask("2"), "2");
    EXPECT_TRUE(peer().closes());
    EXPECT_EQ(counted("refused_connections_per_address"), 1);
    one.reset();
    Bytes answer;
    // The server hears of the close a moment later.
    for (int i = 0; i < 1000 && answer != "3"; ++i) answer = peer().ask("3");
    EXPECT_EQ(answer, "3");
}

TEST_F(FrontTest, APeerThatTakesNoRepliesIsBoundedAndClosed) {
    limits_.frame = milliseconds(100);
    serve();
    Peer greedy = peer();
    for (int i = 0; i < 2000; ++i)
        if (!greedy.frame("much")) break;  // 200 MB of replies asked for, none taken
    while (counted("closed_reply_timeout") == 0) {
        ASSERT_LT(on_loop([this] { return budget_.used; }), 8u << 20);
        ASSERT_EQ(peer().ask("others are served"), "others are served");
    }
}

TEST_F(FrontTest, AHalfClosedPeerStillGetsItsAnswers) {
    serve();
    Peer p = peer();
    ASSERT_TRUE(p.frame("hold") && p.frame("now"));
    p.end_output();
    EXPECT_EQ(peer().ask("free"), "free");
    EXPECT_EQ(p.reply(), "hold");
    EXPECT_EQ(p.reply(), "now");
    EXPECT_TRUE(p.closes());
}

TEST_F(FrontTest, AnAnswerForAGoneConnectionHasNowhereToGo) {
    serve();
    {
        Peer p = peer();
        ASSERT_TRUE(p.frame("hold") && p.frame("hold") && p.frame("bad"));
        EXPECT_TRUE(p.closes());
    }
    EXPECT_EQ(echo_.forgotten(), 2);
    EXPECT_EQ(peer().ask("free"), "free");
}

TEST_F(FrontTest, OverTheBudgetNewPeersAreRefusedAndOldOnesGoOn) {
    limits_.frame = milliseconds(200);
    budget_.limit = 200'000;
    serve();
    Peer old = peer();
    EXPECT_EQ(old.ask("1"), "1");
    Peer big = peer();
    ASSERT_TRUE(big.send(Bytes("\x00\x0f\x00\x00\x80\x01", 6) + Bytes(500'000, 'x')));
    while (!on_loop([this] { return budget_.met(); })) {
    }
    EXPECT_TRUE(peer().closes());
    EXPECT_EQ(old.ask("2"), "2");
    EXPECT_TRUE(big.closes());
    EXPECT_EQ(peer().ask("3"), "3") << "its memory is back";
}

TEST(ListenAddress, ReadsAndRefuses) {
    EXPECT_TRUE(parse_address("127.0.0.1:7311")->loopback);
    EXPECT_TRUE(parse_address("localhost:1")->loopback);
    EXPECT_TRUE(parse_address("[::1]:7311")->loopback);
    EXPECT_TRUE(parse_address("0.0.0.0:1")->any);
    EXPECT_TRUE(parse_address("[::]:1")->any);
    EXPECT_FALSE(parse_address("10.0.0.1:1")->loopback);
    for (const char* bad : {"", "7311", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "::1:7311",
                            "host:1", "[::1]", "1.2.3:4"})
        EXPECT_FALSE(parse_address(bad).has_value()) << bad;
    EXPECT_EQ(address_text("::1", 5), "[::1]:5");
}

}  // namespace
}  // namespace ashlar::host
