// Who is measured: our cluster, our single node, the bare quorum loop, etcd with three members. Each is some processes
// of this machine that answer the same orders; a party is one way of asking them.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "protocol.h"
#include "rival.h"

namespace ashlar::bench {

/// Running servers; ended with it.
struct Servers {
    std::vector<Rival> processes;                    ///< of ours
    std::vector<pid_t> measured;                     ///< those that serve
    std::vector<std::uint16_t> ports;                ///< for clients
    std::vector<std::string> admin;                  ///< of ashlard: host:port
    std::vector<std::vector<std::string>> commands;  ///< that start an ashlard again
    double cpu_us() const;
};

struct Party {
    std::string name;
    std::shared_ptr<Servers> servers;
    std::unique_ptr<Protocol> protocol;
};

struct Programs {
    std::filesystem::path scratch;  ///< a directory of ours on a real disk
    std::filesystem::path ashlar, ashlard, plugins;
};

/// `ashlar playground` with so many nodes, that sync.mode, and the tables "one" and "two": their puts want that many
/// replicas, and so do reads of them.
std::shared_ptr<Servers> start_playground(const Programs& programs, int nodes, const std::string& sync_mode);
std::shared_ptr<Servers> start_bare_quorum();
/// Null when etcd is not installed.
std::shared_ptr<Servers> start_etcd(const Programs& programs);

}  // namespace ashlar::bench
