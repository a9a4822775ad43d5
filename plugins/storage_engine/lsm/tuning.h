// The settings of this engine: what each is called, its bounds, and the checked values as one plain struct.
//
// Immutable after creation, so any thread may read it.
#pragma once

#include <array>
#include <cstdint>

#include "ashlar/settings.h"

namespace ashlar::lsm {

struct Tuning {
    std::uint64_t memtable_bytes = 64ull << 20;
    std::uint64_t frozen_max = 3;
    std::uint64_t log_segment_bytes = 32ull << 20;
    std::uint64_t log_reserve_bytes = 1ull << 20;
    std::uint64_t block_bytes = 4096;
    std::uint64_t block_cache_bytes = 256ull << 20;
    std::uint64_t bloom_bits = 10;
    std::uint64_t table_bytes = 64ull << 20;
    std::uint64_t l0_compact_tables = 4;
    std::uint64_t l0_stop_tables = 24;
    std::uint64_t level_base_bytes = 256ull << 20;
    std::uint64_t level_ratio = 10;
    std::uint64_t disk_reserve_bytes = 256ull << 20;
    std::uint64_t manifest_bytes = 4ull << 20;
    bool compress = true;
};

/// Reads the checked values; every name of setting_specs is present in them.
Tuning tuning_from(const Settings& settings);

inline constexpr std::int64_t kib = 1024;
inline constexpr std::int64_t mib = 1024 * kib;
inline constexpr std::int64_t gib = 1024 * mib;

inline constexpr std::array<SettingSpec, 15> setting_specs{{
    {"memtable_bytes", SettingType::bytes, "64MiB", 64 * kib, 4 * gib, nullptr,
     "Size at which the table of recent writes in memory is frozen and flushed to the disk."},
    {"frozen_max", SettingType::integer, "3", 1, 64, nullptr,
     "Frozen memtables that may wait for their flush; with more, writes are refused as overloaded."},
    {"log_segment_bytes", SettingType::bytes, "32MiB", 16 * kib, gib, nullptr,
     "Size at which the commit log goes on in a new file."},
    {"log_reserve_bytes", SettingType::bytes, "1MiB", 0, 64 * mib, nullptr,
     "Zero-filled room kept ahead of the end of the commit log, so that a sync need not change the file's size. 0: "
     "none."},
    {"block_bytes", SettingType::bytes, "4KiB", 256, mib, nullptr,
     "Target size of a block, the piece of a table file that is read, checked and cached as one."},
    {"block_cache_bytes", SettingType::bytes, "256MiB", 0, 1024 * gib, nullptr,
     "Memory for blocks read from the disk. 0: every read of a table goes to the disk."},
    {"bloom_bits", SettingType::integer, "10", 0, 32, nullptr,
     "Bits of bloom filter for each key of a table; 10 let about one look-up in a hundred read a block in vain. 0: no "
     "filter."},
    {"compression", SettingType::text, "lz4", 0, 0, "lz4|none",
     "How blocks are packed; a block that does not shrink is kept as it is."},
    {"table_bytes", SettingType::bytes, "64MiB", 16 * kib, 4 * gib, nullptr,
     "Target size of a table file that compaction writes."},
    {"l0_compact_tables", SettingType::integer, "4", 1, 64, nullptr,
     "Flushed tables that are gathered before they are merged into level 1."},
    {"l0_stop_tables", SettingType::integer, "24", 2, 512, nullptr,
     "With so many flushed tables waiting for compaction, writes are refused as overloaded."},
    {"level_base_bytes", SettingType::bytes, "256MiB", 64 * kib, 64 * gib, nullptr, "Size level 1 is kept at."},
    {"level_ratio", SettingType::integer, "10", 2, 32, nullptr,
     "How many times larger each level is than the one above. More: fewer levels to read, more bytes rewritten."},
    {"disk_reserve_bytes", SettingType::bytes, "256MiB", 0, 1024 * gib, nullptr,
     "Free disk below which writes are refused with no_space, kept for recovery, deletes and compaction."},
    {"manifest_bytes", SettingType::bytes, "4MiB", 4 * kib, gib, nullptr,
     "Size at which the manifest, the log of which files count, is written anew."},
}};

}  // namespace ashlar::lsm
