// The background of the engine, one bounded slice at a time: flush, compaction, clean-up.
//
// Loop only, except what its slices do in run(). A flush goes before a compaction, and a compaction in progress
// waits for it between its slices. What a slice finished is installed on the loop as a new version, after its
// manifest edit is durable. How it fails: a full disk is tried again once there is room; a damaged input is set
// aside; where no sync failed and nothing is in doubt the task begins anew, some times; any other failure closes the
// engine for writes, since then the disk can no longer be trusted.
#pragma once

#include <memory>
#include <optional>

#include "compaction.h"
#include "rewrite.h"
#include "state.h"
#include "sweep.h"

namespace ashlar::lsm {

/// Sums since creation.
struct UpkeepFigures {
    std::uint64_t flushes = 0;
    std::uint64_t flushed_bytes = 0;  ///< written by flushes
    std::uint64_t compactions = 0;
    std::uint64_t compacted_bytes = 0;  ///< written by compactions
    std::uint64_t read_bytes = 0;       ///< read by compactions
    std::uint64_t forgotten = 0;        ///< entries that left for good
};

class Upkeep {
public:
    Upkeep(State& state, std::unique_ptr<Manifest> manifest);
    ~Upkeep();

    std::unique_ptr<Work> next(std::uint64_t budget_bytes, WallTime now);
    const UpkeepFigures& figures() const { return figures_; }
    std::uint64_t manifest_number() const { return manifest_number_; }
    std::uint64_t manifest_bytes() const { return manifest_bytes_; }
    /// Something was retired: look again for what to compact.
    void look_again() { look_ = true; }
    /// The newest sequence that a rewrite under way has planned with; 0: none is.
    Sequence planned_through() const;
    /// The last slice failed for want of room.
    bool starving() const { return starving_; }

private:
    class Slice;
    struct Task;

    Task* choose(WallTime now);
    void start_flush(WallTime now);
    void start_compaction(WallTime now);
    RewritePlan plan_for(WallTime now);
    Permits permits_that_count();
    Edit edit_for(const Task& task) const;
    void find_old_segments();
    void drop_spent_hides();

    void finished(Slice& slice);
    void install(const Task& task);
    void install_flush(const Task& task, Version& next);
    bool failed_for_inputs(const Task& task, const Error& error);
    void failed(const Task& task, const Error& error, bool final);

    State& state_;
    std::unique_ptr<Manifest> manifest_;
    CompactionPicker picker_;
    Graveyard graveyard_;
    std::unique_ptr<Task> flush_;
    std::unique_ptr<Task> compaction_;
    UpkeepFigures figures_;
    std::uint64_t manifest_number_ = 0;
    std::uint64_t manifest_bytes_ = 0;
    std::uint64_t log_begun_ = 0;  ///< the highest segment the manifest knows of
    bool busy_ = false;
    bool look_ = true;
    WallTime looked_;
    bool starving_ = false;  ///< a slice failed for want of room
    WallTime looked_at_space_;
    std::uint32_t failures_ = 0;  ///< in a row, of slices that may be tried again
};

}  // namespace ashlar::lsm
