#include "repair/upkeep.h"

#include <memory>
#include <string>
#include <utility>

namespace ashlar::repair {
namespace {

/// How late a full memtable may be noticed: at 100 MB/s, 1 MB more than planned.
constexpr Duration again_pause = milliseconds(10);
constexpr Duration idle_pause = seconds(1);
constexpr Duration failure_pause = seconds(1);

}  // namespace

void Upkeep::pump(const port::Turn& turn, const Ring& ring, const std::function<std::vector<Forgettable>()>& tables) {
    if (stopped_) return;
    if (forget_at_ <= turn.now.steady) {
        // Ten times in a grace, so that nothing stays much longer than it must, but not at every turn.
        forget_at_ = turn.now.steady + Duration{std::max<std::int64_t>(limits_.tombstone_grace.us / 10, 100'000)};
        for (const Forgettable& table : tables()) {
            auto before =
                forget_before(ring, self_, table.resolver_capabilities, turn.now.wall, limits_.tombstone_grace);
            if (!before) continue;
            Retirement retirement;
            retirement.table = table.table;
            retirement.forget_before = *before;
            if (auto retired = engine_.retire(retirement); !retired) {
                log_.write(LogLevel::warn, "tombstones stay for now: " + retired.error().detail);
            }
        }
    }
    if (!working_ && ask_at_ <= turn.now.steady) ask(turn);
}

void Upkeep::ask(const port::Turn& turn) {
    std::unique_ptr<Work> slice = engine_.maintain(limits_.maintain_slice_bytes, turn.now.wall);
    if (slice == nullptr) {
        ask_at_ = turn.now.steady + again_pause;
        wake_at_ = turn.now.steady + idle_pause;
        return;
    }
    working_ = true;
    works_.start(
        turn, port::Lane::maintain, std::move(slice), [this](const port::Turn& later, const Result<void>& outcome) {
            working_ = false;
            ask_at_ = wake_at_ = later.now.steady;
            if (outcome) return;
            ask_at_ = wake_at_ = later.now.steady + failure_pause;
            log_.write(LogLevel::warn, "maintenance failed and will be tried again: " + outcome.error().detail);
        });
}

Result<const ScrubWork*> Upkeep::scrub(const port::Turn& turn, ScrubThen then) {
    std::unique_ptr<ScrubWork> scrub = engine_.scrub();
    if (scrub == nullptr) return fail(Code::unsupported, "this storage engine has nothing to scrub");
    const ScrubWork* work = scrub.get();
    works_.start(turn, port::Lane::maintain, std::move(scrub),
                 [work, then = std::move(then)](const port::Turn& later, const Result<void>& outcome) {
                     then(later, outcome, *work);
                 });
    return work;
}

}  // namespace ashlar::repair
