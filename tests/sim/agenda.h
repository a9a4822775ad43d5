// Virtual time: what happens when. Equal moments happen in the order they were written down.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "ashlar/types.h"

namespace ashlar::sim {

class Agenda {
public:
    using Act = std::function<void()>;

    Instant now() const { return now_; }
    void at(Instant when, Act act) {
        lines_.push_back(Line{std::max(when, now_), ++written_, std::move(act)});
        std::push_heap(lines_.begin(), lines_.end(), later);
    }
    void in(Duration wait, Act act) { at(now_ + wait, std::move(act)); }
    /// Lets time pass up to `until`, doing what is due; stops early when `enough` says so.
    void run(Instant until, const std::function<bool()>& enough = nullptr) {
        while (!lines_.empty() && lines_.front().when <= until) {
            if (enough && enough()) return;
            std::pop_heap(lines_.begin(), lines_.end(), later);
            Line line = std::move(lines_.back());
            lines_.pop_back();
            now_ = line.when;
            line.act();
        }
        if (!enough || !enough()) now_ = std::max(now_, until);
    }

private:
    struct Line {
        Instant when;
        std::uint64_t number = 0;
        Act act;
    };
    static bool later(const Line& a, const Line& b) { return a.when != b.when ? b.when < a.when : b.number < a.number; }

    Instant now_{0};
    std::uint64_t written_ = 0;
    std::vector<Line> lines_;  ///< a heap, the earliest in front
};

}  // namespace ashlar::sim
