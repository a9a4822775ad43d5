// A Disk in memory that fails on demand and loses power. For the simulator, the engine suite and the ledger tests.
//
// It behaves as DiskTree says and counts its calls from 1: every call of the disk and of its files except size().
// A test runs a workload once to learn calls() or trace(), then again with cut_power_at(k) for every k, and goes
// on with crash(): a new disk, as found after the power came back. The same calls and seeds give the same disk.
// Any thread (one lock); faults are set while no call is under way. Files keep the state alive, not the disk.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ashlar/disk.h"
#include "disk_tree.h"

namespace ashlar::sim {

/// The calls of the seam, for traces and rules.
enum class CallKind : std::uint8_t {
    create,
    open,
    list,
    make_directory,
    remove,
    rename,
    link,
    sync_directory,
    free_bytes,  // Disk
    append,
    reserve,
    sync,  // AppendFile
    read,  // ReadFile
};
const char* name_of(CallKind kind);

struct Call {
    std::uint64_t number = 0;  ///< from 1
    CallKind kind = CallKind::open;
    std::string path;         ///< of a rename or link: the new name
    std::uint64_t bytes = 0;  ///< appended, reserved or asked for
    /// Whether it changes what a power cut may find; cutting at another call adds nothing.
    bool changes() const {
        return kind != CallKind::open && kind != CallKind::list && kind != CallKind::read &&
               kind != CallKind::free_bytes;
    }
    bool syncs() const { return kind == CallKind::sync || kind == CallKind::sync_directory; }
};

class FaultyDisk final : public Disk {
public:
    FaultyDisk();
    ~FaultyDisk() override;

    /// Asked before every call: an answer makes the call fail with that code. A failing append has added a part, a
    /// failing sync makes the bytes doubtful for good (see DiskTree), any other failing call has done nothing.
    /// It must not call the disk.
    using Judge = std::function<std::optional<Code>(const Call&)>;
    void judge(Judge judge);
    /// Ready-made judges; each replaces the one before.
    void fail_call(std::uint64_t number, Code code = Code::io);
    void fail_from(std::uint64_t number, Code code = Code::io);
    void fail_nth_sync(std::uint64_t nth);  ///< the nth call from now that syncs a file or a directory
    void fail_reads(std::string path_piece, Code code = Code::io);  ///< of files whose path contains the piece
    void heal() { judge(nullptr); }

    /// This call (counted from 1) is under way when the power goes: it fails, a change of it may survive the crash,
    /// and every call behind it fails without doing anything.
    void cut_power_at(std::uint64_t number);
    bool powerless() const;
    std::unique_ptr<FaultyDisk> crash(std::uint64_t seed, Loss loss = Loss::lottery) const;

    /// All files together may take so many bytes; appends beyond it fail with no_space.
    void set_capacity(std::optional<std::uint64_t> bytes);
    std::uint64_t used() const;
    /// Damage that no call reports. False if the file is not there or not so long.
    bool flip_bit(const std::string& path, std::uint64_t bit);
    /// The same of a whole piece, as a block that the disk gives back wrong.
    bool spoil(const std::string& path, std::uint64_t from, std::uint64_t length);
    bool truncate(const std::string& path, std::uint64_t length);

    std::uint64_t calls() const;
    /// All calls since record(true).
    void record(bool on);
    std::vector<Call> trace() const;
    /// Paths of all files, and the bytes of one as a reader sees them (empty if it is not there).
    std::vector<std::string> files() const;
    Bytes contents(const std::string& path) const;

    Result<std::unique_ptr<AppendFile>> create(const std::string& path) noexcept override;
    Result<std::unique_ptr<ReadFile>> open(const std::string& path) noexcept override;
    Result<std::vector<std::string>> list(const std::string& directory) noexcept override;
    Result<void> make_directory(const std::string& path) noexcept override;
    Result<void> remove(const std::string& path) noexcept override;
    Result<void> rename(const std::string& from, const std::string& to) noexcept override;
    Result<void> link(const std::string& from, const std::string& to) noexcept override;
    Result<void> sync_directory(const std::string& path) noexcept override;
    Result<std::uint64_t> free_bytes() noexcept override;

    struct State;  ///< shared with the open files

private:
    explicit FaultyDisk(std::shared_ptr<State> state);
    std::shared_ptr<State> state_;
};

}  // namespace ashlar::sim
