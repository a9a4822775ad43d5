#include "program.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace ashlar::bench {

std::string Words::value(const std::string& name, const std::string& otherwise) {
    auto at = std::find(rest_.begin(), rest_.end(), name);
    if (at == rest_.end() || at + 1 == rest_.end()) return otherwise;
    std::string out = at[1];
    rest_.erase(at, at + 2);
    return out;
}

int in_scratch(const std::string& program, const std::function<int(const std::filesystem::path&)>& body) {
    char scratch[] = "/var/tmp/ashlar-bench-XXXXXX";
    if (::mkdtemp(scratch) == nullptr) {
        std::perror(scratch);
        return 1;
    }
    try {
        int code = body(scratch);
        std::filesystem::remove_all(scratch);
        return code;
    } catch (const std::exception& e) {
        std::fprintf(stderr, "%s: %s (files left in %s)\n", program.c_str(), e.what(), scratch);
        return 1;
    }
}

}  // namespace ashlar::bench
