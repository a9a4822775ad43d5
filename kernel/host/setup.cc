#include "host/setup.h"

#include <algorithm>
#include <filesystem>

#include "host/config_sources.h"
#include "host/plugin_module.h"
#include "host/setting_value.h"
#include "kit/hash.h"
#include "kit/text.h"

namespace ashlar::host {
namespace {

/// Settings as written, in rising precedence, apart from the environment: its names need the schema.
struct Written {
    ConfigSources sources;
    std::vector<WrittenSetting> files;
    std::vector<WrittenSetting> flags;

    std::vector<WrittenSetting> all(const ConfigSchema& schema) const {
        std::vector<WrittenSetting> out = files;
        add_environment(sources, schema, out);
        out.insert(out.end(), flags.begin(), flags.end());
        return out;
    }
};

Result<Written> read_written(const Flags& flags) {
    Written out;
    out.sources.environment = ashlar_environment();
    out.sources.command_line = flags.set;
    out.sources.file = flags.config_file;
    std::error_code ignored;
    if (out.sources.file.empty() && std::filesystem::exists(default_config_file, ignored))
        out.sources.file = default_config_file;
    if (!out.sources.file.empty()) {
        auto files = read_config_files(out.sources.file);
        if (!files) return files.error();
        out.files = std::move(*files);
    }
    if (auto added = add_command_line(out.sources, out.flags); !added) return added.error();
    return out;
}

/// The plugins that belong to this ashlard: those beside it if it runs where it was built (BUILD/kernel/main), else the
/// installed ones.
std::string own_plugins() {
    std::error_code unknown;
    auto folder = std::filesystem::read_symlink("/proc/self/exe", unknown).parent_path();
    if (!unknown && folder.filename() == "main" && folder.parent_path().filename() == "kernel") {
        auto built = folder.parent_path().parent_path() / "plugins";
        if (std::filesystem::is_directory(built, unknown)) return built.string();
    }
    return ASHLAR_PLUGIN_DIRECTORY;
}

std::string plugin_directory(const Written& written) {
    std::string named = effective_text(written.all(kernel_schema()), kernel_schema(), "plugins.directory");
    return named.empty() ? own_plugins() : named;
}

std::string origin_of(const Written& written, std::string_view name) {
    std::string origin = "default";
    for (const WrittenSetting& setting : written.all(kernel_schema()))
        if (setting.name == name) origin = setting.origin;
    return origin;
}

std::vector<std::string> split_list(const std::string& text) {
    std::vector<std::string> out;
    for (std::size_t at = 0; at < text.size();) {
        std::size_t end = std::min(text.find(',', at), text.size());
        std::string item = text.substr(at, end - at);
        item.erase(0, item.find_first_not_of(' '));
        item.erase(item.find_last_not_of(' ') + 1);
        if (!item.empty()) out.push_back(item);
        at = end + 1;
    }
    return out;
}

/// Complaints about well-formed values, one line each.
class Judge {
public:
    explicit Judge(const Config& config) : config_(config) {}
    void against(std::string_view name, std::string_view reason) {
        if (!words_.empty()) words_ += "\n";
        words_ += config_.complaint(name, reason);
    }
    void need(bool holds, std::string_view name, std::string_view reason) {
        if (!holds) against(name, reason);
    }
    const std::string& words() const { return words_; }

private:
    const Config& config_;
    std::string words_;
};

void judge_address(const Config& config, const std::string& which, ListenAddress& out, Judge& judge) {
    const Settings& listen = config.section("listen");
    auto parsed = parse_address(listen.text(which));
    if (!parsed) return judge.against("listen." + which, parsed.error().detail);
    out = *parsed;
    judge.need(out.loopback || listen.text("insecure_without_tls") == "yes-i-know", "listen." + which,
               kit::text("'", listen.text(which),
                         "' can be reached from other machines, and traffic is neither encrypted nor "
                         "authenticated: listen on 127.0.0.1, or set listen.insecure_without_tls: yes-i-know"));
}

/// Names travel between nodes in bounded texts.
void judge_name(const Config& config, const char* section, const char* setting, Judge& judge) {
    constexpr std::size_t name_max = 255;
    std::size_t size = config.section(section).text(setting).size();
    std::string name = kit::text(section, ".", setting);
    judge.need(size != 0, name, "must not be empty");
    judge.need(size <= name_max, name, kit::text("is longer than ", name_max, " bytes"));
}

void judge_host_port(const std::string& text, std::string_view setting, Judge& judge) {
    constexpr std::size_t address_max = 300;
    std::size_t colon = text.rfind(':');
    judge.need(colon != std::string::npos && colon != 0 && colon + 1 != text.size() && text.size() <= address_max,
               setting, kit::text("'", text, "' is not host:port"));
}

void judge_cluster(Setup& setup, Judge& judge) {
    const Config& config = setup.config;
    setup.seeds = split_list(config.section("cluster").text("seeds"));
    for (const std::string& seed : setup.seeds) judge_host_port(seed, "cluster.seeds", judge);
    setup.clustered = !setup.seeds.empty() || config.section("cluster").integer("expect") > 1;
    if (!setup.clustered) return;
    judge_address(config, "peers", setup.peers, judge);
    judge_address(config, "background", setup.background, judge);
    const Settings& listen = config.section("listen");
    if (const std::string& peers = listen.text("advertise_peers"); !peers.empty()) {
        // Names are not looked up on the loop.
        auto parsed = parse_address(peers);
        if (!parsed) judge.against("listen.advertise_peers", parsed.error().detail);
    } else {
        judge.need(!setup.peers.any, "listen.peers",
                   "names no single address: say in listen.advertise_peers how other nodes reach this one");
    }
    if (const std::string& background = listen.text("advertise_background"); !background.empty())
        judge_host_port(background, "listen.advertise_background", judge);
    else
        judge.need(!setup.background.any, "listen.background",
                   "names no single address: say in listen.advertise_background how other nodes reach this one");
}

void judge_plugins(Setup& setup, Judge& judge) {
    const Config& config = setup.config;
    for (PluginKind kind : all_kinds) {
        std::string section(kind_name(kind));
        auto found = setup.shelf.find(kind, config.section(section).text("use"));
        if (!found) judge.against(section + ".use", found.error().detail);
    }
    const Settings& resolver = config.section("conflict_resolver");
    setup.resolvers = split_list(resolver.text("load"));
    bool is_loaded = setup.resolvers.empty();
    for (const std::string& name : setup.resolvers) {
        is_loaded = is_loaded || name == resolver.text("use");
        auto found = setup.shelf.find(PluginKind::conflict_resolver, name);
        if (!found) judge.against("conflict_resolver.load", found.error().detail);
    }
    judge.need(is_loaded, "conflict_resolver.load",
               kit::text("does not name '", resolver.text("use"), "', which conflict_resolver.use does"));
    if (setup.resolvers.empty()) setup.resolvers = setup.shelf.names(PluginKind::conflict_resolver);
}

/// What can be said without a plugin.
void judge_values(Setup& setup, Judge& judge) {
    const Config& config = setup.config;
    judge_address(config, "clients", setup.clients, judge);
    judge_address(config, "admin", setup.admin, judge);
    const Settings& listen = config.section("listen");
    if (!listen.text("advertise").empty()) {
        auto advertised = listen.text("advertise").rfind(':');
        judge.need(advertised != std::string::npos && advertised != 0, "listen.advertise", "is not host:port");
    } else {
        judge.need(!setup.clients.any, "listen.clients",
                   "names no single address: say in listen.advertise how others reach this node");
    }
    judge.need(config.section("node").text("data_directory").starts_with("/"), "node.data_directory",
               "must be an absolute path");
    judge_name(config, "node", "name", judge);
    judge_name(config, "node", "datacentre", judge);
    judge_name(config, "node", "rack", judge);
    judge_name(config, "cluster", "name", judge);
    if (auto window = parse_window(config.section("repair").text("window")); !window)
        judge.against("repair.window", window.error().detail);
    const Settings& limits = config.section("limits");
    judge.need(limits.integer("siblings_warn") <= limits.integer("siblings_refuse"), "limits.siblings_warn",
               "is above limits.siblings_refuse");
    judge.need(limits.duration("request_timeout") <= limits.duration("request_timeout_max"), "limits.request_timeout",
               "is above limits.request_timeout_max");
    judge.need(limits.integer("frame_bytes") >= limits.integer("entry_bytes") + limits.integer("context_bytes") + 4096,
               "limits.frame_bytes",
               "holds no request of limits.entry_bytes and limits.context_bytes (and 4 KiB around them)");
}

void note_unknown_environment(const Written& written, const ConfigSchema& schema, std::vector<std::string>& warnings) {
    for (const auto& [name, value] : written.sources.environment) {
        // The command-line client's own.
        bool known = name == "ASHLAR_ENDPOINTS" || name == "ASHLAR_ADMIN" || name == "ASHLAR_TIMEOUT";
        for (const ConfigSection& section : schema)
            for (const SettingSpec& spec : section.settings)
                known = known || environment_name(section.name + "." + spec.name) == name;
        if (!known) warnings.push_back(kit::text("environment ", name, " names no setting and is ignored"));
    }
}

/// Without the plugins their sections cannot be judged; the kernel's own can.
std::string mistakes_of_kernel_sections(const Written& written) {
    ConfigSchema schema = kernel_schema();
    std::vector<WrittenSetting> own = written.all(schema);
    std::erase_if(own, [](const WrittenSetting& setting) {
        return std::any_of(std::begin(all_kinds), std::end(all_kinds), [&](PluginKind kind) {
            std::string section = kit::text(kind_name(kind), ".");
            return setting.name.starts_with(section) && setting.name.find('.', section.size()) != std::string::npos;
        });
    });
    auto config = Config::make(schema, own);
    if (!config) return config.error().detail + "\n";
    Setup setup{std::move(*config), {}};
    Judge judge(setup.config);
    judge_values(setup, judge);
    judge_cluster(setup, judge);
    return judge.words().empty() ? "" : judge.words() + "\n";
}

}  // namespace

Result<Setup> read_setup(const Flags& flags) {
    auto written = read_written(flags);
    if (!written) return written.error();
    auto shelf = PluginShelf::open(plugin_directory(*written));
    if (!shelf)
        return fail(shelf.error().code,
                    kit::text(mistakes_of_kernel_sections(*written), origin_of(*written, "plugins.directory"),
                              ": plugins.directory: ", shelf.error().detail));
    ConfigSchema schema = shelf->with_plugins(kernel_schema());
    auto config = Config::make(schema, written->all(schema));
    if (!config) return config.error();
    Setup setup{std::move(*config), std::move(*shelf)};
    note_unknown_environment(*written, schema, setup.warnings);
    Judge judge(setup.config);
    judge_values(setup, judge);
    judge_cluster(setup, judge);
    judge_plugins(setup, judge);
    if (!judge.words().empty()) return fail(Code::invalid_request, judge.words());
    return setup;
}

ConfigSchema whole_schema(const Flags& flags, std::string& missing) {
    auto written = read_written(flags);
    auto shelf = PluginShelf::open(written ? plugin_directory(*written) : own_plugins());
    if (!written) missing = written.error().detail;
    if (shelf) return shelf->with_plugins(kernel_schema());
    missing = "without the plugins' settings: " + shelf.error().detail;
    return kernel_schema();
}

std::string cluster_parts(const Setup& setup) {
    std::string out;
    auto add = [&](PluginKind kind, const std::string& name) {
        auto found = setup.shelf.find(kind, name);
        if (!found || ((*found)->capabilities & cluster_affecting) == 0) return;
        out += kit::text(out.empty() ? "" : "; ", kind_name(kind), " ", name, " ", (*found)->version);
    };
    for (PluginKind kind : all_kinds)
        if (kind != PluginKind::conflict_resolver) add(kind, setup.config.section(kind_name(kind)).text("use"));
    std::vector<std::string> resolvers = setup.resolvers;
    std::sort(resolvers.begin(), resolvers.end());
    for (const std::string& name : resolvers) add(PluginKind::conflict_resolver, name);
    // It travels in a bounded text; who has so many resolvers compares the rest by its hash.
    constexpr std::size_t parts_max = 1000;
    constexpr std::size_t parts_told = 900;
    if (out.size() > parts_max) out = kit::text(out.substr(0, parts_told), "... ", kit::hex16(kit::hash64(out)));
    return out;
}

}  // namespace ashlar::host
