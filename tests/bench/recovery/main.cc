// One of three nodes is killed with SIGKILL under load and started again 20 s later (16 connections, half of it reads,
// 20,000 keys of 1,000 bytes, N=3, R=W=2): errors and the longest answer at the kill, wrong answers while it was down,
// time until it serves again, time until it holds everything it missed by itself. The load goes on all the time.
//
// usage: bench-recovery ASHLAR ASHLARD PLUGINS [--down SECONDS] [--sync always|interval] [--json]
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/json.hpp>

#include "loopback.h"
#include "parties.h"
#include "program.h"
#include "watch.h"

namespace ashlar::bench {
namespace {

using namespace std::chrono_literals;

constexpr int connections = 16;
constexpr std::uint32_t keys = 20'000;
constexpr auto before = 5s;  ///< of load, and after all is held
constexpr auto kill_window = 10s;
constexpr auto patience = 60s;

double since(Clock::time_point begin) {
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// What the node at `port` itself answers to gets of these keys, in their order; nothing when it breaks off. Each
/// stands in the numbers as 0 when it has nothing or refuses.
std::vector<std::uint64_t> ask_alone(std::uint16_t port, const std::vector<std::uint32_t>& wanted) {
    static const auto words = thrift_frames("two", {.alone = true});
    constexpr std::size_t ahead = 32;
    int socket = connect_to(port);
    std::vector<std::uint64_t> out;
    std::string in;
    std::size_t asked = 0;
    char bytes[65'536];
    while (socket >= 0 && out.size() < wanted.size()) {
        std::string requests;
        for (; asked < wanted.size() && asked - out.size() < ahead; ++asked) {
            requests += words->request(Op::get, key_of(wanted[asked]), {});
        }
        pollfd ready{socket, POLLIN, 0};
        if (::send(socket, requests.data(), requests.size(), MSG_NOSIGNAL) < 0 || ::poll(&ready, 1, 5'000) <= 0) break;
        ssize_t got = ::recv(socket, bytes, sizeof bytes, 0);
        if (got <= 0) break;
        in.append(bytes, static_cast<std::size_t>(got));
        while (std::size_t size = words->reply_size(in)) {
            auto numbers = numbers_in(in.substr(0, size));
            std::uint64_t newest = 0;
            for (std::uint64_t number : numbers) newest = std::max(newest, number);
            out.push_back(newest);
            in.erase(0, size);
        }
    }
    if (socket >= 0) ::close(socket);
    return out;
}

/// Whether an ordinary read at R=2 through the node succeeds.
bool serves(std::uint16_t port) {
    static const auto words = thrift_frames("two");
    int socket = connect_to(port);
    if (socket < 0) return false;
    std::string request = words->request(Op::get, key_of(1), {}), in;
    char bytes[16'384];
    pollfd ready{socket, POLLIN, 0};
    bool sent = ::send(socket, request.data(), request.size(), MSG_NOSIGNAL) > 0;
    while (sent && words->reply_size(in) == 0 && ::poll(&ready, 1, 1'000) > 0) {
        ssize_t got = ::recv(socket, bytes, sizeof bytes, 0);
        if (got <= 0) break;
        in.append(bytes, static_cast<std::size_t>(got));
    }
    ::close(socket);
    return !numbers_in(in).empty();
}

struct Result {
    Noticed calm, kill, down, back;
    std::size_t missed = 0;
    double calm_s = 0, down_s = 0, serves_s = 0, holds_s = -1;
};

/// Waits until the node alone gives for each of these keys at least the write named; -1 when it does not.
double wait_held(std::uint16_t port, std::vector<std::uint32_t> left, const std::vector<std::uint64_t>& wanted,
                 Clock::time_point begin) {
    while (since(begin) < std::chrono::duration<double>(patience).count()) {
        auto held = ask_alone(port, left);
        std::vector<std::uint32_t> still;
        for (std::size_t i = 0; i < left.size(); ++i) {
            if (i >= held.size() || held[i] < wanted[left[i]]) still.push_back(left[i]);
        }
        left = std::move(still);
        if (left.empty()) return since(begin);
        std::this_thread::sleep_for(20ms);
    }
    std::fprintf(stderr, "%zu keys are not held after %lld s, the first %s\n", left.size(),
                 static_cast<long long>(std::chrono::seconds(patience).count()), key_of(left[0]).c_str());
    return -1;
}

Result measure(const Programs& programs, const std::string& sync_mode, std::chrono::seconds away) {
    Result out;
    auto three = start_playground(programs, 3, sync_mode);
    Watch watch(three->ports, connections, keys);
    watch.start();
    watch.mark();
    auto began = Clock::now();
    std::this_thread::sleep_for(before);
    out.calm = watch.mark();
    out.calm_s = since(began);

    auto at_kill = watch.acknowledged();
    auto killed = Clock::now();
    ::kill(three->measured[2], SIGKILL);
    std::this_thread::sleep_for(std::min<Clock::duration>(kill_window, away));
    out.kill = watch.mark();
    std::this_thread::sleep_until(killed + away);
    out.down = watch.mark();
    out.down_s = since(killed);

    auto at_start = watch.acknowledged();
    std::vector<std::uint32_t> missed;
    for (std::uint32_t key = 0; key < keys; ++key) {
        if (at_start[key] != at_kill[key]) missed.push_back(key);
    }
    out.missed = missed.size();
    auto started = Clock::now();
    Rival again = Rival::program(three->commands[2], (programs.scratch / "again.log").string());
    while (!serves(three->ports[2])) {
        if (since(started) > std::chrono::duration<double>(patience).count())
            throw std::runtime_error("the node does not serve");
        std::this_thread::sleep_for(5ms);
    }
    out.serves_s = since(started);
    out.holds_s = wait_held(three->ports[2], missed, at_start, started);
    std::this_thread::sleep_for(before);
    watch.stop();
    out.back = watch.mark();
    return out;
}

void print_text(const Result& r) {
    auto line = [](const char* what, const Noticed& n) {
        std::printf("%-22s %9llu answers, %llu errors, %llu wrong, longest %.0f ms%s%s\n", what,
                    static_cast<unsigned long long>(n.reads + n.writes), static_cast<unsigned long long>(n.errors),
                    static_cast<unsigned long long>(n.wrong), n.longest_ms, n.first_wrong.empty() ? "" : "; ",
                    n.first_wrong.c_str());
        if (n.errors > 0)
            std::printf("%-22s   the last one after %.2f s; the first: %s\n", "", n.last_error_s,
                        n.first_error.c_str());
    };
    line("before the kill", r.calm);
    line("at the kill, 10 s", r.kill);
    std::printf("%-22s %9llu requests under way at the killed node broke off\n", "",
                static_cast<unsigned long long>(r.kill.broken));
    line("then, until the start", r.down);
    line("since the start", r.back);
    std::printf("%zu keys were written while it was down (%.0f s)\n", r.missed, r.down_s);
    std::printf("it serves again after  %.2f s (expected: under 2 s)\n", r.serves_s);
    if (r.holds_s < 0)
        std::printf("it does not hold everything it missed (expected: after under 10 s)\n");
    else
        std::printf("it holds all of it after %.2f s (expected: under 10 s)\n", r.holds_s);
}

boost::json::object json_of(const Noticed& n) {
    return {{"reads", n.reads},
            {"writes", n.writes},
            {"errors", n.errors},
            {"wrong", n.wrong},
            {"broken", n.broken},
            {"longest_ms", n.longest_ms},
            {"last_error_s", n.last_error_s}};
}

void print_json(const Result& r) {
    boost::json::object out = {{"schema", 1},
                               {"before", json_of(r.calm)},
                               {"kill", json_of(r.kill)},
                               {"down", json_of(r.down)},
                               {"back", json_of(r.back)},
                               {"keys_missed", r.missed},
                               {"down_s", r.down_s},
                               {"serves_s", r.serves_s},
                               {"holds_s", r.holds_s}};
    std::printf("%s\n", boost::json::serialize(out).c_str());
}

int run(const Programs& programs, const std::string& sync_mode, int away_s, bool json) {
    Result result = measure(programs, sync_mode, std::chrono::seconds(away_s));
    if (json)
        print_json(result);
    else
        print_text(result);
    bool right = result.kill.wrong + result.down.wrong + result.back.wrong == 0 && result.holds_s >= 0;
    return right ? 0 : 1;
}

}  // namespace
}  // namespace ashlar::bench

int main(int count, char** argv) {
    using std::filesystem::absolute;
    ashlar::bench::Words words(count, argv);
    bool json = words.flag("--json");
    std::string sync_mode = words.value("--sync", "always");
    int away_s = std::atoi(words.value("--down", "20").c_str());
    const auto& files = words.rest();
    if (files.size() != 3 || away_s < 1 || away_s > 600) {
        std::fprintf(
            stderr,
            "usage: bench-recovery ASHLAR ASHLARD PLUGINS [--down SECONDS] [--sync always|interval] [--json]\n");
        return 2;
    }
    return ashlar::bench::in_scratch("bench-recovery", [&](const std::filesystem::path& scratch) {
        return ashlar::bench::run({scratch, absolute(files[0]), absolute(files[1]), absolute(files[2])}, sync_mode,
                                  away_s, json);
    });
}
