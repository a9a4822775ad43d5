// Which engines the suite runs on: the static builds of plugins/storage_engine.
#include "plain_log.h"
#include "rig.h"

extern "C" {
extern const ashlar::Descriptor ashlar_plugin_storage_engine_lsm;
extern const ashlar::Descriptor ashlar_plugin_storage_engine_memory;
}

namespace ashlar::contract {

std::vector<EngineCase> all_engines() {
    return {{&ashlar_plugin_storage_engine_memory, {}}, {&ashlar_plugin_storage_engine_lsm, {}}};
}

std::vector<EngineCase> persistent_engines() {
    std::vector<EngineCase> out;
    for (const EngineCase& engine : all_engines())
        if (engine.persistent()) out.push_back(engine);
    return out;
}

std::vector<EngineCase> crash_engines() {
    auto out = persistent_engines();
    out.push_back({&plain_log, {}});
    return out;
}

std::string name_of(const EngineCase& engine) {
    return engine.descriptor->name;
}

Overrides small() {
    return {{"memtable_bytes", "64KiB"}, {"log_segment_bytes", "16KiB"}, {"log_reserve_bytes", "4KiB"},
            {"block_bytes", "512"},      {"block_cache_bytes", "16KiB"}, {"table_bytes", "16KiB"},
            {"l0_compact_tables", "2"},  {"l0_stop_tables", "6"},        {"level_base_bytes", "64KiB"},
            {"level_ratio", "2"},        {"disk_reserve_bytes", "0"},    {"manifest_bytes", "4KiB"},
            {"sweep_interval", "1s"}};
}

}  // namespace ashlar::contract
