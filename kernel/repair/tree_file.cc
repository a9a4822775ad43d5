#include "repair/tree_file.h"

#include "kit/text.h"

namespace ashlar::repair {
namespace {

const std::string file_name = "trees";
const std::string aside_name = "trees.new";

/// Missing is as good as removed.
Result<void> remove(Disk& disk, const std::string& name) {
    auto removed = disk.remove(name);
    if (!removed && removed.error().code == Code::not_found) return {};
    return removed;
}

Result<Bytes> read(Disk& disk) {
    auto file = disk.open(file_name);
    if (!file && file.error().code == Code::not_found) return fail(Code::not_found, "nothing was recorded");
    if (!file) return file.error();
    if ((*file)->size() > TreeRecording::bytes_max) return fail(Code::corrupt, "their record is too large");
    Bytes bytes;
    auto done = (*file)->read(0, static_cast<std::size_t>((*file)->size()), bytes);
    if (!done) return done.error();
    return bytes;
}

}  // namespace

/// Shared by the pieces of one record.
struct TreeFile::Writing {
    port::Works& works;
    TreeRecording recording;
    Instant until;
    Then then;
    std::unique_ptr<AppendFile> file{};
    std::uint64_t bytes = 0;
};

/// One piece on the lane: the first makes the file, the one behind the last gives it its name, a failure clears it away.
class TreeFile::Step final : public Work {
public:
    enum class What : std::uint8_t { append, name, clear };
    Step(Disk& disk, std::shared_ptr<Writing> writing, What what, Bytes piece)
        : disk_(disk), writing_(std::move(writing)), what_(what), piece_(std::move(piece)) {}

    void run() noexcept override {
        if (what_ == What::append) outcome_ = append();
        if (what_ == What::name) outcome_ = name();
        if (what_ == What::clear) outcome_ = clear();
    }
    Result<void> finish() noexcept override { return outcome_; }

private:
    Result<void> append() {
        if (writing_->file == nullptr) {
            if (auto cleared = remove(disk_, aside_name); !cleared) return cleared;
            auto file = disk_.create(aside_name);
            if (!file) return file.error();
            writing_->file = std::move(*file);
        }
        if (auto done = writing_->file->append(piece_); !done) return done;
        return writing_->file->sync();
    }
    Result<void> name() {
        writing_->file.reset();
        if (auto done = disk_.rename(aside_name, file_name); !done) return done;
        return disk_.sync_directory("");
    }
    Result<void> clear() {
        writing_->file.reset();
        auto aside = remove(disk_, aside_name);
        auto named = remove(disk_, file_name);
        auto synced = disk_.sync_directory("");
        return !aside ? aside : !named ? named : synced;
    }

    Disk& disk_;
    std::shared_ptr<Writing> writing_;
    What what_;
    Bytes piece_;
    Result<void> outcome_;
};

Result<void> TreeFile::take(const ledger::State& last, bool kept) {
    if (!last.clean)
        taken_ = fail(Code::conflict, "the last stop was not clean");
    else if (!kept)
        taken_ = fail(Code::conflict, "the storage engine keeps nothing over a restart");
    else
        taken_ = read(disk_);
    for (const std::string& name : {file_name, aside_name}) {
        auto removed = remove(disk_, name);
        if (!removed) return fail(removed.error().code, kit::text(name, ": ", removed.error().detail));
    }
    return disk_.sync_directory("");
}

Result<Bytes> TreeFile::taken() {
    return std::exchange(taken_, fail(Code::not_found, "their record was read already"));
}

void TreeFile::write(const port::Turn& turn, port::Works& works, const Forest& forest, const TreeBond& bond,
                     Then then) {
    go_on(turn, std::make_shared<Writing>(Writing{works, TreeRecording(forest, bond), turn.now.steady + patience,
                                                  std::move(then)}));
}

void TreeFile::go_on(const port::Turn& turn, const std::shared_ptr<Writing>& writing) {
    auto start = [&](Step::What what, Bytes piece, Then then) {
        writing->works.start(turn, port::Lane::ledger,
                             std::make_unique<Step>(disk_, writing, what, std::move(piece)), std::move(then));
    };
    auto give_up = [this, writing](const port::Turn& later, const Error& why) {
        writing->works.start(later, port::Lane::ledger,
                             std::make_unique<Step>(disk_, writing, Step::What::clear, Bytes()),
                             [writing, why](const port::Turn& last, const Result<void>&) { writing->then(last, why); });
    };
    if (writing->until < turn.now.steady) return give_up(turn, fail(Code::timed_out, "the disk is too slow"));
    Bytes piece = writing->recording.next();
    if (piece.empty()) {
        return start(Step::What::name, {}, [writing, give_up](const port::Turn& later, const Result<void>& outcome) {
            if (!outcome) return give_up(later, outcome.error());
            writing->then(later, {});
        });
    }
    writing->bytes += piece.size();
    if (writing->bytes > TreeRecording::bytes_max) return give_up(turn, fail(Code::unsupported, "there are too many"));
    start(Step::What::append, std::move(piece),
          [this, writing, give_up](const port::Turn& later, const Result<void>& outcome) {
              if (!outcome) return give_up(later, outcome.error());
              go_on(later, writing);
          });
}

}  // namespace ashlar::repair
