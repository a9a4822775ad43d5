// Writes one table file, entry by entry in ascending order. Used by one lane at a time; fails with the disk's
// error, after which the file must be thrown away.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "ashlar/disk.h"
#include "table_format.h"
#include "tuning.h"

namespace ashlar::lsm {

/// Whether an entry may leave whole: never, some day (it expires), or as soon as it is permitted (tombstones).
enum class Lasting : std::uint8_t { lives, mortal, dead };

class TableBuilder {
public:
    /// `path`: where the file goes, a name of the engine's disk.
    static Result<std::unique_ptr<TableBuilder>> create(Disk& disk, const std::string& path, std::uint64_t number,
                                                        std::uint64_t directory, const Tuning& tuning);

    Result<void> add(const EntryKey& key, View entry, Lasting lasting);
    /// Completes and syncs the file (not its directory).
    Result<TableParts> finish(Sequence through, WallTime now);
    bool sync_failed() const { return sync_failed_; }
    std::uint64_t bytes() const { return offset_ + blocks_.bytes(); }

private:
    TableBuilder(std::uint64_t number, std::uint64_t directory, const Tuning& tuning);
    Result<void> end_block(const EntryKey* next);
    BlockPlace seal(View raw, bool compress);
    Result<void> write_out(std::size_t least);

    const Tuning& tuning_;
    SealSeed seed_;
    std::unique_ptr<AppendFile> file_;
    TableFacts facts_;
    BlockBuilder blocks_;
    BlockIndex index_;
    std::vector<std::uint64_t> hashes_;
    OwnedKey last_;
    Bytes out_;                 ///< sealed, not yet handed to the file
    std::uint64_t offset_ = 0;  ///< of the end of out_
    bool sync_failed_ = false;
};

}  // namespace ashlar::lsm
