// One running plugin: made from its descriptor, destroyed through it, with the world it was given.
//
// Main thread. The descriptor's module is never unloaded, so the object may be used as long as this lives.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "ashlar/plugin.h"
#include "host/plugin_world.h"
#include "kit/text.h"

namespace ashlar::host {

template <class Contract>
class PluginInstance {
public:
    static Result<PluginInstance> make(const Descriptor& descriptor, std::unique_ptr<PluginWorld> world,
                                       const Settings& settings) {
        Error error;
        void* made = descriptor.create(world.get(), &settings, &error);
        if (made == nullptr) return fail(error.code, kit::text("plugin ", descriptor.name, ": ", error.detail));
        PluginInstance out;
        out.world_ = std::move(world);
        out.plugin_ = Owned(static_cast<Contract*>(made), Destroyer{&descriptor});
        return out;
    }
    PluginInstance(PluginInstance&&) = default;
    PluginInstance& operator=(PluginInstance&&) = delete;  // would let the world go before the plugin

    Contract& operator*() const { return *plugin_; }
    Contract* get() const { return plugin_.get(); }

private:
    struct Destroyer {
        const Descriptor* descriptor = nullptr;
        void operator()(Contract* plugin) const { descriptor->destroy(plugin); }
    };
    using Owned = std::unique_ptr<Contract, Destroyer>;

    PluginInstance() = default;
    std::unique_ptr<PluginWorld> world_;  ///< outlives the plugin: members go in reverse order
    Owned plugin_;
};

}  // namespace ashlar::host
