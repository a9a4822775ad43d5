// The effective configuration: every setting of every section, checked, with where it came from.
//
// Made once on the main thread before anything else and never changed. Building it reports every mistake at
// once: one line each, "origin: reason", in the detail of an invalid_request.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "ashlar/result.h"
#include "ashlar/settings.h"
#include "host/config_schema.h"
#include "host/config_text.h"

namespace ashlar::host {

class Config {
public:
    struct Entry {
        std::string name;    ///< dotted
        std::string text;    ///< effective, as an operator would write it
        std::string origin;  ///< "default", "file:line", "environment NAME", "command line"
    };

    /// `written` in rising precedence: a later one of the same name wins. All must be known and well-formed,
    /// also those that do not win.
    static Result<Config> make(const ConfigSchema& schema, const std::vector<WrittenSetting>& written);

    /// Of a section of the schema; asking for another is a broken truth.
    const Settings& section(std::string_view name) const;
    const std::vector<Entry>& entries() const { return entries_; }
    const Entry& entry(std::string_view name) const;
    /// A complaint about a well-formed value, with the place it came from.
    std::string complaint(std::string_view name, std::string_view reason) const;

private:
    std::map<std::string, Settings, std::less<>> sections_;
    std::vector<Entry> entries_;  ///< in the order of the schema
};

/// The last text written for a name, or the schema's default: for what must be known before the whole schema is.
std::string effective_text(const std::vector<WrittenSetting>& written, const ConfigSchema& schema,
                           std::string_view name);

}  // namespace ashlar::host
