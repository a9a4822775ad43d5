// Which table files to write anew next: leveled compaction, and what retirement asks for.
//
// Pure: looks at a version and answers. Level 0 takes flushed files, which overlap; each deeper level is one
// sorted run `level_ratio` times larger than the one above. Damaged files are set aside to level 0, where
// overlapping is allowed, so that they never hold up the rest. Loop only.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "permits.h"
#include "tuning.h"
#include "version.h"

namespace ashlar::lsm {

struct Compaction {
    enum class Kind : std::uint8_t {
        merge,  ///< upper and lower are written anew into output_level
        move,   ///< upper goes to output_level as it is
        drop,   ///< upper is wholly hidden and leaves unread
    };
    Kind kind = Kind::merge;
    std::uint32_t level = 0;
    std::uint32_t output_level = 0;
    std::vector<TablePtr> upper;
    std::vector<TablePtr> lower;
};

class CompactionPicker {
public:
    explicit CompactionPicker(const Tuning& tuning) : tuning_(tuning) {}
    std::optional<Compaction> pick(const Version& version, const Permits& permits, WallTime now);
    /// The files that may leave unread.
    std::optional<Compaction> drop_hidden(const Version& version) const;

private:
    std::optional<Compaction> set_aside(const Version& version) const;
    std::optional<Compaction> by_size(const Version& version);
    std::optional<Compaction> by_retirement(const Version& version, const Permits& permits, WallTime now) const;
    std::optional<Compaction> into_next(const Version& version, std::uint32_t level, std::vector<TablePtr> upper) const;
    TablePtr nth_from_cursor(const Version& version, std::uint32_t level, std::size_t n) const;

    const Tuning& tuning_;
    std::array<OwnedKey, level_count> cursors_;  ///< where each level goes on, so that all its files get their turn
};

}  // namespace ashlar::lsm
