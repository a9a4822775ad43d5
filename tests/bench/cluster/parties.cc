#include "parties.h"

#include <sys/wait.h>

#include <chrono>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

#include <boost/json.hpp>

#include "etcd_frames.h"
#include "load.h"
#include "quorum_loop.h"

namespace ashlar::bench {
namespace {

using namespace std::chrono_literals;

std::string read_file(const std::string& path) {
    std::ifstream file(path);
    std::ostringstream out;
    out << file.rdbuf();
    return out.str();
}

std::uint16_t port_of(const std::string& endpoint) {
    return static_cast<std::uint16_t>(std::stoi(endpoint.substr(endpoint.rfind(':') + 1)));
}

/// Runs a command to its end.
void carry_out(const std::vector<std::string>& command, const std::string& log) {
    Rival child = Rival::program(command, log);
    int status = 0;
    ::waitpid(child.release(), &status, 0);
    if (status != 0) throw std::runtime_error(command[0] + " " + command[1] + " failed; see " + log);
}

/// The document a playground prints when it is ready; `log` holds nothing else unless it failed.
boost::json::object wait_for_document(const Rival& playground, const std::string& log) {
    for (int i = 0; i < 6'000; ++i) {
        std::string text = read_file(log);
        if (text.starts_with('{') && text.ends_with("}\n")) return boost::json::parse(text).as_object();
        if (!playground.alive()) break;
        std::this_thread::sleep_for(10ms);
    }
    throw std::runtime_error("the playground did not become ready: " + read_file(log));
}

}  // namespace

double Servers::cpu_us() const {
    double out = 0;
    for (pid_t process : measured) out += cpu_us_of(process);
    return out;
}

std::shared_ptr<Servers> start_playground(const Programs& programs, int nodes, const std::string& sync_mode) {
    auto out = std::make_shared<Servers>();
    std::string folder = (programs.scratch / ("nodes" + std::to_string(nodes))).string(), log = folder + ".json";
    out->processes.push_back(
        Rival::program({programs.ashlar.string(), "playground", "--json", "--keep", folder, "--nodes",
                        std::to_string(nodes), "--ashlard", programs.ashlard.string(), "--set",
                        "plugins.directory=" + programs.plugins.string(), "--set", "sync.mode=" + sync_mode},
                       log));
    auto told = wait_for_document(out->processes[0], log);
    for (const auto& node : told.at("nodes").as_array()) {
        out->measured.push_back(static_cast<pid_t>(node.at("process").as_int64()));
        out->ports.push_back(port_of(std::string(node.at("clients").as_string())));
        out->admin.emplace_back(node.at("admin").as_string());
        auto& command = out->commands.emplace_back();
        for (const auto& word : node.at("command").as_array()) command.emplace_back(word.as_string());
    }
    std::string replicas = std::to_string(nodes);
    for (const char* table : {"one", "two"}) {
        if (nodes == 1 && table == std::string("two")) continue;
        carry_out({programs.ashlar.string(), "table", "create", table, "--admin", out->admin[0], "--replicas", replicas,
                   "--read", table, "--write", table},
                  folder + ".log");
    }
    std::this_thread::sleep_for(1s);  // the others hear of the tables
    return out;
}

std::shared_ptr<Servers> start_bare_quorum() {
    auto out = std::make_shared<Servers>();
    QuorumPorts ports;
    for (auto* list : {&ports.clients, &ports.peers}) {
        for (std::uint16_t& port : *list) port = free_port();
    }
    for (std::size_t self = 0; self < ports.clients.size(); ++self) {
        out->processes.push_back(Rival::function([ports, self] { serve_bare_quorum(ports, self); }));
        out->measured.push_back(out->processes.back().pid());
        out->ports.push_back(ports.clients[self]);
    }
    for (std::uint16_t port : out->ports) {
        if (!wait_for_port(port, 10)) throw std::runtime_error("the bare quorum loop did not start");
    }
    return out;
}

std::shared_ptr<Servers> start_etcd(const Programs& programs) {
    if (!std::filesystem::exists("/usr/bin/etcd")) return nullptr;
    auto out = std::make_shared<Servers>();
    std::vector<std::string> peers;
    std::string all;
    for (int i = 0; i < 3; ++i) {
        out->ports.push_back(free_port());
        peers.push_back("http://127.0.0.1:" + std::to_string(free_port()));
        all += (i == 0 ? "" : ",") + ("e" + std::to_string(i)) + "=" + peers.back();
    }
    for (int i = 0; i < 3; ++i) {
        std::string name = "e" + std::to_string(i), folder = (programs.scratch / name).string();
        std::string clients = "http://127.0.0.1:" + std::to_string(out->ports[static_cast<std::size_t>(i)]);
        const std::string& peer = peers[static_cast<std::size_t>(i)];
        out->processes.push_back(Rival::program(
            {"/usr/bin/etcd", "--name", name, "--data-dir", folder, "--listen-client-urls", clients,
             "--advertise-client-urls", clients, "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
             "--initial-cluster", all, "--initial-cluster-token", "bench", "--log-level", "error"},
            folder + ".log"));
        out->measured.push_back(out->processes.back().pid());
    }
    // Until there is a leader puts fail.
    auto protocol = etcd_frames();
    for (int i = 0; i < 100; ++i) {
        std::this_thread::sleep_for(200ms);
        try {
            auto result = run_load(*protocol, {.ports = out->ports, .op = Op::put, .connections = 3, .operations = 3});
            if (result.operations == 3 && result.failures == 0) return out;
        } catch (const std::exception&) {
            continue;  // not listening yet
        }
    }
    throw std::runtime_error("etcd's members did not become a cluster; see " + (programs.scratch / "e0.log").string());
}

}  // namespace ashlar::bench
