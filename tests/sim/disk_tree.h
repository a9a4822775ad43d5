// A file tree in memory that knows what a power cut leaves of it. No faults and no counting: FaultyDisk adds them.
//
// Two states are kept side by side: what a running process sees, and what is durable. Bytes become durable by
// sync_file, names by sync_directory. power_cut() draws from a seed what of the rest survives: a file keeps its
// synced bytes and of the others all, none, a prefix, or a lottery of 512-byte sectors (the lost ones read as
// zeros); changes of names survive all, none, in order up to a point, or each by itself, a rename always whole.
// One thread at a time.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ashlar/result.h"
#include "ashlar/types.h"
#include "random.h"

namespace ashlar::sim {

/// What a crash does with everything that is not durable.
enum class Loss : std::uint8_t {
    nothing,     ///< the process died, the machine did not
    everything,  ///< the least that the contract of the disk allows to survive
    lottery,     ///< drawn from the seed
};

/// A file or a directory. Hard links share one.
struct TreeNode {
    using Names = std::map<std::string, std::shared_ptr<TreeNode>>;

    bool directory = false;
    Names names;    ///< of a directory, as seen
    Names durable;  ///< of a directory, as on the disk

    Bytes bytes;                      ///< of a file: all that was appended
    std::uint64_t length = 0;         ///< at least bytes.size(): zeros follow up to here
    std::uint64_t synced_bytes = 0;   ///< so many bytes are durable, except the doubtful ones
    std::uint64_t synced_length = 0;  ///< the file is at least so long after a power cut
    std::vector<std::pair<std::uint64_t, std::uint64_t>> doubtful;  ///< [from, to): a sync of them failed
};
using NodeRef = std::shared_ptr<TreeNode>;

class DiskTree {
public:
    DiskTree() : root_(std::make_shared<TreeNode>()) { root_->directory = true; }

    /// The node of a path ("" is the root); fails with not_found or, for a path that is not allowed, invalid_request.
    Result<NodeRef> find(const std::string& path) const;
    Result<NodeRef> create(const std::string& path, bool directory);
    Result<void> remove(const std::string& path);
    Result<void> rename(const std::string& from, const std::string& to);
    Result<void> link(const std::string& from, const std::string& to);

    static void append(TreeNode& file, View bytes);
    static void reserve(TreeNode& file, std::uint64_t bytes);
    /// Without success the un-synced bytes stay visible, but no later sync makes them durable.
    static void sync_file(TreeNode& file, bool success);
    void sync_directory(const NodeRef& directory, bool success);

    /// The tree as found after the power came back; all of it is durable.
    DiskTree power_cut(Loss loss, std::uint64_t seed) const;
    /// Bytes of all files that have a name, reserved room included.
    std::uint64_t used() const;
    /// Paths of all files, sorted.
    std::vector<std::string> files() const;

private:
    struct Assignment {
        NodeRef directory;
        std::string name;
        NodeRef target;  ///< null: the name goes
    };
    /// A change of names that survives as a whole or not at all.
    struct Change {
        std::vector<Assignment> assignments;
        bool doubtful = false;  ///< the sync that should have made it durable failed
    };
    struct Spot {
        NodeRef directory;
        std::string name;
    };
    Result<Spot> spot(const std::string& path) const;
    void record(std::vector<Assignment> assignments);
    void settle(std::size_t index);

    NodeRef root_;
    std::vector<Change> pending_;  ///< oldest first
};

}  // namespace ashlar::sim
