// A configuration file of any bytes: settings that say where they stand, or a refusal that does; in bounded memory.
#include <cstdint>
#include <cstdlib>

#include "host/config.h"

using namespace ashlar::host;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    auto written = read_config_text(std::string(reinterpret_cast<const char*>(data), size), "f");
    if (!written) {
        if (!written.error().detail.starts_with("f:")) std::abort();
        return 0;
    }
    for (const WrittenSetting& setting : *written) {
        if (!setting.origin.starts_with("f:") || setting.name.empty()) std::abort();
        if (setting.name.size() > config_depth_max * (config_name_max + 1)) std::abort();
    }
    auto config = Config::make(kernel_schema(), *written);
    if (!config && config.error().detail.empty()) std::abort();
    return 0;
}
