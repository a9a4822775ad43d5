#include "host/config_sources.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "kit/text.h"

namespace ashlar::host {
namespace {

Result<void> add_file(const std::string& file, std::vector<WrittenSetting>& written) {
    std::ifstream in(file, std::ios::binary);
    std::string text(config_bytes_max + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (in.bad() || (!in.eof() && in.fail()) || !in.is_open())
        return fail(Code::not_found, kit::text(file, ": cannot be read"));
    text.resize(static_cast<std::size_t>(in.gcount()));
    auto settings = read_config_text(text, file);
    if (!settings) return settings.error();
    written.insert(written.end(), settings->begin(), settings->end());
    return {};
}

}  // namespace

std::map<std::string, std::string> ashlar_environment() {
    std::map<std::string, std::string> out;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        std::string_view line = *entry;
        std::size_t equals = line.find('=');
        if (!line.starts_with("ASHLAR_") || equals == std::string_view::npos) continue;
        out.emplace(line.substr(0, equals), line.substr(equals + 1));
    }
    return out;
}

Result<std::vector<WrittenSetting>> read_config_files(const std::string& file) {
    std::vector<WrittenSetting> written;
    if (auto read = add_file(file, written); !read) return read.error();
    std::error_code missing;
    std::vector<std::string> drop_ins;
    std::filesystem::path directory = std::filesystem::path(file).parent_path() / "conf.d";
    for (const auto& entry : std::filesystem::directory_iterator(directory, missing))
        if (entry.path().extension() == ".yaml") drop_ins.push_back(entry.path().string());
    std::sort(drop_ins.begin(), drop_ins.end());
    for (const std::string& drop_in : drop_ins)
        if (auto read = add_file(drop_in, written); !read) return read.error();
    return written;
}

void add_environment(const ConfigSources& sources, const ConfigSchema& schema, std::vector<WrittenSetting>& written) {
    for (const ConfigSection& section : schema)
        for (const SettingSpec& spec : section.settings) {
            std::string name = section.name + "." + spec.name;
            auto found = sources.environment.find(environment_name(name));
            if (found == sources.environment.end()) continue;
            written.push_back(WrittenSetting{name, found->second, "environment " + found->first, false});
        }
}

Result<void> add_command_line(const ConfigSources& sources, std::vector<WrittenSetting>& written) {
    for (const std::string& setting : sources.command_line) {
        std::size_t equals = setting.find('=');
        if (equals == std::string::npos || equals == 0)
            return fail(Code::invalid_request, kit::text("command line: '--set ", setting, "' is not name=value"));
        written.push_back(WrittenSetting{setting.substr(0, equals), setting.substr(equals + 1), "command line", false});
    }
    return {};
}

}  // namespace ashlar::host
