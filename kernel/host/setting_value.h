// One setting as an operator writes it, checked against its schema.
//
// Pure; any thread. Fails with invalid_request and a reason that names the value, what is allowed and how to
// write it; the caller puts the place (file and line) and the setting's name in front.
#pragma once

#include <string>
#include <string_view>

#include "ashlar/result.h"
#include "ashlar/settings.h"
#include "port/day_window.h"

namespace ashlar::host {

Result<Settings::Value> parse_setting(const SettingSpec& spec, std::string_view text);

/// "HH:MM-HH:MM", 00:00 to 24:00; empty: always. Two equal times are refused: they could mean all or nothing.
Result<port::DayWindow> parse_window(std::string_view text);

/// What may be written, for the manual: "1 KiB to 64 GiB", "always, interval or never".
std::string allowed_values(const SettingSpec& spec);

/// "integer", "bytes", "duration", "text", "boolean"
std::string_view type_name(SettingType type);

}  // namespace ashlar::host
