// What may be set, and what was set. A plugin (and each room of the kernel) declares its settings as a table
// of SettingSpec; the loader checks the operator's values against it, with file and line, before create().
// The manual (ashlard --explain) is printed from the same tables.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "ashlar/types.h"

namespace ashlar {

enum class SettingType : std::uint32_t {
    integer = 1,  ///< decimal, between min and max
    bytes = 2,    ///< integer with an optional KiB, MiB, GiB
    duration = 3, ///< integer with ms, s, min, h, d
    text = 4,     ///< any UTF-8; `choices`, if given, lists what is allowed, split by '|'
    boolean = 5,  ///< true or false
};

/// Plain C data: it is read across the plugin boundary before any C++ of the plugin runs.
struct SettingSpec {
    const char* name;           ///< dotted, relative to the plugin: "block_cache_bytes"
    SettingType type;
    const char* default_value;  ///< as an operator would write it
    std::int64_t min;           ///< integer: itself; bytes: bytes; duration: microseconds
    std::int64_t max;
    const char* choices;        ///< "a|b|c" or nullptr
    const char* sentence;       ///< one or two sentences for the manual
};

/// Checked values by name. Every name of the schema is present, so asking for another is a broken truth.
class Settings {
public:
    struct Value {
        std::int64_t number = 0;  ///< integer; bytes; microseconds; 0 or 1
        std::string text;         ///< as written
    };

    void set(std::string name, Value value) { values_[std::move(name)] = std::move(value); }
    std::int64_t integer(std::string_view name) const { return at(name).number; }
    bool boolean(std::string_view name) const { return at(name).number != 0; }
    Duration duration(std::string_view name) const { return Duration{at(name).number}; }
    const std::string& text(std::string_view name) const { return at(name).text; }

private:
    const Value& at(std::string_view name) const {
        auto found = values_.find(name);
        if (found == values_.end()) std::abort();
        return found->second;
    }
    std::map<std::string, Value, std::less<>> values_;
};

}  // namespace ashlar
