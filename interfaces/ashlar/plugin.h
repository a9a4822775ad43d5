// The one symbol a plugin exports: a descriptor of plain C data, read and checked field by field before
// anything of the plugin is called.
//
// A module is built with hidden visibility and a version script, so `ashlar_plugin` is its only dynamic
// symbol; it has no static constructors. It is loaded before the first socket opens and never unloaded.
#pragma once

#include <cstdint>
#include <iterator>
#include <memory>

#include "ashlar/fingerprint.h"
#include "ashlar/host.h"
#include "ashlar/settings.h"

namespace ashlar {

enum class PluginKind : std::uint32_t {
    partitioner = 1,
    replicator = 2,
    failure_detector = 3,
    conflict_resolver = 4,
    storage_engine = 5,
};

inline constexpr std::uint64_t descriptor_magic = 0x31474c505248'5341;  // "ASHRPLG1", little-endian
inline constexpr std::uint32_t descriptor_layout = 1;

/// Bits of Descriptor::capabilities. A bit the host does not know is ignored.
enum Capability : std::uint64_t {
    deterministic = 1u << 0,      ///< same calls, same answers: may run in the simulator
    cluster_affecting = 1u << 1,  ///< nodes that differ in it must refuse each other
    persistent = 1u << 2,         ///< storage engine: what was synced survives the process
    own_threads = 1u << 3,        ///< wraps a foreign library that starts threads; the simulator refuses it
    per_key_counters = 1u << 4,   ///< resolver: counts per key, so every unclean start needs a new actor
    merges_blind_writes = 1u << 5 ///< resolver: a put without context replaces instead of adding a sibling
};

struct Descriptor {
    std::uint64_t magic;             ///< descriptor_magic
    std::uint32_t layout;            ///< descriptor_layout: how the rest is laid out
    std::uint32_t size;              ///< sizeof(Descriptor)
    PluginKind kind;
    std::uint32_t settings_count;
    const char* contract;            ///< fingerprint of the headers of this kind, hex
    const char* compiler;            ///< compiler and C++ library the module was built with
    const char* name;                ///< as in the config: "lsm"
    const char* version;             ///< of the plugin: "1.0.0"
    const char* summary;             ///< one sentence
    std::uint64_t capabilities;      ///< Capability bits
    const SettingSpec* settings;     ///< settings_count of them
    /// A new instance (a pointer to the contract class of the kind), or nullptr with *error filled.
    /// Called once, on the main thread, before the loop starts; may use the disk and may take long.
    void* (*create)(Host* host, const Settings* settings, Error* error) noexcept;
    void (*destroy)(void* instance) noexcept;
};

/// The name the loader looks for. A static build for the simulator renames it per plugin.
#ifndef ASHLAR_PLUGIN_SYMBOL
#define ASHLAR_PLUGIN_SYMBOL ashlar_plugin
#endif

template <class Contract, auto make>
void* create_plugin(Host* host, const Settings* settings, Error* error) noexcept {
    auto made = make(*host, *settings);
    if (made) return static_cast<Contract*>(made->release());
    *error = made.error();
    return nullptr;
}

template <class Contract>
void destroy_plugin(void* instance) noexcept {
    delete static_cast<Contract*>(instance);
}

/// Defines the descriptor in one line of a plugin's plugin.cc. Contract is the class of the kind; settings_ is
/// an array (std::array for an empty one); make_(Host&, const Settings&) returns
/// Result<std::unique_ptr<Contract>> and must not throw.
#define ASHLAR_PLUGIN(kind_, Contract, name_, version_, summary_, capabilities_, settings_, make_)       \
    extern "C" {                                                                                         \
    __attribute__((visibility("default"))) extern const ::ashlar::Descriptor ASHLAR_PLUGIN_SYMBOL;       \
    constinit const ::ashlar::Descriptor ASHLAR_PLUGIN_SYMBOL{                                           \
        ::ashlar::descriptor_magic,                                                                      \
        ::ashlar::descriptor_layout,                                                                     \
        sizeof(::ashlar::Descriptor),                                                                    \
        ::ashlar::PluginKind::kind_,                                                                     \
        static_cast<std::uint32_t>(std::size(settings_)),                                                \
        ::ashlar::fingerprint::kind_,                                                                    \
        ::ashlar::fingerprint::compiler,                                                                 \
        name_,                                                                                           \
        version_,                                                                                        \
        summary_,                                                                                        \
        capabilities_,                                                                                   \
        std::data(settings_),                                                                            \
        &::ashlar::create_plugin<Contract, make_>,                                                       \
        &::ashlar::destroy_plugin<Contract>,                                                             \
    };                                                                                                   \
    }

}  // namespace ashlar
