// A load that knows what every key holds: it writes and reads at R = W = 2 and notices each error, each wrong answer
// and the longest wait. One thread of its own; the others may ask it at any time.
//
// Every key has one writer, which has at most one write under way: what a read must find is known exactly, or, after a
// write that failed, one of two values. A connection that breaks goes on at the next node.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace ashlar::bench {

using Clock = std::chrono::steady_clock;

/// What was noticed since a mark.
struct Noticed {
    std::uint64_t reads = 0, writes = 0;
    std::uint64_t broken = 0;  ///< connections that ended with a request under way
    std::uint64_t errors = 0;  ///< answers that said no
    std::uint64_t wrong = 0;   ///< reads that gave less than was acknowledged
    double longest_ms = 0;     ///< of all answers
    double last_error_s = 0;   ///< after the mark
    std::string first_error, first_wrong;
};

class Watch {
public:
    Watch(std::vector<std::uint16_t> ports, int connections, std::uint32_t keys);
    ~Watch();
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

    /// Begins; every key has been written once when it returns.
    void start();
    void stop();
    /// What was noticed since the last mark; a new one begins.
    Noticed mark();
    /// By key: the number of its last acknowledged write.
    std::vector<std::uint64_t> acknowledged() const;

private:
    struct Connection;
    void run();
    bool connect(Connection& connection);
    void next(Connection& connection);
    void answer(Connection& connection, const std::string& reply);
    void lose(Connection& connection);

    std::vector<std::uint16_t> ports_;
    std::vector<Connection> connections_;
    std::vector<std::atomic<std::uint64_t>> acknowledged_, attempted_;
    std::atomic<bool> stopping_ = false;
    std::mutex guard_;  ///< of what follows
    Noticed noticed_;
    Clock::time_point marked_ = Clock::now();
    int poll_ = -1;
    std::uint64_t chance_ = 88'172'645'463'325'252ULL;
    std::thread thread_;
};

std::string key_of(std::uint32_t number);
/// The numbers of the writes whose values stand in a reply to a get.
std::vector<std::uint64_t> numbers_in(const std::string& reply);

}  // namespace ashlar::bench
