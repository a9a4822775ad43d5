// The settings of this engine: what each is called, its bounds, and the checked values as one plain struct.
//
// Immutable after creation, so any thread may read it.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "ashlar/settings.h"

namespace ashlar::lsm {

/// The default ones, unless read from settings. What each means stands in its row below.
struct Tuning {
    std::uint64_t memtable_bytes = 0;
    std::uint64_t frozen_max = 0;
    std::uint64_t log_segment_bytes = 0;
    std::uint64_t log_reserve_bytes = 0;
    std::uint64_t block_bytes = 0;
    std::uint64_t block_cache_bytes = 0;
    std::uint64_t bloom_bits = 0;
    std::uint64_t table_bytes = 0;
    std::uint64_t l0_compact_tables = 0;
    std::uint64_t l0_stop_tables = 0;
    std::uint64_t level_base_bytes = 0;
    std::uint64_t level_ratio = 0;
    std::uint64_t disk_reserve_bytes = 0;
    std::uint64_t manifest_bytes = 0;
    bool compress = true;

    constexpr Tuning();
};

/// Reads the checked values; every name of setting_specs is present in them.
Tuning tuning_from(const Settings& settings);

inline constexpr std::int64_t kib = 1024;
inline constexpr std::int64_t mib = 1024 * kib;
inline constexpr std::int64_t gib = 1024 * mib;

/// A setting and where its value goes.
struct TuningRow {
    std::uint64_t Tuning::*place;
    SettingSpec spec;
};

inline constexpr std::array<TuningRow, 15> tuning_rows{{
    {&Tuning::memtable_bytes,
     {"memtable_bytes", SettingType::bytes, "64MiB", 64 * kib, 4 * gib, nullptr,
      "Size at which the table of recent writes in memory is frozen and flushed to the disk."}},
    {&Tuning::frozen_max,
     {"frozen_max", SettingType::integer, "3", 1, 64, nullptr,
      "Frozen memtables that may wait for their flush; with more, writes are refused as overloaded."}},
    {&Tuning::log_segment_bytes,
     {"log_segment_bytes", SettingType::bytes, "32MiB", 16 * kib, gib, nullptr,
      "Size at which the commit log goes on in a new file."}},
    {&Tuning::log_reserve_bytes,
     {"log_reserve_bytes", SettingType::bytes, "1MiB", 0, 64 * mib, nullptr,
      "Zero-filled room kept ahead of the end of the commit log, so that a sync need not change the file's size. 0: "
      "none."}},
    {&Tuning::block_bytes,
     {"block_bytes", SettingType::bytes, "4KiB", 256, mib, nullptr,
      "Target size of a block, the piece of a table file that is read, checked and cached as one."}},
    {&Tuning::block_cache_bytes,
     {"block_cache_bytes", SettingType::bytes, "256MiB", 0, 1024 * gib, nullptr,
      "Memory for blocks read from the disk. 0: every read of a table goes to the disk."}},
    {&Tuning::bloom_bits,
     {"bloom_bits", SettingType::integer, "10", 0, 32, nullptr,
      "Bits of bloom filter for each key of a table; 10 let about one look-up in a hundred read a block in vain. 0: no "
      "filter."}},
    {nullptr,
     {"compression", SettingType::text, "lz4", 0, 0, "lz4|none",
      "How blocks are packed; a block that does not shrink is kept as it is."}},
    {&Tuning::table_bytes,
     {"table_bytes", SettingType::bytes, "64MiB", 16 * kib, 4 * gib, nullptr,
      "Target size of a table file that compaction writes."}},
    {&Tuning::l0_compact_tables,
     {"l0_compact_tables", SettingType::integer, "4", 1, 64, nullptr,
      "Flushed tables that are gathered before they are merged into level 1."}},
    {&Tuning::l0_stop_tables,
     {"l0_stop_tables", SettingType::integer, "24", 2, 512, nullptr,
      "With so many flushed tables waiting for compaction, writes are refused as overloaded."}},
    {&Tuning::level_base_bytes,
     {"level_base_bytes", SettingType::bytes, "256MiB", 64 * kib, 64 * gib, nullptr, "Size level 1 is kept at."}},
    {&Tuning::level_ratio,
     {"level_ratio", SettingType::integer, "10", 2, 32, nullptr,
      "How many times larger each level is than the one above. More: fewer levels to read, more bytes rewritten."}},
    {&Tuning::disk_reserve_bytes,
     {"disk_reserve_bytes", SettingType::bytes, "256MiB", 0, 1024 * gib, nullptr,
      "Free disk below which writes are refused with no_space, kept for recovery, deletes and compaction."}},
    {&Tuning::manifest_bytes,
     {"manifest_bytes", SettingType::bytes, "4MiB", 4 * kib, gib, nullptr,
      "Size at which the manifest, the log of which files count, is written anew."}},
}};

inline constexpr auto setting_specs = [] {
    std::array<SettingSpec, tuning_rows.size()> specs{};
    for (std::size_t i = 0; i < specs.size(); ++i) specs[i] = tuning_rows[i].spec;
    return specs;
}();

/// A default as the rows write it: decimal, perhaps with a unit.
constexpr std::uint64_t default_of(std::string_view text) {
    std::uint64_t value = 0;
    for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; text.remove_prefix(1))
        value = value * 10 + static_cast<std::uint64_t>(text.front() - '0');
    if (text == "KiB") value <<= 10;
    if (text == "MiB") value <<= 20;
    if (text == "GiB") value <<= 30;
    return value;
}

constexpr Tuning::Tuning() {
    for (const TuningRow& row : tuning_rows)
        if (row.place != nullptr) this->*row.place = default_of(row.spec.default_value);
}

}  // namespace ashlar::lsm
