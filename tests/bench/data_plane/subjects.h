// The servers compared: the bare loop, redis with two log policies, ashlard with two sync modes.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "protocol.h"
#include "rival.h"

namespace ashlar::bench {

struct Subject {
    std::string name;
    std::unique_ptr<Protocol> protocol;
    std::uint16_t port = 0;
    Rival server;
};

struct Places {
    std::filesystem::path scratch;  ///< a directory of ours on a real disk
    std::filesystem::path ashlard;
    std::filesystem::path plugins;
};

Subject start_bare();
/// nullopt when redis-server is not installed. `fsync` is everysec or always.
std::optional<Subject> start_redis(const Places& places, const std::string& fsync);
/// `mode` is the config's sync.mode. With a `preload` library, allocations are counted into `count_file`.
Subject start_ashlar(const Places& places, const std::string& mode, const std::string& preload = {},
                     const std::string& count_file = {});

}  // namespace ashlar::bench
