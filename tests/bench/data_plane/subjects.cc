#include "subjects.h"

#include <stdexcept>

#include "bare_loop.h"

namespace ashlar::bench {
namespace {

std::string fresh_directory(const Places& places, const std::string& name) {
    auto path = places.scratch / name;
    std::filesystem::remove_all(path);
    std::filesystem::create_directories(path);
    return path.string();
}

void demand_port(std::uint16_t port, const std::string& who, const std::string& log) {
    if (!wait_for_port(port, 20)) throw std::runtime_error(who + " did not start; see " + log);
}

}  // namespace

Subject start_bare() {
    std::uint16_t port = free_port();
    Subject out{"bare loop", bare_frames(), port, Rival::function([port] { serve_bare_frames(port); })};
    demand_port(port, out.name, "nothing");
    return out;
}

std::optional<Subject> start_redis(const Places& places, const std::string& fsync) {
    if (!std::filesystem::exists("/usr/bin/redis-server")) return std::nullopt;
    std::string name = "redis " + fsync, directory = fresh_directory(places, "redis-" + fsync), log = directory + "/log";
    std::uint16_t port = free_port();
    Subject out{name, resp(), port,
                Rival::program({"/usr/bin/redis-server", "--bind", "127.0.0.1", "--port", std::to_string(port), "--dir",
                                directory, "--appendonly", "yes", "--appendfsync", fsync, "--save", ""},
                               log)};
    demand_port(port, name, log);
    return out;
}

Subject start_ashlar(const Places& places, const std::string& mode, const std::string& preload,
                     const std::string& count_file) {
    std::string name = "ashlar " + mode, log = (places.scratch / ("ashlar-" + mode + ".log")).string();
    std::string directory = fresh_directory(places, "ashlar-" + mode + (preload.empty() ? "" : "-counted"));
    std::uint16_t port = free_port(), admin = free_port();
    std::vector<std::string> environment;
    if (!preload.empty()) environment = {"LD_PRELOAD=" + preload, "ASHLAR_COUNT_FILE=" + count_file};
    Subject out{name, thrift_frames("default"), port,
                Rival::program({places.ashlard.string(), "--plugins", places.plugins.string(),
                                "--set", "node.data_directory=" + directory,
                                "--set", "listen.clients=127.0.0.1:" + std::to_string(port),
                                "--set", "listen.admin=127.0.0.1:" + std::to_string(admin),
                                "--set", "sync.mode=" + mode},
                               log, environment)};
    demand_port(port, name, log);
    return out;
}

}  // namespace ashlar::bench
