#include "load.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <stdexcept>

#include "loopback.h"

namespace ashlar::bench {
namespace {

using Clock = std::chrono::steady_clock;

struct Connection {
    int socket = -1;
    std::uint64_t requests = 0;
    std::string reply;
    Clock::time_point sent;
};

int must_connect_to(std::uint16_t port) {
    int s = connect_to(port);
    if (s < 0)
        throw std::runtime_error("cannot connect to 127.0.0.1:" + std::to_string(port) + ": " + std::strerror(errno));
    return s;
}

class Load {
public:
    Load(const Protocol& protocol, const LoadPlan& plan) : protocol_(protocol), plan_(plan), chance_(plan.seed * 2 + 1) {
        std::string value(plan.value_bytes, 'v');
        for (std::uint32_t k = 0; k < plan.keys; ++k) {
            std::string key = "key:" + std::to_string(1'000'000 + k);
            for (std::size_t i = 0; i < value.size(); i += 16) value[i] = static_cast<char>('a' + (k + i) % 23);
            requests_.push_back(protocol.request(plan.op, key, value));
        }
        waits_us_.reserve(plan.operations);
    }

    LoadResult run() {
        int poll = ::epoll_create1(0);
        std::vector<Connection> all(static_cast<std::size_t>(plan_.connections));
        for (std::size_t i = 0; i < all.size(); ++i) {
            all[i].socket = must_connect_to(plan_.ports[i % plan_.ports.size()]);
            hand_over(all[i].socket, protocol_.opening());
            epoll_event watch{};
            watch.events = EPOLLIN;
            watch.data.u64 = i;
            ::epoll_ctl(poll, EPOLL_CTL_ADD, all[i].socket, &watch);
        }
        auto begin = Clock::now();
        auto end = begin + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(plan_.seconds_max));
        for (Connection& c : all) send(c);
        std::vector<epoll_event> ready(all.size());
        while (under_way_ > 0) {
            int n = ::epoll_wait(poll, ready.data(), static_cast<int>(ready.size()), 5'000);
            if (n <= 0) throw std::runtime_error("no reply for 5 s");
            bool more = Clock::now() < end;
            for (int i = 0; i < n; ++i) receive(all[ready[static_cast<std::size_t>(i)].data.u64], more);
        }
        result_.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
        for (Connection& c : all) ::close(c.socket);
        ::close(poll);
        summarise();
        return result_;
    }

private:
    void send(Connection& c) {
        if (started_ == plan_.operations) return;
        std::uint64_t pick = plan_.keys_in_order ? started_ : draw();
        std::string& request = requests_[pick % requests_.size()];
        protocol_.number(request, c.requests++);
        ++started_;
        ++under_way_;
        c.sent = Clock::now();
        hand_over(c.socket, request);
    }
    static void hand_over(int socket, const std::string& bytes) {
        for (std::size_t done = 0; done < bytes.size();) {
            ssize_t n = ::send(socket, bytes.data() + done, bytes.size() - done, MSG_NOSIGNAL);
            if (n <= 0) throw std::runtime_error("the server hung up");
            done += static_cast<std::size_t>(n);
        }
    }
    void receive(Connection& c, bool more) {
        char bytes[16'384];
        ssize_t n = ::recv(c.socket, bytes, sizeof bytes, 0);
        if (n <= 0) throw std::runtime_error("the server hung up");
        c.reply.append(bytes, static_cast<std::size_t>(n));
        if (std::size_t size = protocol_.reply_size(c.reply)) {
            waits_us_.push_back(std::chrono::duration<float, std::micro>(Clock::now() - c.sent).count());
            if (!protocol_.succeeded(plan_.op, std::string_view(c.reply).substr(0, size))) ++result_.failures;
            c.reply.erase(0, size);
            --under_way_;
            ++result_.operations;
            if (more) send(c);
        }
    }
    std::uint64_t draw() {
        chance_ ^= chance_ << 13;
        chance_ ^= chance_ >> 7;
        chance_ ^= chance_ << 17;
        return chance_;
    }
    void summarise() {
        if (waits_us_.empty()) return;
        std::sort(waits_us_.begin(), waits_us_.end());
        result_.p50_us = static_cast<double>(waits_us_[waits_us_.size() / 2]);
        result_.p99_us = static_cast<double>(waits_us_[waits_us_.size() * 99 / 100]);
    }

    const Protocol& protocol_;
    LoadPlan plan_;
    std::uint64_t chance_;
    std::vector<std::string> requests_;
    std::vector<float> waits_us_;
    std::uint64_t started_ = 0;
    std::uint64_t under_way_ = 0;
    LoadResult result_;
};

}  // namespace

LoadResult run_load(const Protocol& protocol, const LoadPlan& plan) { return Load(protocol, plan).run(); }

}  // namespace ashlar::bench
