// From the command line to a judged configuration and the plugins it may use.
//
// Main thread, first of all. Every mistake that can be found without touching the data directory or a socket is
// found here, so that --check-config and a start say the same. Fails with one line per mistake.
#pragma once

#include <string>
#include <vector>

#include "host/config.h"
#include "host/flags.h"
#include "host/front_limits.h"
#include "host/listen_address.h"
#include "host/peer_limits.h"
#include "host/plugin_shelf.h"
#include "host/wire_order.h"
#include "port/limits.h"

namespace ashlar::host {

struct Setup {
    Config config;
    PluginShelf shelf;
    ListenAddress clients{};
    ListenAddress admin{};
    ListenAddress peers{};
    ListenAddress background{};
    std::vector<std::string> seeds{};      ///< cluster.seeds
    bool clustered = false;                ///< there may be other nodes: the last two ports are opened
    std::vector<std::string> resolvers{};  ///< to load
    std::vector<std::string> warnings{};   ///< for the log

    /// A port can be reached from other machines.
    bool beyond_machine() const {
        return !clients.loopback || !admin.loopback || (clustered && !(peers.loopback && background.loopback));
    }
};

Result<Setup> read_setup(const Flags& flags);
/// The sections of the kernel and of every plugin that can be found; what is left out is said in `missing`.
ConfigSchema whole_schema(const Flags& flags, std::string& missing);
/// The plugins in use that nodes of one cluster must have in common, with versions, as one text to be compared.
std::string cluster_parts(const Setup& setup);

// What the parts want of the configuration.
port::Limits node_limits(const Config& config);
FrontLimits client_limits(const Config& config);
FrontLimits admin_limits(const Config& config);
PeerLimits peer_limits(const Config& config);
DeadlineRules deadline_rules(const Config& config);

}  // namespace ashlar::host
