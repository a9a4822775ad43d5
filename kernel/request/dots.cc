#include "request/dots.h"

namespace ashlar::request {
namespace {

constexpr Duration retry_pause = seconds(1);

}  // namespace

Dots::Dots(ledger::Changes& changes) : changes_(changes) {
    const ledger::State& state = changes.state();
    used_ = state.counter_used;
    leased_ = state.counter_lease;
    block_ = leased_ - used_;
}

Actor Dots::actor(bool per_key_counters) const {
    const ledger::State& state = changes_.state();
    return Actor{state.node, per_key_counters ? state.life() : state.incarnation, 0};
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
