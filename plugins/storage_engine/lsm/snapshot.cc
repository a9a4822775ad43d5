#include "snapshot.h"

#include "lookup.h"
#include "merge.h"

namespace ashlar::lsm {
namespace {

class MergeCursor final : public Cursor {
public:
    MergeCursor(std::shared_ptr<const Moment> moment, const ScanRange& range, const Joiner& joiner, BlockCache& cache)
        : moment_(std::move(moment)), merge_(runs_of(*moment_, Span::of(range), &cache), range.reverse, joiner) {}

    Result<bool> next() noexcept override { return merge_.next(); }
    EntryKey key() const noexcept override { return merge_.key(); }
    View entry() const noexcept override { return merge_.entry(); }

private:
    std::shared_ptr<const Moment> moment_;
    Merge merge_;
};

class MomentSnapshot final : public Snapshot {
public:
    MomentSnapshot(const Joiner& joiner, BlockCache& cache, std::shared_ptr<const Moment> moment)
        : joiner_(joiner), cache_(cache), moment_(std::move(moment)) {}

    Result<Found> get(const EntryKey& key) const noexcept override {
        auto found = look_up(*moment_->version, *moment_->active, moment_->as_of, key, Reach::disk, joiner_, cache_);
        if (found && found->pin == nullptr && found->owned.empty()) found->pin = moment_;
        return found;
    }
    Result<std::unique_ptr<Cursor>> scan(const ScanRange& range) const noexcept override {
        return std::unique_ptr<Cursor>(std::make_unique<MergeCursor>(moment_, range, joiner_, cache_));
    }

private:
    const Joiner& joiner_;
    BlockCache& cache_;
    std::shared_ptr<const Moment> moment_;
};

}  // namespace

std::shared_ptr<const Snapshot> make_snapshot(const Joiner& joiner, BlockCache& cache,
                                              std::shared_ptr<const Moment> moment) {
    return std::make_shared<MomentSnapshot>(joiner, cache, std::move(moment));
}

}  // namespace ashlar::lsm
