// Blocking work that is under way on a lane, and what shall happen when it is done.
//
// A room starts a piece here and gives the rest of its thought along; node hands WorkDone back. One thread.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

#include "base/slab.h"
#include "port/turn.h"

namespace ashlar::port {

class Works {
public:
    /// Called on the loop with the outcome of finish(); the work is destroyed after it.
    using Then = std::function<void(const Turn&, const Result<void>&)>;

    void start(const Turn& turn, Lane lane, std::unique_ptr<Work> work, Then then) {
        base::SlotId slot = running_.take();
        Running& running = *running_.find(slot);
        running.work = std::move(work);
        running.then = std::move(then);
        running.lane = lane;
        ++count_[static_cast<std::size_t>(lane)];
        turn.effects.run(lane, WorkId{std::uint64_t{slot.generation} << 32 | slot.index}, *running.work);
    }
    /// An id that is not under way is ignored.
    void done(const Turn& turn, WorkId id) {
        base::SlotId slot{static_cast<std::uint32_t>(id.value), static_cast<std::uint32_t>(id.value >> 32)};
        Running* running = running_.find(slot);
        if (running == nullptr) return;
        std::unique_ptr<Work> work = std::move(running->work);
        Then then = std::move(running->then);
        --count_[static_cast<std::size_t>(running->lane)];
        running_.give_back(slot);
        Result<void> outcome = work->finish();
        then(turn, outcome);
    }
    bool busy(Lane lane) const { return count_[static_cast<std::size_t>(lane)] != 0; }
    std::size_t under_way() const { return running_.used(); }

private:
    struct Running {
        std::unique_ptr<Work> work;
        Then then;
        Lane lane = Lane::read;
        void clear() {
            work.reset();
            then = nullptr;
        }
    };
    base::Slab<Running> running_;
    std::array<std::size_t, 4> count_{};
};

}  // namespace ashlar::port
