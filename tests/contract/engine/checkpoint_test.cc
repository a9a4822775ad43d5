// Copies: a checkpoint opens as an engine of the same content, and the two do not disturb each other.
#include "engine_test.h"

namespace ashlar::contract {
namespace {

ON_CRASH_ENGINES(EngineCheckpoint);

/// A directory of a disk, as a disk.
class Below final : public Disk {
public:
    Below(std::shared_ptr<sim::FaultyDisk> disk, std::string directory)
        : disk_(std::move(disk)), directory_(std::move(directory)) {}
    Result<std::unique_ptr<AppendFile>> create(const std::string& path) noexcept override {
        return disk_->create(in(path));
    }
    Result<std::unique_ptr<ReadFile>> open(const std::string& path) noexcept override { return disk_->open(in(path)); }
    Result<std::vector<std::string>> list(const std::string& path) noexcept override { return disk_->list(in(path)); }
    Result<void> make_directory(const std::string& path) noexcept override { return disk_->make_directory(in(path)); }
    Result<void> remove(const std::string& path) noexcept override { return disk_->remove(in(path)); }
    Result<void> rename(const std::string& from, const std::string& to) noexcept override {
        return disk_->rename(in(from), in(to));
    }
    Result<void> link(const std::string& from, const std::string& to) noexcept override {
        return disk_->link(in(from), in(to));
    }
    Result<void> sync_directory(const std::string& path) noexcept override { return disk_->sync_directory(in(path)); }
    Result<std::uint64_t> free_bytes() noexcept override { return disk_->free_bytes(); }

private:
    std::string in(const std::string& path) const { return path.empty() ? directory_ : directory_ + "/" + path; }
    std::shared_ptr<sim::FaultyDisk> disk_;
    std::string directory_;
};

TEST_P(EngineCheckpoint, OpensAsAnEngine) {
    Rig rig(GetParam(), disk_);
    ASSERT_TRUE(rig.open()) << rig.log();
    Content model;
    fill(rig, model, 150, 3, 600);
    for (std::uint64_t n = 0; n < 20; ++n) {
        ASSERT_OK(rig.put(key_of(n), slot_of(70'000 + n, 100)));
        join_into(model, key_of(n), slot_of(70'000 + n, 100));
    }
    auto work = rig->checkpoint("copy");
    ASSERT_NE(work, nullptr);
    Sequence applied = rig->stats().applied;
    work->run();
    ASSERT_OK(work->finish());
    Content later = model;
    fill(rig, later, 150, 3, 600, 100'000);
    ASSERT_TRUE(rig.reopen()) << "a checkpoint inside must not disturb\n" << rig.log();
    EXPECT_TRUE(same_content(later, taken(rig.content())));

    auto after = rig.crash(0, sim::Loss::everything);
    Rig copy(GetParam(), std::make_shared<Below>(after, "copy"), small());
    ASSERT_TRUE(copy.open()) << copy.log();
    EXPECT_TRUE(same_content(model, taken(copy.content()))) << copy.log();
    EXPECT_GE(copy->stats().applied, applied);
    fill(copy, model, 50, 2, 600, 200'000);
    EXPECT_TRUE(same_content(model, taken(copy.content())));
    copy.close();
    Rig original(GetParam(), after);
    ASSERT_TRUE(original.open()) << original.log();
    EXPECT_TRUE(same_content(later, taken(original.content())))
        << "the copy and the engine share files: neither may write in them";
}

}  // namespace
}  // namespace ashlar::contract
