#include "watch.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "loopback.h"
#include "protocol.h"

namespace ashlar::bench {
namespace {

constexpr std::size_t value_bytes = 1'000;
constexpr std::string_view sign = "#write:";
constexpr std::size_t digits = 12;

/// A value that says which write it is of, once.
std::string value_of(std::uint64_t number) {
    std::string text = std::to_string(number);
    std::string out = std::string(sign) + std::string(digits - text.size(), '0') + text;
    for (std::size_t i = out.size(); i < value_bytes; ++i) out.push_back(static_cast<char>('a' + (number + i) % 23));
    return out;
}

const Protocol& words() {
    static const auto protocol = thrift_frames("two");
    return *protocol;
}

/// A Thrift reply's first field is 0: the answer, else an exception.
bool is_answer(const std::string& reply) {
    return reply.size() > 21 && reply[7] == 2 && reply[19] == 12 && reply[20] == 0 && reply[21] == 0;
}

}  // namespace

struct Watch::Connection {
    int socket = -1;
    std::size_t node = 0;
    std::uint32_t first = 0, keys = 0, fill = 0;  // its own keys, and how many it has written at least once
    std::uint32_t key = 0;
    bool writing = false;
    std::uint64_t expected = 0;  // of a read: acknowledged when it was sent
    Clock::time_point sent;
    std::string reply;
};

std::string key_of(std::uint32_t number) {
    return "key:" + std::to_string(1'000'000 + number);
}

std::vector<std::uint64_t> numbers_in(const std::string& reply) {
    std::vector<std::uint64_t> out;
    for (std::size_t at = reply.find(sign); at != std::string::npos; at = reply.find(sign, at + 1)) {
        out.push_back(std::strtoull(reply.substr(at + sign.size(), digits).c_str(), nullptr, 10));
    }
    return out;
}

Watch::Watch(std::vector<std::uint16_t> ports, int connections, std::uint32_t keys)
    : ports_(std::move(ports)),
      connections_(static_cast<std::size_t>(connections)),
      acknowledged_(keys),
      attempted_(keys),
      poll_(::epoll_create1(0)) {
    std::uint32_t each = keys / static_cast<std::uint32_t>(connections), first = 0;
    for (std::size_t i = 0; i < connections_.size(); ++i, first += each) {
        connections_[i].node = i % ports_.size();
        connections_[i].first = first;
        connections_[i].keys = i + 1 == connections_.size() ? keys - first : each;
    }
}

Watch::~Watch() {
    stop();
    for (Connection& connection : connections_) ::close(connection.socket);
    ::close(poll_);
}

void Watch::start() {
    thread_ = std::thread([this] { run(); });
    auto missing = [](const auto& number) { return number == 0; };
    while (std::any_of(acknowledged_.begin(), acknowledged_.end(), missing)) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
}

void Watch::stop() {
    stopping_ = true;
    if (thread_.joinable()) thread_.join();
}

Noticed Watch::mark() {
    std::lock_guard hold(guard_);
    marked_ = Clock::now();
    return std::exchange(noticed_, {});
}

std::vector<std::uint64_t> Watch::acknowledged() const {
    std::vector<std::uint64_t> out;
    for (const auto& number : acknowledged_) out.push_back(number);
    return out;
}

void Watch::run() {
    for (Connection& connection : connections_) {
        if (connect(connection)) next(connection);
    }
    std::vector<epoll_event> ready(connections_.size());
    while (!stopping_) {
        int n = ::epoll_wait(poll_, ready.data(), static_cast<int>(ready.size()), 10);
        for (int i = 0; i < n; ++i) {
            Connection& connection = connections_[ready[static_cast<std::size_t>(i)].data.u64];
            char bytes[16'384];
            ssize_t got = ::recv(connection.socket, bytes, sizeof bytes, 0);
            if (got <= 0) {
                lose(connection);
                continue;
            }
            connection.reply.append(bytes, static_cast<std::size_t>(got));
            std::size_t size = words().reply_size(connection.reply);
            if (size == 0) continue;
            std::string reply = connection.reply.substr(0, size);
            connection.reply.erase(0, size);
            answer(connection, reply);
            next(connection);
        }
        for (Connection& connection : connections_) {
            if (connection.socket < 0 && connect(connection)) next(connection);
        }
    }
}

bool Watch::connect(Connection& connection) {
    for (std::size_t tries = 0; tries < ports_.size(); ++tries) {
        connection.socket = connect_to(ports_[connection.node]);
        if (connection.socket >= 0) break;
        connection.node = (connection.node + 1) % ports_.size();
    }
    if (connection.socket < 0) return false;
    epoll_event watch{};
    watch.events = EPOLLIN;
    watch.data.u64 = static_cast<std::uint64_t>(&connection - connections_.data());
    ::epoll_ctl(poll_, EPOLL_CTL_ADD, connection.socket, &watch);
    return true;
}

void Watch::lose(Connection& connection) {
    ::close(connection.socket);
    connection.socket = -1;
    connection.reply.clear();
    connection.node = (connection.node + 1) % ports_.size();
    std::lock_guard hold(guard_);
    ++noticed_.broken;
}

void Watch::next(Connection& connection) {
    chance_ ^= chance_ << 13;
    chance_ ^= chance_ >> 7;
    chance_ ^= chance_ << 17;
    bool filling = connection.fill < connection.keys;
    connection.key =
        connection.first + (filling ? connection.fill : static_cast<std::uint32_t>(chance_ % connection.keys));
    connection.writing = filling || (chance_ >> 40) % 2 == 0;
    connection.expected = acknowledged_[connection.key];
    std::string value;
    if (connection.writing) value = value_of(++attempted_[connection.key]);
    std::string request = words().request(connection.writing ? Op::put : Op::get, key_of(connection.key), value);
    connection.sent = Clock::now();
    for (std::size_t done = 0; done < request.size();) {
        ssize_t n = ::send(connection.socket, request.data() + done, request.size() - done, MSG_NOSIGNAL);
        if (n <= 0) return lose(connection);
        done += static_cast<std::size_t>(n);
    }
}

void Watch::answer(Connection& connection, const std::string& reply) {
    auto now = Clock::now();
    bool good = is_answer(reply);
    if (good && connection.writing) {
        acknowledged_[connection.key] = attempted_[connection.key].load();
        if (connection.fill < connection.keys) ++connection.fill;
    }
    std::lock_guard hold(guard_);
    ++(connection.writing ? noticed_.writes : noticed_.reads);
    noticed_.longest_ms =
        std::max(noticed_.longest_ms, std::chrono::duration<double, std::milli>(now - connection.sent).count());
    if (!good) {
        if (noticed_.errors++ == 0) noticed_.first_error = reply.substr(std::min<std::size_t>(reply.size(), 22), 200);
        noticed_.last_error_s = std::chrono::duration<double>(now - marked_).count();
    } else if (!connection.writing) {
        auto found = numbers_in(reply);
        std::uint64_t newest = found.empty() ? 0 : *std::max_element(found.begin(), found.end());
        if (newest < connection.expected || newest > attempted_[connection.key]) {
            if (noticed_.wrong++ == 0) {
                noticed_.first_wrong = key_of(connection.key) + " gave write " + std::to_string(newest) +
                                       " after write " + std::to_string(connection.expected) + " was acknowledged";
            }
        }
    }
}

}  // namespace ashlar::bench
