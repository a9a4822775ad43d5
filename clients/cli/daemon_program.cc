#include "daemon_program.h"

#include <climits>
#include <filesystem>
#include <string_view>

#include <unistd.h>

namespace ashlar::cli {

std::string daemon_program() {
    char path[PATH_MAX];
    ssize_t length = ::readlink("/proc/self/exe", path, sizeof path);
    if (length <= 0 || length == static_cast<ssize_t>(sizeof path)) return "ashlard";
    std::filesystem::path here = std::filesystem::path(path, path + length).parent_path();
    for (std::string_view place : {"ashlard", "../sbin/ashlard", "../../kernel/main/ashlard"}) {
        std::filesystem::path program = (here / place).lexically_normal();
        if (::access(program.c_str(), X_OK) == 0) return program.string();
    }
    return "ashlard";
}

}  // namespace ashlar::cli
