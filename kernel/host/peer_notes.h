// What goes wrong on a road between nodes: each case is counted, and told once for each address, again when it changes
// and after a minute, so that a flood of strangers does not become a flood of lines. Loop only.
#pragma once

#include <string>

#include "ashlar/host.h"
#include "base/repeats.h"

namespace ashlar::host {

class PeerNotes {
public:
    /// Counters are named ROAD_REASON.
    PeerNotes(Meter& meter, Log& log, std::string road) : meter_(meter), log_(log), road_(std::move(road)) {}

    /// `reason` is a word of ours, never of a peer's: it names a counter.
    void count(View reason);
    void tell(LogLevel level, const std::string& address, View reason, View sentence, Instant now);
    /// Nothing is wrong; `about` is told of in the same way.
    void mention(LogLevel level, const std::string& about, View sentence, Instant now);
    /// The newest that was refused for good reason (a cluster, a protocol, plugins), in words; empty: nobody yet.
    const std::string& newest_refusal() const { return newest_refusal_; }

private:
    Meter& meter_;
    Log& log_;
    std::string road_;
    base::Repeats said_;
    std::string newest_refusal_;
};

}  // namespace ashlar::host
