#include "tuning.h"

namespace ashlar::lsm {

Tuning tuning_from(const Settings& settings) {
    auto number = [&](std::string_view name) { return static_cast<std::uint64_t>(settings.integer(name)); };
    Tuning t;
    t.memtable_bytes = number("memtable_bytes");
    t.frozen_max = number("frozen_max");
    t.log_segment_bytes = number("log_segment_bytes");
    t.log_reserve_bytes = number("log_reserve_bytes");
    t.block_bytes = number("block_bytes");
    t.block_cache_bytes = number("block_cache_bytes");
    t.bloom_bits = number("bloom_bits");
    t.compress = settings.text("compression") != "none";
    t.table_bytes = number("table_bytes");
    t.l0_compact_tables = number("l0_compact_tables");
    t.l0_stop_tables = number("l0_stop_tables");
    t.level_base_bytes = number("level_base_bytes");
    t.level_ratio = number("level_ratio");
    t.disk_reserve_bytes = number("disk_reserve_bytes");
    t.manifest_bytes = number("manifest_bytes");
    return t;
}

}  // namespace ashlar::lsm
