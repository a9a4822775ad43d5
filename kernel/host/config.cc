#include "host/config.h"

#include <algorithm>
#include <cstdlib>

#include "host/setting_value.h"
#include "kit/text.h"

namespace ashlar::host {
namespace {

struct Known {
    const SettingSpec* spec = nullptr;
    const WrittenSetting* winner = nullptr;
};

std::string full_name(const ConfigSection& section, const SettingSpec& spec) {
    return section.name + "." + spec.name;
}

/// How many single letters must change to turn one word into the other.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            std::size_t swapped = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({swapped, row[j] + 1, row[j - 1] + 1});
        }
    }
    return row[b.size()];
}

std::string unknown(std::string_view name, const std::map<std::string, Known>& known) {
    std::string best;
    std::size_t least = 4;  // further away is no likely slip
    for (const auto& [candidate, ignored] : known) {
        std::size_t far = name.size() > 200 ? least : distance(name, candidate);
        if (far < least) {
            least = far;
            best = candidate;
        }
    }
    std::string hint = best.empty() ? " (ashlard --explain lists all)" : kit::text(" (did you mean ", best, "?)");
    return kit::text("unknown setting ", name, hint);
}

bool is_section(const ConfigSchema& schema, std::string_view name) {
    std::string below = std::string(name) + ".";
    return std::any_of(schema.begin(), schema.end(), [&](const ConfigSection& section) {
        return section.name == name || section.name.starts_with(below);
    });
}

}  // namespace

Result<Config> Config::make(const ConfigSchema& schema, const std::vector<WrittenSetting>& written) {
    std::map<std::string, Known> known;
    for (const ConfigSection& section : schema)
        for (const SettingSpec& spec : section.settings) known[full_name(section, spec)].spec = &spec;

    std::string mistakes;
    auto mistake = [&](const WrittenSetting& at, std::string_view reason) {
        mistakes += kit::text(mistakes.empty() ? "" : "\n", at.origin, ": ", reason);
    };
    for (const WrittenSetting& setting : written) {
        auto found = known.find(setting.name);
        if (found == known.end()) {
            if (!is_section(schema, setting.name))
                mistake(setting, unknown(setting.name, known));
            else if (!setting.no_value)
                mistake(setting, kit::text(setting.name, " is a section, not a setting"));
            continue;
        }
        auto value = parse_setting(*found->second.spec, setting.text);
        if (setting.no_value)
            mistake(setting, kit::text(setting.name, " has no value (write \"\" for an empty text)"));
        else if (!value)
            mistake(setting, kit::text(setting.name, ": ", value.error().detail));
        else
            found->second.winner = &setting;
    }

    Config config;
    for (const ConfigSection& section : schema) {
        Settings& settings = config.sections_[section.name];
        for (const SettingSpec& spec : section.settings) {
            std::string name = full_name(section, spec);
            const WrittenSetting* winner = known[name].winner;
            std::string text = winner != nullptr ? winner->text : spec.default_value;
            auto value = parse_setting(spec, text);
            if (!value) {
                mistakes += kit::text(mistakes.empty() ? "" : "\n", "default of ", name, ": ", value.error().detail);
                continue;
            }
            settings.set(spec.name, *value);
            config.entries_.push_back(Entry{name, text, winner != nullptr ? winner->origin : "default"});
        }
    }
    if (!mistakes.empty()) return fail(Code::invalid_request, mistakes);
    return config;
}

const Settings& Config::section(std::string_view name) const {
    auto found = sections_.find(name);
    if (found == sections_.end()) std::abort();
    return found->second;
}

const Config::Entry& Config::entry(std::string_view name) const {
    auto found = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.name == name; });
    if (found == entries_.end()) std::abort();
    return *found;
}

std::string Config::complaint(std::string_view name, std::string_view reason) const {
    return kit::text(entry(name).origin, ": ", name, ": ", reason);
}

std::string effective_text(const std::vector<WrittenSetting>& written, const ConfigSchema& schema,
                           std::string_view name) {
    for (auto setting = written.rbegin(); setting != written.rend(); ++setting)
        if (setting->name == name) return setting->text;
    for (const ConfigSection& section : schema)
        for (const SettingSpec& spec : section.settings)
            if (full_name(section, spec) == name) return spec.default_value;
    return {};
}

}  // namespace ashlar::host
