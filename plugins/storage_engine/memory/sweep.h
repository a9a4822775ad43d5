// How expired versions and forgettable tombstones leave the memory engine: walks all entries in slices, asks the
// joiner what to keep of each, and puts the answers in.
//
// A sweep begins when its interval has passed or when the kernel allowed tombstones to leave. A slice asks on a lane,
// against the tree as it was, and takes its answers over on the loop where the entry is still the one it saw. As long
// as a snapshot lives no tombstone leaves: somebody may still carry an older version of the key elsewhere.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "ashlar/storage_engine.h"
#include "tree.h"

namespace ashlar::memory {

/// What the engine holds. Loop only; the tree in it may be copied to any thread.
struct Content {
    Tree tree;
    std::uint64_t entries = 0;
    std::uint64_t bytes = 0;

    void set(ItemRef item);
    void drop(const EntryKey& key);
};

class Sweep {
public:
    Sweep(const Joiner& joiner, Content& content, Duration interval)
        : joiner_(joiner), content_(content), interval_(interval), alive_(std::make_shared<char>()) {}

    /// Held by every snapshot.
    std::shared_ptr<const void> alive() const { return alive_; }
    void allow(const Retirement& retirement);
    std::unique_ptr<Work> slice(std::uint64_t budget_bytes, WallTime now);

private:
    class Slice;
    bool due(WallTime now) const;
    bool snapshots_live() const { return alive_.use_count() > 1; }
    void take_over(const Slice& slice);

    const Joiner& joiner_;
    Content& content_;
    Duration interval_;
    std::shared_ptr<const void> alive_;
    std::vector<Retirement> allowed_;  ///< which tombstones may leave
    std::size_t begun_with_ = 0;       ///< so many of them the last sweep knew when it began
    bool under_way_ = false;
    bool disturbed_ = false;  ///< a snapshot lived, so this sweep forgot nothing for a while
    WallTime last_;           ///< when the last sweep began
    ItemRef behind_;          ///< walked up to here
};

}  // namespace ashlar::memory
