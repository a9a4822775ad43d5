#include "checkpoint.h"

#include "kit/text.h"
#include "manifest.h"
#include "names.h"
#include "rewrite.h"

namespace ashlar::lsm {
namespace {

class CheckpointWork final : public Work {
public:
    CheckpointWork(const State& state, std::uint64_t salt, std::string directory)
        : shop_(state.shop),
          moment_(std::make_shared<const Moment>(state.moment())),
          retired_(state.retired),
          log_floor_(state.buffer.segment()),
          salt_(salt),
          directory_(std::move(directory)) {}

    void run() noexcept override { result_ = copy(); }
    Result<void> finish() noexcept override { return result_; }

private:
    Result<void> copy() {
        Disk& disk = shop_.disk;
        if (directory_.empty()) return fail(Code::invalid_request, "a checkpoint needs the name of a directory");
        if (auto made = disk.make_directory(directory_); !made) return made;
        auto names = disk.list(directory_);
        if (!names) return names.error();
        if (!names->empty())
            return fail(Code::invalid_request,
                        kit::text("the directory ", directory_, " is not empty: name a new one"));

        Contents contents;
        if (auto done = write_memory(contents); !done) return done;
        if (auto done = link_tables(contents); !done) return done;
        contents.log_floor = log_floor_;
        contents.flushed = moment_->as_of;
        contents.retired = retired_;
        Manifest manifest(disk, directory_ + "/", shop_.directory, salt_, contents, shop_.next_file,
                          shop_.tuning.manifest_bytes);
        if (auto done = manifest.commit(Edit{}); !done) return done;
        std::size_t slash = directory_.rfind('/');
        return disk.sync_directory(slash == std::string::npos ? "" : directory_.substr(0, slash));
    }

    Result<void> write_memory(Contents& contents) {
        RewritePlan plan;
        plan.memtables = moment_->version->frozen;
        plan.memtables.push_back(moment_->active);
        plan.split = false;
        plan.moment = *moment_;
        plan.prefix = directory_ + "/";
        Rewrite rewrite(shop_, std::move(plan));
        for (;;) {
            auto done = rewrite.step(~std::uint64_t{0} >> 1);
            if (!done) {
                rewrite.abandon();
                return done.error();
            }
            if (*done) break;
        }
        for (const TablePtr& table : rewrite.outputs()) contents.levels[0].push_back(table->facts());
        return {};
    }

    Result<void> link_tables(Contents& contents) {
        for (std::size_t level = 0; level < level_count; ++level)
            for (const TablePtr& table : moment_->version->levels[level]) {
                if (auto done = shop_.disk.link(table->name(), directory_ + "/" + table->name()); !done) return done;
                contents.levels[level].push_back(table->facts());
            }
        return {};
    }

    Workshop& shop_;
    std::shared_ptr<const Moment> moment_;
    Retired retired_;
    std::uint64_t log_floor_;
    std::uint64_t salt_;
    std::string directory_;
    Result<void> result_;
};

}  // namespace

std::unique_ptr<Work> make_checkpoint(const State& state, std::uint64_t salt, const std::string& directory) {
    return std::make_unique<CheckpointWork>(state, salt, directory);
}

}  // namespace ashlar::lsm
