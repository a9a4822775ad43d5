// A replicator module that is wrong in the one way its build asks for (or right, with ODD_NOTHING). None of
// its functions may ever be called: they stop the process.
#include <array>
#include <cstdlib>

#include "ashlar/plugin.h"

namespace {

using namespace ashlar;

[[maybe_unused]] constexpr std::array settings{
    SettingSpec{"spread", SettingType::integer, "3", 1, 7, nullptr, "How far it spreads."},
#ifdef ODD_SETTING
    SettingSpec{"bad", SettingType::integer, "30", 1, 7, nullptr, "Its default is out of range."},
#endif
};

[[maybe_unused]] void* create(Host*, const Settings*, Error*) noexcept {
    std::abort();
}
[[maybe_unused]] void destroy(void*) noexcept {
    std::abort();
}

}  // namespace

extern "C" {
#if defined(ODD_SMALL)
__attribute__((visibility("default"))) extern const std::uint32_t ashlar_plugin;
const std::uint32_t ashlar_plugin = 7;
#elif defined(ODD_SYMBOL)
__attribute__((visibility("default"))) extern const int something_else;
const int something_else = 7;
#else
__attribute__((visibility("default"))) extern const ashlar::Descriptor ashlar_plugin;
constinit const ashlar::Descriptor ashlar_plugin{
#ifdef ODD_MAGIC
    0x1122334455667788,
#else
    descriptor_magic,
#endif
#ifdef ODD_LAYOUT
    descriptor_layout + 1,
#else
    descriptor_layout,
#endif
    sizeof(ashlar::Descriptor),
#ifdef ODD_KIND
    PluginKind::storage_engine,
#else
    PluginKind::replicator,
#endif
    settings.size(),
#ifdef ODD_CONTRACT
    "0123456789abcdef",
    "gcc 2 libg++",
#else
    ashlar::fingerprint::replicator,
    ashlar::fingerprint::compiler,
#endif
    "odd",
    "1.0.0",
    "For the loader's tests.",
    deterministic,
    settings.data(),
#ifdef ODD_CREATE
    nullptr,
#else
    &create,
#endif
    &destroy,
};
#endif
}
