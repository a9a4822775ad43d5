// What every benchmark's main does: take words from its command line, and work in a directory that it removes.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace ashlar::bench {

/// The command line; what is asked for is taken out, so that the rest are the names of files.
class Words {
public:
    Words(int count, char** words) : rest_(words + 1, words + count) {}

    bool flag(const std::string& name) { return std::erase(rest_, name) > 0; }
    /// The word behind `name`; `otherwise` without it.
    std::string value(const std::string& name, const std::string& otherwise);
    const std::vector<std::string>& rest() const { return rest_; }

private:
    std::vector<std::string> rest_;
};

/// Runs `body` with a fresh directory on a real disk and gives its exit code. The directory goes, unless `body` throws:
/// then the logs in there say why, and 1 is given.
int in_scratch(const std::string& program, const std::function<int(const std::filesystem::path&)>& body);

}  // namespace ashlar::bench
