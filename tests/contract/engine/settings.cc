// Reads settings as an operator writes them, as far as the defaults of a schema need it.
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "rig.h"

namespace ashlar::contract {

namespace {

struct Unit {
    std::string_view name;
    std::int64_t factor;
};
constexpr Unit byte_units[] = {{"", 1}, {"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}};
constexpr Unit time_units[] = {{"us", 1},           {"ms", 1000},         {"s", 1'000'000},
                               {"min", 60'000'000}, {"h", 3'600'000'000}, {"d", 86'400'000'000}};

[[noreturn]] void refuse(const SettingSpec& spec, const std::string& text) {
    std::fprintf(stderr, "setting %s: cannot read '%s'\n", spec.name, text.c_str());
    std::abort();
}

std::int64_t number_of(const SettingSpec& spec, const std::string& text) {
    if (spec.type == SettingType::text) return 0;
    if (spec.type == SettingType::boolean) return text == "true" ? 1 : 0;
    char* end = nullptr;
    std::int64_t number = std::strtoll(text.c_str(), &end, 10);
    if (end == text.c_str()) refuse(spec, text);
    std::string_view unit(end);
    while (!unit.empty() && unit.front() == ' ') unit.remove_prefix(1);
    if (spec.type == SettingType::integer && unit.empty()) return number;
    if (spec.type == SettingType::bytes)
        for (const Unit& u : byte_units)
            if (unit == u.name) return number * u.factor;
    if (spec.type == SettingType::duration)
        for (const Unit& u : time_units)
            if (unit == u.name) return number * u.factor;
    refuse(spec, text);
}

}  // namespace

Settings fill_settings(const Descriptor& descriptor, const Overrides& overrides) {
    Settings settings;
    for (std::uint32_t i = 0; i < descriptor.settings_count; ++i) {
        const SettingSpec& spec = descriptor.settings[i];
        auto written = overrides.find(spec.name);
        std::string text = written == overrides.end() ? spec.default_value : written->second;
        std::int64_t number = number_of(spec, text);
        bool measured = spec.type != SettingType::text && spec.type != SettingType::boolean;
        if (measured && (number < spec.min || number > spec.max)) refuse(spec, text);
        settings.set(spec.name, {number, text});
    }
    return settings;
}

}  // namespace ashlar::contract
