#include "host/lanes.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>

namespace ashlar::host {
namespace {

struct Gate {
    std::mutex mutex;
    std::condition_variable changed;
    int wakes = 0;
    bool open = false;
    void wake() {
        std::lock_guard lock(mutex);
        ++wakes;
        changed.notify_all();
    }
    void let_go() {
        std::lock_guard lock(mutex);
        open = true;
        changed.notify_all();
    }
    void wait_open() {
        std::unique_lock lock(mutex);
        changed.wait(lock, [&] { return open; });
    }
    void wait_wakes(int n) {
        std::unique_lock lock(mutex);
        changed.wait(lock, [&] { return wakes >= n; });
    }
};

struct Counted final : Work {
    explicit Counted(std::atomic<int>& running, std::atomic<int>& most, Gate* gate = nullptr)
        : running_(running), most_(most), gate_(gate) {}
    void run() noexcept override {
        int now = ++running_;
        int seen = most_;
        while (seen < now && !most_.compare_exchange_weak(seen, now)) {
        }
        if (gate_ != nullptr) gate_->wait_open();
        ++runs;
        --running_;
    }
    Result<void> finish() noexcept override { return {}; }
    std::atomic<int> runs = 0;

private:
    std::atomic<int>& running_;
    std::atomic<int>& most_;
    Gate* gate_;
};

void collect(Lanes& lanes, Gate& gate, std::size_t wanted, std::vector<std::uint64_t>& out) {
    std::vector<port::WorkId> batch;
    for (int wakes = 1; out.size() < wanted; ++wakes) {
        gate.wait_wakes(wakes);
        lanes.take_finished(batch);
        for (port::WorkId id : batch) out.push_back(id.value);
    }
}

TEST(Lanes, RunsEachWorkOnceAndHandsItsIdBack) {
    std::atomic<int> running = 0;
    std::atomic<int> most = 0;
    Gate gate;
    std::vector<std::unique_ptr<Counted>> works;
    Lanes lanes(2, [&] { gate.wake(); });
    for (std::uint64_t i = 0; i < 100; ++i) {
        works.push_back(std::make_unique<Counted>(running, most));
        lanes.run(port::Lane::sync, port::WorkId{i}, *works.back());
    }
    std::vector<std::uint64_t> done;
    collect(lanes, gate, 100, done);
    for (std::uint64_t i = 0; i < 100; ++i) {
        EXPECT_EQ(done[i], i) << "the sync lane keeps the order";
        EXPECT_EQ(works[i]->runs, 1);
    }
    EXPECT_EQ(most, 1) << "and runs one at a time";
    EXPECT_LE(gate.wakes, 100);
}

TEST(Lanes, ReadersRunSideBySideAndOtherLanesDoNotWait) {
    std::atomic<int> running = 0;
    std::atomic<int> most = 0;
    Gate gate;
    Gate blocked;
    std::vector<std::unique_ptr<Counted>> works;
    Lanes lanes(3, [&] { gate.wake(); });
    for (std::uint64_t i = 0; i < 3; ++i) {
        works.push_back(std::make_unique<Counted>(running, most, &blocked));
        lanes.run(port::Lane::read, port::WorkId{i}, *works.back());
    }
    Counted other(running, most);
    lanes.run(port::Lane::ledger, port::WorkId{9}, other);
    std::vector<std::uint64_t> done;
    collect(lanes, gate, 1, done);
    EXPECT_EQ(done, std::vector<std::uint64_t>{9});
    while (running < 3) std::this_thread::yield();
    blocked.let_go();
    std::vector<std::uint64_t> rest;
    std::vector<port::WorkId> batch;
    while (rest.size() < 3) {
        lanes.take_finished(batch);
        for (port::WorkId id : batch) rest.push_back(id.value);
        std::this_thread::yield();
    }
    EXPECT_GE(most, 3);
}

TEST(Lanes, WhatHasNotBegunIsDroppedAtTheEnd) {
    std::atomic<int> running = 0;
    std::atomic<int> most = 0;
    Gate blocked;
    Counted first(running, most, &blocked);
    Counted second(running, most);
    std::thread opener;
    {
        Lanes lanes(1, [] {});
        lanes.run(port::Lane::sync, port::WorkId{1}, first);
        while (running == 0) std::this_thread::yield();
        lanes.run(port::Lane::sync, port::WorkId{2}, second);
        opener = std::thread([&] {
            // The lanes are being closed by now or will be: either way the second work never begins before that.
            std::this_thread::yield();
            blocked.let_go();
        });
        // Closing waits for the first.
    }
    opener.join();
    EXPECT_EQ(first.runs, 1);
    EXPECT_LE(second.runs, 1);
}

}  // namespace
}  // namespace ashlar::host
