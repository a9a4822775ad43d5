// Looks on a read lane at all that this node holds of one key: its entry, and hints of it for given owners.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "ashlar/storage_engine.h"

namespace ashlar::request {

class KeyLook final : public Work {
public:
    KeyLook(std::shared_ptr<const Snapshot> snapshot, const EntryKey& key, std::vector<NodeId> owners)
        : snapshot_(std::move(snapshot)),
          token_(key.token),
          table_(key.table),
          key_(key.key),
          owners_(std::move(owners)) {}

    void run() noexcept override { outcome_ = look(); }
    Result<void> finish() noexcept override { return outcome_; }

    // After finish().
    Bytes entry;                ///< empty: nothing is held
    std::vector<NodeId> owes;

private:
    Result<void> look();

    std::shared_ptr<const Snapshot> snapshot_;
    Token token_;
    TableId table_;
    Bytes key_;
    std::vector<NodeId> owners_;
    Result<void> outcome_;
};

}  // namespace ashlar::request
