// The engine's slow work, one slice at a time: flush and compaction, what may be forgotten, scrubs.
//
// One maintain Work at a time (the contract's bound); the next is asked for as soon as one is done, and when
// there was none, after a pause. Loop only. A slice that fails is logged and tried again later: what a full disk
// refuses now may fit after the next clean-up.
#pragma once

#include <functional>
#include <vector>

#include "ashlar/host.h"
#include "ashlar/storage_engine.h"
#include "port/limits.h"
#include "port/works.h"
#include "repair/forgetting.h"

namespace ashlar::repair {

/// A table as the forgetting rule sees it.
struct Forgettable {
    TableId table;
    std::uint64_t resolver_capabilities = 0;
};

class Upkeep {
public:
    Upkeep(StorageEngine& engine, port::Works& works, const port::Limits& limits, Log& log, NodeId self)
        : engine_(engine), works_(works), limits_(limits), log_(log), self_(self) {}

    /// Starts what is due. At the end of a turn, and when woken.
    void pump(const port::Turn& turn, const Ring& ring, const std::function<std::vector<Forgettable>()>& tables);
    Instant due() const { return working_ || stopped_ ? port::never : std::min(wake_at_, forget_at_); }
    using ScrubThen = std::function<void(const port::Turn&, const Result<void>&, const ScrubWork&)>;
    /// Reads every block; `then` hears what was found. The work may be looked at until then. Unsupported: there is
    /// nothing to scrub.
    Result<const ScrubWork*> scrub(const port::Turn& turn, ScrubThen then);
    /// Starts nothing more.
    void stop() { stopped_ = true; }

private:
    void ask(const port::Turn& turn);

    StorageEngine& engine_;
    port::Works& works_;
    const port::Limits& limits_;
    Log& log_;
    NodeId self_;
    Instant ask_at_{0};   ///< not asked again before
    Instant wake_at_{0};  ///< asked again then, even if nothing else happens
    Instant forget_at_{0};
    bool working_ = false;
    bool stopped_ = false;
};

}  // namespace ashlar::repair
