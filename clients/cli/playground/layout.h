// Where the nodes of a playground are: names, data centres, ports, directories, configurations. The one place that lays
// out a cluster: the verb starts it, tests and tools/demo take theirs from it (--prepare, --json).
//
// lay_out() and the forms are pure; what they name is written by write_layout(). One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include "commands.h"

namespace ashlar::cli::play {

struct NodePlace {
    std::string name, datacentre, rack;
    Endpoint clients, admin, peers, background;
    std::string directory, config, log;  ///< absolute
    bool operator==(const NodePlace&) const = default;
};

struct Layout {
    std::string directory;  ///< absolute
    std::string cluster, program;
    int datacentres = 1;
    std::vector<NodePlace> nodes;  ///< the first data centre's first
    bool operator==(const Layout&) const = default;
};

/// The table every playground has.
inline constexpr const char* table_name = "playground";

/// `port` gives a free one each time it is called; it is not asked when the nodes have addresses of their own.
Layout lay_out(const Playground& wanted, const std::string& directory, const std::string& program,
               const std::function<std::uint16_t()>& port);

/// YAML: what the layout decides, and the settings of every node.
std::string config_of(const Layout& layout, const NodePlace& node,
                      const std::vector<std::pair<std::string, std::string>>& settings);

/// "host:port,host:port", as --endpoints and --admin take them.
std::string all_endpoints(const Layout& layout, Endpoint NodePlace::*which);

boost::json::object json_layout(const Layout& layout);
/// What json_layout() gave; nothing of anything else.
std::optional<Layout> parse_layout(const boost::json::value& value);

/// Makes the directories and writes each node's configuration, the file `env` for a shell, and the layout itself.
Outcome<Done> write_layout(const Layout& layout, const std::vector<std::pair<std::string, std::string>>& settings);
/// What write_layout() left in a directory; nothing where there is none.
Outcome<std::optional<Layout>> read_layout(const std::string& directory);

}  // namespace ashlar::cli::play
