#include "host/plugin_shelf.h"

#include <algorithm>
#include <filesystem>

#include "host/plugin_module.h"
#include "kit/text.h"

namespace ashlar::host {
namespace {

/// Splits "storage_engine_lsm" at the kind it begins with.
bool split(const std::string& stem, ShelfItem& item) {
    for (PluginKind kind : all_kinds) {
        std::string prefix = std::string(kind_name(kind)) + "_";
        if (!stem.starts_with(prefix) || stem.size() == prefix.size()) continue;
        item.kind = kind;
        item.name = stem.substr(prefix.size());
        return true;
    }
    return false;
}

}  // namespace

Result<PluginShelf> PluginShelf::open(const std::string& directory) {
    if (directory.empty() || directory.front() != '/')
        return fail(Code::invalid_request, kit::text("'", directory, "' is not an absolute path"));
    if (auto fine = check_ownership(directory, true); !fine) return fine.error();
    PluginShelf shelf;
    shelf.directory_ = directory;
    std::error_code unreadable;
    for (const auto& entry : std::filesystem::directory_iterator(directory, unreadable)) {
        ShelfItem item;
        if (entry.path().extension() != ".so" || !split(entry.path().stem().string(), item)) continue;
        item.path = entry.path().string();
        shelf.items_.push_back(std::move(item));
    }
    if (unreadable) return fail(Code::io, kit::text(directory, ": ", unreadable.message()));
    std::sort(shelf.items_.begin(), shelf.items_.end(), [](const ShelfItem& a, const ShelfItem& b) {
        return std::tie(a.kind, a.name) < std::tie(b.kind, b.name);
    });
    for (ShelfItem& item : shelf.items_) {
        auto loaded = load_module(item.path, item.kind, item.name);
        if (loaded)
            item.descriptor = *loaded;
        else
            item.refusal = loaded.error().detail;
    }
    return shelf;
}

Result<const Descriptor*> PluginShelf::find(PluginKind kind, std::string_view name) const {
    for (const ShelfItem& item : items_) {
        if (item.kind != kind || item.name != name) continue;
        if (item.descriptor == nullptr) return fail(Code::unsupported, item.refusal);
        return item.descriptor;
    }
    std::string there;
    for (const std::string& other : names(kind)) there += (there.empty() ? "" : ", ") + other;
    return fail(Code::not_found, kit::text("no ", kind_name(kind), " '", name, "' in ", directory_, "; there is ",
                                           there.empty() ? "none" : there));
}

std::vector<std::string> PluginShelf::names(PluginKind kind) const {
    std::vector<std::string> out;
    for (const ShelfItem& item : items_)
        if (item.kind == kind && item.descriptor != nullptr) out.push_back(item.name);
    return out;
}

ConfigSchema PluginShelf::with_plugins(ConfigSchema kernel) const {
    ConfigSchema out;
    for (ConfigSection& section : kernel) {
        PluginKind kind = kind_of(section.name);
        out.push_back(std::move(section));
        for (const ShelfItem& item : items_) {
            if (item.descriptor == nullptr || item.kind != kind) continue;
            out.push_back(ConfigSection{kit::text(kind_name(kind), ".", item.name),
                                        item.descriptor->summary,
                                        {item.descriptor->settings, item.descriptor->settings_count}});
        }
    }
    return out;
}

}  // namespace ashlar::host
