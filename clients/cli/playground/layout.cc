#include "layout.h"

#include <filesystem>
#include <map>

namespace ashlar::cli::play {

namespace json = boost::json;

namespace {

constexpr std::uint16_t usual_port = 7311;  // clients; admin, peers and background follow

/// "storage_engine.lsm.block_bytes" as objects within objects.
void set(json::object& into, std::string_view name, std::string_view value) {
    auto dot = name.find('.');
    if (dot == std::string_view::npos) {
        into[name] = value;
        return;
    }
    json::value& section = into[name.substr(0, dot)];
    if (!section.is_object()) section = json::object();
    set(section.as_object(), name.substr(dot + 1), value);
}

std::string seeds_of(const Layout& layout) {
    std::string out, last;
    for (const NodePlace& node : layout.nodes) {
        if (node.datacentre == last) continue;
        last = node.datacentre;
        out += (out.empty() ? "" : ",") + node.background.text();
    }
    return out;
}

}  // namespace

Layout lay_out(const Playground& wanted, const std::string& directory, const std::string& program,
               const std::function<std::uint16_t()>& port) {
    Layout out{directory, "playground", program, wanted.datacentres, {}};
    for (const auto& [name, value] : wanted.settings) {
        if (name == "cluster.name") out.cluster = value;
    }
    for (int i = 0; i < wanted.nodes * wanted.datacentres; ++i) {
        NodePlace node;
        node.name = "n" + std::to_string(i + 1);
        node.datacentre = "dc" + std::to_string(i / wanted.nodes + 1);
        node.rack = "r" + std::to_string(i % wanted.nodes + 1);
        std::uint16_t usual = usual_port;
        for (Endpoint* end : {&node.clients, &node.admin, &node.peers, &node.background}) {
            end->host = wanted.addresses.empty() ? "127.0.0.1" : wanted.addresses[static_cast<std::size_t>(i)];
            end->port = wanted.addresses.empty() ? port() : usual++;
        }
        node.directory = directory + "/" + node.name;
        node.config = node.directory + "/ashlar.yaml";
        node.log = node.directory + "/ashlard.log";
        out.nodes.push_back(std::move(node));
    }
    return out;
}

std::string config_of(const Layout& layout, const NodePlace& node,
                      const std::vector<std::pair<std::string, std::string>>& settings) {
    json::object tree;
    if (layout.datacentres > 1) set(tree, "replicator.use", "datacentre_aware");
    for (const auto& [name, value] : settings) set(tree, name, value);
    set(tree, "cluster.name", layout.cluster);
    set(tree, "node.name", node.name);
    set(tree, "node.data_directory", node.directory + "/data");
    set(tree, "node.datacentre", node.datacentre);
    set(tree, "node.rack", node.rack);
    set(tree, "listen.clients", node.clients.text());
    set(tree, "listen.admin", node.admin.text());
    if (layout.nodes.size() > 1) {
        set(tree, "cluster.seeds", seeds_of(layout));
        set(tree, "cluster.expect", std::to_string(layout.nodes.size()));
        set(tree, "listen.peers", node.peers.text());
        set(tree, "listen.background", node.background.text());
    }
    // JSON's objects and strings are YAML's, too.
    std::string out = "# One node of a playground, made by `ashlar playground`, which writes it anew.\n";
    for (const auto& section : tree) out += std::string(section.key()) + ": " + json::serialize(section.value()) + "\n";
    return out;
}

std::string all_endpoints(const Layout& layout, Endpoint NodePlace::*which) {
    std::string out;
    for (const NodePlace& node : layout.nodes) out += (out.empty() ? "" : ",") + (node.*which).text();
    return out;
}

json::object json_layout(const Layout& layout) {
    json::array nodes;
    for (const NodePlace& node : layout.nodes) {
        nodes.push_back({{"name", node.name},
                         {"datacentre", node.datacentre},
                         {"rack", node.rack},
                         {"clients", node.clients.text()},
                         {"admin", node.admin.text()},
                         {"peers", node.peers.text()},
                         {"background", node.background.text()},
                         {"directory", node.directory},
                         {"config", node.config},
                         {"log", node.log},
                         {"command", {layout.program, "--config", node.config}}});
    }
    return {{"directory", layout.directory},
            {"cluster", layout.cluster},
            {"program", layout.program},
            {"datacentres", layout.datacentres},
            {"endpoints", all_endpoints(layout, &NodePlace::clients)},
            {"admin", all_endpoints(layout, &NodePlace::admin)},
            {"nodes", std::move(nodes)}};
}

std::optional<Layout> parse_layout(const json::value& value) try {
    const json::object& given = value.as_object();
    auto text = [](const json::object& object, const char* name) { return std::string(object.at(name).as_string()); };
    Layout out{text(given, "directory"),
               text(given, "cluster"),
               text(given, "program"),
               static_cast<int>(given.at("datacentres").as_int64()),
               {}};
    for (const json::value& one : given.at("nodes").as_array()) {
        const json::object& entry = one.as_object();
        NodePlace node;
        for (auto [name, member] : {std::pair{"name", &NodePlace::name},
                                    {"datacentre", &NodePlace::datacentre},
                                    {"rack", &NodePlace::rack},
                                    {"directory", &NodePlace::directory},
                                    {"config", &NodePlace::config},
                                    {"log", &NodePlace::log}}) {
            node.*member = text(entry, name);
        }
        for (auto [name, member] : {std::pair{"clients", &NodePlace::clients},
                                    {"admin", &NodePlace::admin},
                                    {"peers", &NodePlace::peers},
                                    {"background", &NodePlace::background}}) {
            auto endpoint = parse_endpoints(text(entry, name), 0);
            if (!endpoint) return std::nullopt;
            node.*member = endpoint->front();
        }
        out.nodes.push_back(std::move(node));
    }
    return out.nodes.empty() ? std::nullopt : std::optional(out);
} catch (const std::exception&) {
    // A member is missing or of another kind: somebody else's file.
    return std::nullopt;
}

}  // namespace ashlar::cli::play
