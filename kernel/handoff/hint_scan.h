// Reads open hints and what they speak of from a snapshot, on a read lane.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "ashlar/storage_engine.h"
#include "port/hint.h"

namespace ashlar::handoff {

/// A record that is still owed, and the entry as this node holds it.
struct OpenHint {
    Bytes where;  ///< its key in the hint table
    NodeId owner;
    Token token = 0;
    TableId table;
    Bytes key;
    Bytes entry;  ///< empty: nothing is held any more (a dropped table)
    std::uint64_t owed = 0;
    EntryKey entry_key() const { return EntryKey{token, table, key}; }
};

/// What one scan brings; one entry may go over the bytes.
struct ScanMost {
    std::size_t entries = 0;
    std::size_t bytes = 0;
};

class HintScan final : public Work {
public:
    /// With an owner: its records behind `after`, at most so many open ones, with their entries. Without: all are
    /// counted, none is kept.
    HintScan(std::shared_ptr<const Snapshot> snapshot, NodeId owner, Bytes after, ScanMost most)
        : snapshot_(std::move(snapshot)), owner_(owner), after_(std::move(after)), most_(most) {}

    void run() noexcept override { outcome_ = walk(); }
    Result<void> finish() noexcept override { return outcome_; }

    // After finish().
    std::vector<OpenHint> open;
    std::map<NodeId, std::uint64_t> counts;
    struct Mark {
        NodeId owner;
        TableId table;
        Token token = 0;
    };
    std::vector<Mark> marks;       ///< of all owners, where all are counted
    std::uint64_t unreadable = 0;  ///< open records whose entry this node cannot read: they stay open
    std::string why;               ///< of the last of them
    bool ended = false;            ///< no record is left behind the last
    Bytes last;

private:
    Result<void> walk();
    void keep(const port::HintKey& hint, View where, std::uint64_t owed);

    std::shared_ptr<const Snapshot> snapshot_;
    NodeId owner_;
    Bytes after_;
    ScanMost most_;
    std::size_t bytes_ = 0;
    Result<void> outcome_;
};

}  // namespace ashlar::handoff
