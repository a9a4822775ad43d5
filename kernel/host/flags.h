// The daemon's command line. Pure. Fails with invalid_request in a sentence.
#pragma once

#include <string>
#include <vector>

#include "ashlar/result.h"

namespace ashlar::host {

struct Flags {
    enum class Act : std::uint8_t { serve, check_config, explain, print_default_config, version, help };
    Act act = Act::serve;
    std::string config_file;       ///< empty: none was named
    std::vector<std::string> set;  ///< "name=value", in order
    std::string ready_file;
};

inline constexpr const char* default_config_file = "/etc/ashlar/ashlar.yaml";

Result<Flags> parse_flags(const std::vector<std::string>& arguments);
extern const char* const usage;

}  // namespace ashlar::host
