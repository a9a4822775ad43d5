// The plugins found in one directory: what may be used, and why the rest may not.
//
// Main thread, before the first socket. Modules are files named KIND_NAME.so; each is loaded and checked here,
// and none is created. Descriptors live as long as the process.
#pragma once

#include <string>
#include <vector>

#include "ashlar/plugin.h"
#include "ashlar/result.h"
#include "host/config_schema.h"

namespace ashlar::host {

struct ShelfItem {
    PluginKind kind{};
    std::string name;
    std::string path;
    const Descriptor* descriptor = nullptr;  ///< nullptr: refused
    std::string refusal;
};

class PluginShelf {
public:
    /// Fails when the directory is not absolute, is missing or can be changed by others.
    static Result<PluginShelf> open(const std::string& directory);

    const std::vector<ShelfItem>& items() const { return items_; }
    /// Fails with not_found (naming what there is instead) or with the module's refusal.
    Result<const Descriptor*> find(PluginKind kind, std::string_view name) const;
    std::vector<std::string> names(PluginKind kind) const;
    /// The kernel's sections with each usable plugin's behind that of its kind.
    ConfigSchema with_plugins(ConfigSchema kernel) const;

private:
    std::string directory_;
    std::vector<ShelfItem> items_;  ///< sorted by kind and name
};

}  // namespace ashlar::host
