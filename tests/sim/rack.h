// The plugins that are linked in, by kind and name, made through their descriptors as the host makes them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "ashlar/plugin.h"
#include "ashlar/result.h"

namespace ashlar::sim {

/// nullptr: not linked in.
const Descriptor* find_plugin(PluginKind kind, View name);
/// What a plugin's descriptor says it can; 0 for one that is not linked in.
std::uint64_t capabilities_of(PluginKind kind, View name);
/// Names of a kind, in the order of the rack.
std::vector<std::string> plugin_names(PluginKind kind);

/// Defaults of the schema, with some values replaced; names the plugin does not have are passed over.
Settings settings_for(const Descriptor& descriptor, const std::map<std::string, std::string>& replaced = {});

/// An instance that goes back to its module.
template <class Contract>
class Made {
public:
    Made() = default;
    Made(const Descriptor& descriptor, void* instance)
        : descriptor_(&descriptor), instance_(static_cast<Contract*>(instance)) {}
    Made(Made&& other) noexcept { *this = std::move(other); }
    Made& operator=(Made&& other) noexcept {
        std::swap(descriptor_, other.descriptor_);
        std::swap(instance_, other.instance_);
        return *this;
    }
    ~Made() {
        if (instance_ != nullptr) descriptor_->destroy(instance_);
    }
    Contract* get() const { return instance_; }
    Contract& operator*() const { return *instance_; }
    Contract* operator->() const { return instance_; }

private:
    const Descriptor* descriptor_ = nullptr;
    Contract* instance_ = nullptr;
};

template <class Contract>
Result<Made<Contract>> make_plugin(const Descriptor& descriptor, Host& host,
                                   const std::map<std::string, std::string>& replaced = {}) {
    Settings settings = settings_for(descriptor, replaced);
    Error error;
    void* instance = descriptor.create(&host, &settings, &error);
    if (instance == nullptr) return error;
    return Made<Contract>(descriptor, instance);
}

}  // namespace ashlar::sim
