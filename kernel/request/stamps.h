// The hybrid logical clock of tables where the latest stamp wins: wall time, and never behind what was met.
//
// A stamp given is later than every stamp this node gave, read, joined or was shown in a client's context, so that a
// write that saw another beats it though this node's clock is behind. How far a stamp may draw the clock ahead of wall
// time is bounded: one beyond the bound is refused where a client brings it, never where replicas join (they must be
// able to agree), and then draws only what builds on it; the operator is told, since some clock is wrong. Loop only.
//
// Paper: Kulkarni et al., "Logical Physical Clocks", OPODIS 2014.
#pragma once

#include <string>

#include "ashlar/conflict_resolver.h"
#include "ashlar/host.h"
#include "port/turn.h"

namespace ashlar::request {

/// The latest stamp of what was read; 0 when nothing was.
WallTime latest_of(const Reading& reading);

class Stamps {
public:
    Stamps(Duration skew_most, Log& log) : skew_most_(skew_most), log_(log) {}

    /// Later than all that were given or met, and than `after`: what the write builds on.
    WallTime next(WallTime wall, WallTime after);
    /// What replicas hold or were given to join.
    void meet(const Reading& reading, WallTime wall);
    /// What another coordinator has admitted: within the bound it draws this clock too.
    void follow(WallTime stamp, WallTime wall);
    /// What a client says it has seen. Fails with invalid_request, and draws nothing, beyond the bound.
    Result<void> admit(WallTime stamp, WallTime wall);
    /// Tells the log once of a clock that is wrong.
    void pump(const port::Turn& turn);
    /// For status, as of the last pump(); empty while all clocks met are within the bound.
    const std::string& problem() const { return problem_; }

private:
    Duration skew_most_;
    Log& log_;
    WallTime last_{0};
    WallTime farthest_{0};  ///< of those beyond the bound when they were met
    NodeId maker_;          ///< of that
    std::string problem_;
};

}  // namespace ashlar::request
