// What goes wrong on a road between nodes: each case is counted, and told in one line per address and minute, so that
// a flood of strangers does not become a flood of lines. Loop only.
#pragma once

#include <map>
#include <string>

#include "ashlar/host.h"

namespace ashlar::host {

class PeerNotes {
public:
    /// Counters are named ROAD_REASON.
    PeerNotes(Meter& meter, Log& log, std::string road) : meter_(meter), log_(log), road_(std::move(road)) {}

    /// `reason` is a word of ours, never of a peer's: it names a counter.
    void count(View reason);
    void tell(LogLevel level, const std::string& address, View reason, View sentence, Instant now);

private:
    bool may_speak(const std::string& address, Instant now);

    Meter& meter_;
    Log& log_;
    std::string road_;
    std::map<std::string, Instant> silent_until_;  ///< by address
};

}  // namespace ashlar::host
