// A configuration file as a flat list of settings with the line each stands on.
//
// Reads the part of YAML that a configuration needs: maps, scalars and lists of scalars (joined by commas).
// Anchors, aliases, several documents and keys set twice are refused, as is everything above fixed bounds,
// so that no file can make it take much memory or depth. Main thread. Fails with invalid_request; the detail
// is "file:line: reason".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ashlar/result.h"

namespace ashlar::host {

/// One setting as written somewhere, not yet checked.
struct WrittenSetting {
    std::string name;  ///< dotted: "storage_engine.lsm.memtable_bytes"
    std::string text;
    std::string origin;     ///< "file:line", "environment NAME", "command line"
    bool no_value = false;  ///< "name:" with nothing behind it, as a section has with all its keys commented out
};

inline constexpr std::size_t config_bytes_max = 1 << 20;
inline constexpr std::size_t config_settings_max = 10'000;
inline constexpr std::size_t config_depth_max = 16;
inline constexpr std::size_t config_name_max = 100;  ///< of one part of a dotted name

Result<std::vector<WrittenSetting>> read_config_text(const std::string& text, const std::string& file);

}  // namespace ashlar::host
