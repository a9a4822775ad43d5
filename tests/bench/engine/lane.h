// A storage thread as the daemon has them: it runs one Work at a time and says when it is done.
//
// Owned and called by the loop; the Work is only run here, prepared and finished there.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "ashlar/storage_engine.h"

namespace ashlar::bench {

/// Rings when any lane is done, so that the loop may sleep.
struct Bell {
    std::mutex mutex;
    std::condition_variable rung;
};

class Lane {
public:
    explicit Lane(Bell& bell) : bell_(bell), thread_([this] { serve(); }) {}
    ~Lane() {
        {
            std::lock_guard lock(bell_.mutex);
            stop_ = true;
        }
        ready_.notify_one();
        thread_.join();
    }
    Lane(const Lane&) = delete;
    Lane& operator=(const Lane&) = delete;

    bool busy() const { return work_ != nullptr; }
    void run(std::unique_ptr<Work> work) {
        {
            std::lock_guard lock(bell_.mutex);
            work_ = std::move(work);
            waiting_ = true;
        }
        ready_.notify_one();
    }
    /// The work, once it ran; else null.
    std::unique_ptr<Work> take() {
        std::lock_guard lock(bell_.mutex);
        if (!ran_) return nullptr;
        ran_ = false;
        return std::move(work_);
    }
    /// For Bell's waiters, with its mutex held.
    bool done() const { return ran_; }

private:
    void serve() {
        std::unique_lock lock(bell_.mutex);
        for (;;) {
            ready_.wait(lock, [&] { return waiting_ || stop_; });
            if (!waiting_) return;
            waiting_ = false;
            Work* work = work_.get();
            lock.unlock();
            work->run();
            lock.lock();
            ran_ = true;
            bell_.rung.notify_all();
        }
    }

    Bell& bell_;
    std::condition_variable ready_;
    std::unique_ptr<Work> work_;
    bool waiting_ = false;
    bool ran_ = false;
    bool stop_ = false;
    std::thread thread_;
};

}  // namespace ashlar::bench
