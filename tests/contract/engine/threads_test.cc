// The loop and its lanes at once, for the thread sanitizer: one thread applies and looks, one syncs, one maintains, two
// read snapshots. Each key has one writer, so that what a reader finds can be judged.
#include <array>
#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "engine_test.h"

namespace ashlar::contract {
namespace {

ON_EVERY_ENGINE(EngineThreads);

/// One storage thread: runs what it is handed, one at a time, and says when it is idle.
class Lane {
public:
    Lane() : thread_([this] { run(); }) {}
    ~Lane() {
        hand([] {});
        {
            std::lock_guard lock(mutex_);
            stop_ = true;
        }
        ready_.notify_all();
        thread_.join();
    }
    bool idle() {
        std::lock_guard lock(mutex_);
        return !job_;
    }
    void hand(std::function<void()> job) {
        std::unique_lock lock(mutex_);
        done_.wait(lock, [&] { return !job_; });
        job_ = std::move(job);
        ready_.notify_all();
    }
    void wait() {
        std::unique_lock lock(mutex_);
        done_.wait(lock, [&] { return !job_; });
    }

private:
    void run() {
        std::unique_lock lock(mutex_);
        for (;;) {
            ready_.wait(lock, [&] { return job_ || stop_; });
            if (!job_) return;
            lock.unlock();
            job_();
            lock.lock();
            job_ = nullptr;
            done_.notify_all();
        }
    }
    std::mutex mutex_;
    std::condition_variable ready_;
    std::condition_variable done_;
    std::function<void()> job_;
    bool stop_ = false;
    std::thread thread_;
};

/// A lane with the work it runs.
struct Busy {
    std::unique_ptr<Work> work;
    std::unique_ptr<Lane> lane = std::make_unique<Lane>();
    /// Takes over what is done and begins what there is.
    void turn(const std::function<std::unique_ptr<Work>()>& make) {
        if (!lane->idle()) return;
        if (work) {
            EXPECT_OK(work->finish());
        }
        work = make();
        if (work) lane->hand([this] { work->run(); });
    }
    void end() {
        lane->wait();
        if (work) {
            EXPECT_OK(work->finish());
        }
        work.reset();
    }
};

TEST_P(EngineThreads, LoopAndLanesTogether) {
    Rig rig(GetParam(), disk_);
    ASSERT_TRUE(rig.open()) << rig.log();
    constexpr std::uint64_t keys = 200;
    Content model;
    Busy syncing, maintaining;
    std::array<std::unique_ptr<Lane>, 2> readers{std::make_unique<Lane>(), std::make_unique<Lane>()};
    std::atomic<int> read_errors{0};
    std::uint64_t stamp = 0;
    for (std::uint64_t turn = 0; turn < scaled(6000, 100'000); ++turn) {
        Key key = key_of(turn * 7 % keys);
        Slot slot = slot_of(++stamp, 300, static_cast<std::uint8_t>(turn % 2));
        auto done = rig.put(key, slot);
        if (done) {
            join_into(model, key, slot);
        } else {
            ASSERT_EQ(code_of(done), static_cast<int>(Code::overloaded));
            std::this_thread::yield();
        }
        syncing.turn([&] { return rig->sync(SyncDepth::synced); });
        maintaining.turn([&] { return rig->maintain(64 << 10, WallTime{0}); });
        if (turn % 16 == 0) {
            Key looked = key_of(turn % keys);
            auto held = model.find(looked);
            auto found = rig->get(looked.at());
            ASSERT_OK(found);
            if (found->state == Found::State::present) {
                ASSERT_EQ(found->entry(), held->second);
            }
        }
        for (auto& reader : readers) {
            if (turn % 50 != 0 || !reader->idle()) continue;
            // The last handle may be let go on the lane.
            reader->hand([snapshot = rig->snapshot(), wanted = model, &read_errors] {
                auto found = content_of(*snapshot);
                if (!found || *found != wanted) ++read_errors;
            });
        }
    }
    for (auto& reader : readers) reader->wait();
    syncing.end();
    maintaining.end();
    EXPECT_EQ(read_errors.load(), 0);
    EXPECT_TRUE(same_content(model, taken(rig.content())));
    readers = {};
}

}  // namespace
}  // namespace ashlar::contract
