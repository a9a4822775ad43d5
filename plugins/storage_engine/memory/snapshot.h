// The memory engine as it was at one moment: a tree, and the way through it.
//
// Any thread; nothing here fails or waits. Holding one keeps its tree and tells the engine that somebody still
// sees old entries (see Sweep).
#pragma once

#include <memory>
#include <utility>

#include "ashlar/storage_engine.h"
#include "tree.h"

namespace ashlar::memory {

class TreeCursor final : public Cursor {
public:
    TreeCursor(Tree tree, ScanRange range) : tree_(std::move(tree)), range_(std::move(range)) {}
    Result<bool> next() noexcept override;
    EntryKey key() const noexcept override { return item_->at(); }
    View entry() const noexcept override { return item_->entry; }

private:
    ItemRef step() const;

    Tree tree_;
    ScanRange range_;
    ItemRef item_;
    bool ended_ = false;
};

class TreeSnapshot final : public Snapshot {
public:
    /// `alive` is held, nothing else: its use count says whether snapshots live.
    TreeSnapshot(Tree tree, std::shared_ptr<const void> alive) : tree_(std::move(tree)), alive_(std::move(alive)) {}
    Result<Found> get(const EntryKey& key) const noexcept override { return look_up(tree_, key); }
    Result<std::unique_ptr<Cursor>> scan(const ScanRange& range) const noexcept override {
        return std::unique_ptr<Cursor>(std::make_unique<TreeCursor>(tree_, range));
    }
    static Found look_up(const Tree& tree, const EntryKey& key);

private:
    Tree tree_;
    std::shared_ptr<const void> alive_;
};

}  // namespace ashlar::memory
