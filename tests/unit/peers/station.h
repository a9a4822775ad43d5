// One node's end of the roads, alive on a thread of its own: a real loop, real sockets on loopback, and in the place of
// the node somebody who writes down what is heard. Tests wait for what must come and never measure how long it took.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/seeded_random.h"
#include "host/background_road.h"
#include "host/meter_book.h"
#include "host/peer_link.h"

namespace ashlar::host::test {

/// Waits until it holds; no passing test needs the half minute.
inline bool wait_for(const std::function<bool()>& holds) {
    for (int n = 0; n < 6000; ++n) {
        if (holds()) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return holds();
}

class KeptLog final : public Log {
public:
    void write(LogLevel, View line) noexcept override {
        std::lock_guard lock(mutex_);
        lines_.emplace_back(line);
    }
    bool says(View words) const {
        std::lock_guard lock(mutex_);
        for (const std::string& line : lines_)
            if (line.find(words) != std::string::npos) return true;
        return false;
    }
    std::size_t lines_with(View words) const {
        std::lock_guard lock(mutex_);
        std::size_t out = 0;
        for (const std::string& line : lines_) out += line.find(words) != std::string::npos ? 1 : 0;
        return out;
    }

private:
    mutable std::mutex mutex_;
    std::vector<std::string> lines_;
};

struct StationWish {
    std::uint64_t node = 1;
    std::string cluster = "ashlar";
    std::string parts = "partitioner equal_partitions 1.0.0";
    std::uint32_t incarnation = 1;
    PeerLimits limits{};
    std::string link = "127.0.0.1:0";
    std::string background = "127.0.0.1:0";
    Names::LookUp look_up = host::look_up;
};

class Station final : public PeerTaker {
public:
    /// What an order of a test says: all a WriteAsk and a Probe carry of interest.
    struct Word {
        NodeId from;
        port::Road road;
        std::uint64_t ref = 0;
        std::size_t bytes = 0;
    };

    explicit Station(StationWish wish)
        : wish_(std::move(wish)),
          link_({reactor_, *this, random_, meter_, log_}, wish_.limits),
          background_({reactor_, *this, random_, meter_, log_}, wish_.limits, wish_.look_up) {
        link_at_ = must(link_.bind(*parse_address(wish_.link)));
        background_at_ = must(background_.bind(*parse_address(wish_.background)));
        PeerSelf self{{NodeId{wish_.node}, wish_.incarnation},
                      {wish_.cluster, "n" + std::to_string(wish_.node), 1, 1, wish_.parts}};
        if (auto served = link_.serve(self); !served) std::abort();
        background_.serve(self);
        reactor_.on_wake([this] { run_orders(); });
        thread_ = std::thread([this] { reactor_.run(); });
    }
    ~Station() {
        on_loop([this] { reactor_.stop(); });
        thread_.join();
    }

    void heard(const wire::Sender& from, port::Road road, const wire::Message& message) override {
        Word word{from.node, road};
        if (const auto* ask = std::get_if<wire::WriteAsk>(&message))
            word.ref = ask->ref.value, word.bytes = ask->entry.size();
        if (const auto* probe = std::get_if<wire::Probe>(&message)) word.ref = probe->ref.value;
        {
            std::lock_guard lock(mutex_);
            words_.push_back(word);
        }
        if (echo_ && word.road == port::Road::link && std::holds_alternative<wire::Probe>(message))
            link_.send({from.node, {}}, wire::ProbeAnswer{});
        if (std::holds_alternative<wire::ProbeAnswer>(message)) ++answers_;
    }
    void lost(NodeId peer) override {
        std::lock_guard lock(mutex_);
        lost_.push_back(peer);
    }

    /// Runs on the loop, in one turn, and waits for it.
    void on_loop(std::function<void()> order) {
        std::promise<void> done;
        {
            std::lock_guard lock(mutex_);
            orders_.push_back([&] {
                order();
                done.set_value();
            });
        }
        reactor_.wake();
        done.get_future().wait();
    }
    bool say(const Station& to, std::uint64_t ref, View entry = "entry") {
        bool out = false;
        on_loop([&] { out = say_here(to.id(), to.link_at(), ref, entry); });
        return out;
    }
    /// On the loop only.
    bool say_here(NodeId node, const std::string& at, std::uint64_t ref, View entry = "entry") {
        wire::WriteAsk ask;
        ask.ref.value = ref;
        ask.key.key = "key";
        ask.entry = entry;
        return link_.send({node, at}, ask);
    }
    bool whisper(const std::string& at, std::uint64_t ref) {
        bool out = false;
        on_loop([&] { out = background_.send({NodeId{}, at}, wire::Probe{wire::Ref{ref}, NodeId{}}); });
        return out;
    }

    NodeId id() const { return NodeId{wish_.node}; }
    const std::string& link_at() const { return link_at_; }
    const std::string& background_at() const { return background_at_; }
    PeerLink& link() { return link_; }
    BackgroundRoad& background() { return background_; }
    std::int64_t figure(const std::string& name) { return meter_.counter(name).value; }
    const KeptLog& log() const { return log_; }
    void echo() { echo_ = true; }
    int answers() const { return answers_; }
    std::vector<Word> words() const {
        std::lock_guard lock(mutex_);
        return words_;
    }
    std::size_t heard_count() const {
        std::lock_guard lock(mutex_);
        return words_.size();
    }
    std::size_t lost_count(NodeId node) const {
        std::lock_guard lock(mutex_);
        return static_cast<std::size_t>(std::count(lost_.begin(), lost_.end(), node));
    }
    /// Refs heard from a node on a road, in order.
    std::vector<std::uint64_t> refs(NodeId from, port::Road road = port::Road::link) const {
        std::lock_guard lock(mutex_);
        std::vector<std::uint64_t> out;
        for (const Word& word : words_)
            if (word.from == from && word.road == road) out.push_back(word.ref);
        return out;
    }

private:
    static std::string must(Result<std::string> address) {
        if (!address) {
            std::fprintf(stderr, "%s\n", address.error().detail.c_str());
            std::abort();
        }
        return *address;
    }
    void run_orders() {
        std::deque<std::function<void()>> now;
        {
            std::lock_guard lock(mutex_);
            now.swap(orders_);
        }
        for (auto& order : now) order();
    }

    StationWish wish_;
    Reactor reactor_;
    base::SeededRandom random_{7};
    MeterBook meter_;
    KeptLog log_;
    PeerLink link_;
    BackgroundRoad background_;
    std::string link_at_;
    std::string background_at_;
    mutable std::mutex mutex_;
    std::deque<std::function<void()>> orders_;
    std::vector<Word> words_;
    std::vector<NodeId> lost_;
    std::atomic<bool> echo_ = false;
    std::atomic<int> answers_ = 0;
    std::thread thread_;
};

}  // namespace ashlar::host::test
