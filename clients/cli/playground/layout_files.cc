// The layout on the disk.
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "json_forms.h"
#include "layout.h"

namespace ashlar::cli::play {
namespace {

namespace files = std::filesystem;

constexpr const char* layout_file = "/playground.json";

/// In single quotes, as a shell takes it.
std::string in_quotes(std::string_view text) {
    std::string out = "'";
    for (char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out + "'";
}

std::string folder_of(const std::string& program) {
    return files::path(program).parent_path().string();
}

/// What a shell needs to speak to this cluster.
std::string environment_of(const Layout& layout, const std::string& client) {
    std::string out = "export ASHLAR_ENDPOINTS=" + in_quotes(all_endpoints(layout, &NodePlace::clients)) + "\n";
    out += "export ASHLAR_ADMIN=" + in_quotes(all_endpoints(layout, &NodePlace::admin)) + "\n";
    out += "export ASHLAR_TABLE=";
    out += table_name;
    out += "\nexport PLAYGROUND=" + in_quotes(layout.directory) + "\n";
    for (const std::string& folder : {folder_of(layout.program), folder_of(client)}) {
        if (!folder.empty()) out += "PATH=" + in_quotes(folder) + ":$PATH\n";
    }
    return out + "export PATH\n";
}

bool write(const std::string& path, const std::string& text) {
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    return static_cast<bool>(file << text << std::flush);
}

Failure unwritten(const std::string& path) {
    return failed("cannot write " + path + ": " + std::strerror(errno));
}

}  // namespace

Outcome<Done> write_layout(const Layout& layout, const std::vector<std::pair<std::string, std::string>>& settings) {
    std::error_code bad;
    for (const NodePlace& node : layout.nodes) {
        files::create_directories(node.directory, bad);
        if (bad) return failed("cannot make " + node.directory + ": " + bad.message());
        if (!write(node.config, config_of(layout, node, settings))) return unwritten(node.config);
    }
    files::path client = files::read_symlink("/proc/self/exe", bad);
    std::string env = layout.directory + "/env", all = layout.directory + layout_file;
    if (!write(env, environment_of(layout, client.string()))) return unwritten(env);
    if (!write(all, boost::json::serialize(json_layout(layout)) + "\n")) return unwritten(all);
    return Done{};
}

Outcome<std::optional<Layout>> read_layout(const std::string& directory) {
    std::ifstream file(directory + layout_file, std::ios::binary);
    if (!file) return std::optional<Layout>();
    std::ostringstream text;
    text << file.rdbuf();
    boost::json::error_code bad;
    auto value = boost::json::parse(text.str(), bad);
    auto layout = bad ? std::nullopt : parse_layout(value);
    if (!layout) return failed(directory + layout_file + " is not what a playground leaves: take another directory");
    // It may have been moved since.
    if (layout->directory != directory)
        return failed(directory + " was made as " + layout->directory + ": move it back");
    return layout;
}

}  // namespace ashlar::cli::play
