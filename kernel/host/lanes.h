// The storage threads: they run Work that may block and hand its id back to the loop.
//
// sync, maintain and ledger have one thread each, so their works never overlap; read has several. run() is
// called on the loop; `ready` is called on a lane whenever the first of a batch of finished works waits for
// take_finished(), so one wake-up of the loop serves the whole batch. The node owns the works throughout.
// Nobody else starts threads but what looks up names (names.h).
#pragma once

#include <array>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "port/effects.h"

namespace ashlar::host {

class Lanes {
public:
    Lanes(std::uint32_t read_threads, std::function<void()> ready);
    /// Lets what runs end, drops what does not, joins the threads.
    ~Lanes();
    Lanes(const Lanes&) = delete;
    Lanes& operator=(const Lanes&) = delete;

    void run(port::Lane lane, port::WorkId id, Work& work);
    /// Replaces `out` by the finished works, in the order they ended.
    void take_finished(std::vector<port::WorkId>& out);

private:
    struct Piece {
        port::WorkId id;
        Work* work = nullptr;
    };
    struct Queue {
        std::mutex mutex;
        std::condition_variable arrived;
        std::deque<Piece> pieces;
        bool closed = false;
    };
    void serve(Queue& queue);

    std::function<void()> ready_;
    std::array<Queue, 4> queues_;  ///< by port::Lane
    std::mutex finished_mutex_;
    std::vector<port::WorkId> finished_;
    std::vector<std::jthread> threads_;
};

}  // namespace ashlar::host
