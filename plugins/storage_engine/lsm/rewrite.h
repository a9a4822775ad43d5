// Writes some runs anew as table files, in bounded slices: the one engine of flush, compaction and recovery.
//
// Planned on the loop, stepped on a lane (one step at a time), its files installed when it is done. Entries of
// one key are joined and settled; hidden ones are left out; a tombstone leaves only if permitted and if no
// other run of the moment it was planned at can hold the key. If it fails or is let go, abandon() removes
// what it wrote.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "merge.h"
#include "permits.h"
#include "table_builder.h"
#include "workshop.h"

namespace ashlar::lsm {

struct RewritePlan {
    std::vector<MemtablePtr> memtables;  ///< inputs, beside tables
    std::vector<TablePtr> tables;        ///< inputs, each a run of its own
    std::vector<TablePtr> level;         ///< inputs that form one run
    std::uint32_t output_level = 0;
    bool split = true;  ///< into files of the target size
    Moment moment;      ///< when it was planned: whom to ask before anything is forgotten
    Permits permits;    ///< those that count
    WallTime now;
    std::string prefix;  ///< where the files go: "" or a directory with '/'
};

class Rewrite {
public:
    Rewrite(Workshop& shop, RewritePlan plan);

    // Lane.
    /// Handles about so many bytes of input. True when all is written and synced, its names too.
    Result<bool> step(std::uint64_t budget_bytes);
    void abandon();
    /// Whether step() failed at a sync: then the disk is not to be trusted.
    bool sync_failed() const { return sync_failed_; }
    /// What was written; complete when step() answered true.
    const std::vector<TablePtr>& outputs() const { return outputs_; }
    std::uint64_t input_bytes() const { return merge_ ? merge_->bytes() : 0; }
    std::uint64_t output_bytes() const { return output_bytes_; }
    std::uint64_t forgotten() const { return forgotten_; }

    // Any thread.
    const RewritePlan& plan() const { return plan_; }
    std::vector<TablePtr> inputs() const;

private:
    void begin();
    Result<void> take(const EntryKey& key, View entry);
    bool held_elsewhere(const EntryKey& key) const;
    bool is_input(const Table& table) const;
    Lasting lasting(TableId table, View entry) const;
    Result<void> write(const EntryKey& key, View entry);
    Result<void> end_file();

    Workshop& shop_;
    RewritePlan plan_;
    std::unique_ptr<Merge> merge_;
    std::unique_ptr<TableBuilder> builder_;
    std::vector<TablePtr> outputs_;
    std::vector<std::string> paths_;  ///< every file begun
    std::uint64_t output_bytes_ = 0;
    std::uint64_t forgotten_ = 0;
    bool sync_failed_ = false;
};

}  // namespace ashlar::lsm
