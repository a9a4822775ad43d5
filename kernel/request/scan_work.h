// One page of a scan, made on a read lane from a snapshot, or from what several replicas hold.
//
// It ends at so many entries or bytes, or when it has looked at so much that others wait too long: then the page
// may be short, even empty, and is yet not the last. Entries without values are passed over. A bad block is an
// error, never a gap.
#pragma once

#include <memory>
#include <vector>

#include "ashlar/conflict_resolver.h"
#include "ashlar/storage_engine.h"
#include "request/kept_answer.h"
#include "request/merged_cursor.h"

namespace ashlar::request {

/// What a page may hold and how far it looks.
struct ScanBounds {
    std::uint32_t entries = 0;
    std::uint64_t bytes = 0;
};

class ScanWork final : public Work {
public:
    ScanWork(std::shared_ptr<const Snapshot> snapshot, ScanRange range, const ConflictResolver& resolver, WallTime now)
        : snapshot_(std::move(snapshot)), range_(std::move(range)), resolver_(resolver), now_(now) {}
    ScanWork(std::unique_ptr<MergedCursor> gathered, ScanRange range, const ConflictResolver& resolver, WallTime now)
        : gathered_(std::move(gathered)), range_(std::move(range)), resolver_(resolver), now_(now) {}
    void bound(ScanBounds bounds) { bounds_ = bounds; }
    void filter(View prefix, bool keys_only) {
        prefix_.assign(prefix);
        keys_only_ = keys_only;
    }

    void run() noexcept override { outcome_ = walk(); }
    Result<void> finish() noexcept override {
        for (KeptAnswer& entry : entries_) entry.point();
        return outcome_;
    }

    // After finish().
    const std::vector<KeptAnswer>& entries() const { return entries_; }
    bool ended() const { return ended_; }  ///< the whole range was seen
    Token last_token() const { return last_token_; }
    const Bytes& last_key() const { return last_key_; }

private:
    Result<void> walk();
    Result<void> walk(Cursor& cursor);

    std::shared_ptr<const Snapshot> snapshot_;
    std::unique_ptr<MergedCursor> gathered_;
    ScanRange range_;
    const ConflictResolver& resolver_;
    WallTime now_;
    ScanBounds bounds_;
    Bytes prefix_;
    bool keys_only_ = false;

    Result<void> outcome_;
    std::vector<KeptAnswer> entries_;
    bool ended_ = false;
    Token last_token_ = 0;
    Bytes last_key_;
};

}  // namespace ashlar::request
