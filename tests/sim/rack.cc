#include "rack.h"

#include <cstdio>
#include <cstdlib>
#include <iterator>

extern "C" {
extern const ashlar::Descriptor ashlar_plugin_partitioner_equal_partitions;
extern const ashlar::Descriptor ashlar_plugin_partitioner_hash_ring;
extern const ashlar::Descriptor ashlar_plugin_partitioner_ordered;
extern const ashlar::Descriptor ashlar_plugin_replicator_simple;
extern const ashlar::Descriptor ashlar_plugin_replicator_datacentre_aware;
extern const ashlar::Descriptor ashlar_plugin_failure_detector_heartbeat;
extern const ashlar::Descriptor ashlar_plugin_failure_detector_phi_accrual;
extern const ashlar::Descriptor ashlar_plugin_failure_detector_swim;
extern const ashlar::Descriptor ashlar_plugin_conflict_resolver_crdt;
extern const ashlar::Descriptor ashlar_plugin_conflict_resolver_dotted_version_vector;
extern const ashlar::Descriptor ashlar_plugin_conflict_resolver_vector_clock;
extern const ashlar::Descriptor ashlar_plugin_conflict_resolver_last_write_wins;
extern const ashlar::Descriptor ashlar_plugin_storage_engine_lsm;
extern const ashlar::Descriptor ashlar_plugin_storage_engine_memory;
}

namespace ashlar::sim {
namespace {

const Descriptor* const rack[] = {
    &ashlar_plugin_partitioner_equal_partitions,
    &ashlar_plugin_partitioner_hash_ring,
    &ashlar_plugin_partitioner_ordered,
    &ashlar_plugin_replicator_simple,
    &ashlar_plugin_replicator_datacentre_aware,
    &ashlar_plugin_failure_detector_heartbeat,
    &ashlar_plugin_failure_detector_phi_accrual,
    &ashlar_plugin_failure_detector_swim,
    &ashlar_plugin_conflict_resolver_crdt,
    &ashlar_plugin_conflict_resolver_dotted_version_vector,
    &ashlar_plugin_conflict_resolver_vector_clock,
    &ashlar_plugin_conflict_resolver_last_write_wins,
    &ashlar_plugin_storage_engine_memory,
    &ashlar_plugin_storage_engine_lsm,
};

struct Unit {
    View name;
    std::int64_t factor;
};
constexpr Unit units[] = {
    {"", 1},      {"KiB", 1 << 10}, {"MiB", 1 << 20},    {"GiB", 1 << 30},     {"us", 1},
    {"ms", 1000}, {"s", 1'000'000}, {"min", 60'000'000}, {"h", 3'600'000'000}, {"d", 86'400'000'000}};

std::int64_t number_of(const SettingSpec& spec, const std::string& text) {
    if (spec.type == SettingType::text) return 0;
    if (spec.type == SettingType::boolean) return text == "true" ? 1 : 0;
    char* end = nullptr;
    std::int64_t number = std::strtoll(text.c_str(), &end, 10);
    View unit(end);
    while (!unit.empty() && unit.front() == ' ') unit.remove_prefix(1);
    for (const Unit& known : units) {
        if (unit == known.name) return number * known.factor;
    }
    std::fprintf(stderr, "setting %s: cannot read '%s'\n", spec.name, text.c_str());
    std::abort();
}

}  // namespace

const Descriptor* find_plugin(PluginKind kind, View name) {
    for (const Descriptor* descriptor : rack) {
        if (descriptor->kind == kind && name == descriptor->name) return descriptor;
    }
    return nullptr;
}

std::uint64_t capabilities_of(PluginKind kind, View name) {
    const Descriptor* descriptor = find_plugin(kind, name);
    return descriptor == nullptr ? 0 : descriptor->capabilities;
}

std::vector<std::string> plugin_names(PluginKind kind) {
    std::vector<std::string> names;
    for (const Descriptor* descriptor : rack) {
        if (descriptor->kind == kind) names.emplace_back(descriptor->name);
    }
    return names;
}

Settings settings_for(const Descriptor& descriptor, const std::map<std::string, std::string>& replaced) {
    Settings settings;
    for (std::uint32_t i = 0; i < descriptor.settings_count; ++i) {
        const SettingSpec& spec = descriptor.settings[i];
        auto written = replaced.find(spec.name);
        std::string text = written == replaced.end() ? spec.default_value : written->second;
        settings.set(spec.name, Settings::Value{number_of(spec, text), text});
    }
    return settings;
}

}  // namespace ashlar::sim
