#include "host/lanes.h"

#include <pthread.h>
#include <signal.h>

#include <utility>

namespace ashlar::host {
namespace {

constexpr std::array<const char*, 4> thread_names{"sync", "read", "maintain", "ledger"};

/// Signals are the main thread's: a lane that took one would keep the loop from hearing of it.
void block_signals() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

}  // namespace

Lanes::Lanes(std::uint32_t read_threads, std::function<void()> ready) : ready_(std::move(ready)) {
    for (std::size_t lane = 0; lane < queues_.size(); ++lane) {
        std::uint32_t count = lane == static_cast<std::size_t>(port::Lane::read) ? read_threads : 1;
        for (std::uint32_t i = 0; i < count; ++i) {
            threads_.emplace_back([this, lane] {
                block_signals();
                ::pthread_setname_np(::pthread_self(), thread_names[lane]);
                serve(queues_[lane]);
            });
        }
    }
}

Lanes::~Lanes() {
    for (Queue& queue : queues_) {
        std::lock_guard lock(queue.mutex);
        queue.closed = true;
        queue.arrived.notify_all();
    }
}

void Lanes::run(port::Lane lane, port::WorkId id, Work& work) {
    Queue& queue = queues_[static_cast<std::size_t>(lane)];
    {
        std::lock_guard lock(queue.mutex);
        queue.pieces.push_back(Piece{id, &work});
    }
    queue.arrived.notify_one();
}

void Lanes::serve(Queue& queue) {
    for (;;) {
        Piece piece;
        {
            std::unique_lock lock(queue.mutex);
            queue.arrived.wait(lock, [&] { return queue.closed || !queue.pieces.empty(); });
            if (queue.closed) return;
            piece = queue.pieces.front();
            queue.pieces.pop_front();
        }
        piece.work->run();
        bool first = false;
        {
            std::lock_guard lock(finished_mutex_);
            first = finished_.empty();
            finished_.push_back(piece.id);
        }
        if (first) ready_();
    }
}

void Lanes::take_finished(std::vector<port::WorkId>& out) {
    out.clear();
    std::lock_guard lock(finished_mutex_);
    std::swap(out, finished_);
}

}  // namespace ashlar::host
