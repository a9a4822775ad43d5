// How much background work may be under way towards one node: a feedback controller, fed by how busy that node says it
// is (its queue and the p99 of what its clients wait for).
//
// Additive increase, multiplicative decrease, as TCP does it: it doubles each round until something was in the way
// once, then rises by steps; a busy answer halves it, once per round, since what is under way was sent before; silence
// begins anew. It never falls to nothing: what is owed must arrive one day. A value; one thread.
// Paper: Jacobson, "Congestion Avoidance and Control", SIGCOMM 1988.
#pragma once

#include <cstdint>

namespace ashlar::base {

class Pace {
public:
    /// A receiver that is used to more than this share (x 1000) is busy.
    static constexpr std::uint32_t busy_milli = 500;
    static constexpr std::uint32_t least = 4;
    static constexpr std::uint32_t most = 1024;
    static constexpr std::uint32_t step = 16;

    /// How many may be under way.
    std::uint32_t window() const { return window_; }
    /// One of them was done, by a receiver with this load.
    void answered(std::uint32_t load_milli);
    /// The receiver has no room for what is under way.
    void refused();
    /// No answer at all.
    void lost();

private:
    void shrink();

    std::uint32_t window_ = least;
    std::uint32_t known_good_ = most;  ///< up to here it doubles
    std::uint32_t answered_ = 0;       ///< in this round
    std::uint32_t settling_ = 0;       ///< answers to come of what was sent before it shrank
};

}  // namespace ashlar::base
