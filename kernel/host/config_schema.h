// What may be configured: sections with a sentence each and their settings.
//
// The kernel's sections are below, one table per reader, in the same form as a plugin's; a plugin's section is
// named KIND.NAME and comes from its descriptor. The manual, the annotated default file and the checks are
// all made from these.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "ashlar/settings.h"

namespace ashlar::host {

struct ConfigSection {
    std::string name;  ///< "limits", "storage_engine.lsm"
    std::string sentence;
    std::span<const SettingSpec> settings;
};

using ConfigSchema = std::vector<ConfigSection>;

/// The kernel's own sections, in the order of the manual.
ConfigSchema kernel_schema();

/// The environment variable that overrides a setting: "limits.entry_bytes" is ASHLAR_LIMITS_ENTRY_BYTES.
std::string environment_name(std::string_view setting);

}  // namespace ashlar::host
