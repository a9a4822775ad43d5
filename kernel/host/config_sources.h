// Where settings are written: the file, the drop-ins beside it, the environment, the command line.
//
// Main thread, at the start. Fails with invalid_request ("file:line: reason") or not_found.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "ashlar/result.h"
#include "host/config_schema.h"
#include "host/config_text.h"

namespace ashlar::host {

struct ConfigSources {
    std::string file;                                ///< empty: none
    std::map<std::string, std::string> environment;  ///< only names that begin with ASHLAR_
    std::vector<std::string> command_line;           ///< "name=value" of each --set
};

/// This process's environment, as ConfigSources wants it.
std::map<std::string, std::string> ashlar_environment();

/// The file and conf.d/*.yaml beside it, in name order.
Result<std::vector<WrittenSetting>> read_config_files(const std::string& file);

/// Adds what the environment overrides, by the names of the schema.
void add_environment(const ConfigSources& sources, const ConfigSchema& schema, std::vector<WrittenSetting>& written);

Result<void> add_command_line(const ConfigSources& sources, std::vector<WrittenSetting>& written);

}  // namespace ashlar::host
