// One scan of a piece of a table, summed up by token: what a bucket tree learns from.
//
// Reads the disk: run on a lane, over a snapshot. Entries are hashed in the form Joiner::settle gives them, so that
// replicas that expire or forget at different moments have the same sum; what may be forgotten counts as absent. A scan
// ends early, between two tokens, once it has `most` of them. Fails as the snapshot or the joiner does: a block that
// cannot be read is never left out of a sum.
#pragma once

#include <cstddef>
#include <vector>

#include "ashlar/host.h"
#include "ashlar/result.h"
#include "ashlar/storage_engine.h"
#include "repair/bucket_tree.h"

namespace ashlar::repair {

struct Gathered {
    std::vector<TokenContent> tokens;  ///< sorted; tokens that hold nothing are left out
    Token through = 0;                 ///< so far the scan came
    bool forgot = false;               ///< something was left out because it may be forgotten
};

Result<Gathered> gather(const Snapshot& snapshot, TableId table, const TokenRange& range, const Joiner& joiner,
                        const Keep& keep, std::size_t most);

}  // namespace ashlar::repair
