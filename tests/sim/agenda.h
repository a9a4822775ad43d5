// Virtual time: what happens when. Equal moments happen in the order they were written down.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <utility>

#include "ashlar/types.h"

namespace ashlar::sim {

class Agenda {
public:
    using Act = std::function<void()>;

    Instant now() const { return now_; }
    void at(Instant when, Act act) { acts_.emplace(std::make_pair(std::max(when, now_), ++written_), std::move(act)); }
    void in(Duration wait, Act act) { at(now_ + wait, std::move(act)); }
    /// Lets time pass up to `until`, doing what is due; stops early when `enough` says so.
    void run(Instant until, const std::function<bool()>& enough = nullptr) {
        while (!acts_.empty() && acts_.begin()->first.first <= until) {
            if (enough && enough()) return;
            now_ = acts_.begin()->first.first;
            Act act = std::move(acts_.begin()->second);
            acts_.erase(acts_.begin());
            act();
        }
        if (!enough || !enough()) now_ = std::max(now_, until);
    }

private:
    Instant now_{0};
    std::uint64_t written_ = 0;
    std::map<std::pair<Instant, std::uint64_t>, Act> acts_;
};

}  // namespace ashlar::sim
