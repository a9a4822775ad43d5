// The manual of all settings, made from the schemas: for reading (--explain) and as an annotated
// configuration file in which every default stands (--print-default-config).
#pragma once

#include <string>

#include "host/config_schema.h"

namespace ashlar::host {

std::string manual(const ConfigSchema& schema);
/// A file that sets everything to its default; sections of plugins that are not in use by default included.
std::string default_config(const ConfigSchema& schema);

}  // namespace ashlar::host
