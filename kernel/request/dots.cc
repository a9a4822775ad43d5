#include "request/dots.h"

namespace ashlar::request {
namespace {

constexpr Duration retry_pause = seconds(1);

}  // namespace

Dots::Dots(ledger::Changes& changes) : changes_(changes) {
    const ledger::State& state = changes.state();
    actor_ = Actor{state.node, state.incarnation, 0};
    per_key_actor_ = Actor{state.node, state.life(), 0};
    used_ = state.counter_used;
    leased_ = state.counter_lease;
    block_ = leased_ - used_;
}

std::optional<std::uint64_t> Dots::take() {
    if (used_ >= leased_) return std::nullopt;
    return ++used_;
}

void Dots::keep_ahead(const port::Turn& turn) {
    if (leased_ - used_ > block_ / 2 || asked_ || turn.now.steady < not_before_) return;
    asked_ = true;
    changes_.ask(
        turn,
        [this](ledger::State& state) {
            state.counter_lease += block_;
            return Result<void>{};
        },
        [this](const port::Turn& later, const Result<void>& outcome) {
            asked_ = false;
            if (outcome)
                leased_ = changes_.state().counter_lease;
            else
                not_before_ = later.now.steady + retry_pause;
        });
}

}  // namespace ashlar::request
