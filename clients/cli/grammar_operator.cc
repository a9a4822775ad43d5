// The verbs for operators.
#include <memory>

#include "grammar.h"

namespace ashlar::cli {

void Grammar::add_key() {
    struct Typed : TypedOptions {
        std::string table = "default", key;
        bool strict = false;
    };
    CLI::App* key = app_.add_subcommand("key", "One key as the cluster holds it");
    key->require_subcommand(1)->fallthrough();
    auto typed = std::make_shared<Typed>();
    auto* explain = verb(*key, "explain", "Who should hold it, what each node holds, who owes it to whom",
                         [this, typed]() -> Outcome<Command> {
                             KeyExplain out;
                             thrift::RequestOptions options;
                             if (auto bad = finish_bytes(typed->key, "key")) return *bad;
                             if (auto bad = finish_options(*typed, options)) return *bad;
                             out.request.__set_table(typed->table);
                             out.request.__set_key(typed->key);
                             if (options.__isset.timeout_ms) out.request.__set_timeout_ms(options.timeout_ms);
                             out.strict = typed->strict;
                             return Command(out);
                         });
    explain->add_option("key", typed->key, "Key")->required();
    table_option(explain, typed->table);
    explain->add_flag("--strict", typed->strict, "Exit 6 when there are siblings or owners differ");
}

void Grammar::add_status() {
    auto typed = std::make_shared<Status>();
    auto* sub = verb(app_, "status", "How the node is", [typed]() -> Outcome<Command> { return Command(*typed); });
    sub->add_flag("--counters", typed->counters, "Also every counter");
}

void Grammar::add_plugin() {
    CLI::App* plugin = app_.add_subcommand("plugin", "The node's plugins");
    plugin->require_subcommand(1)->fallthrough();
    verb(*plugin, "list", "All that the node found", []() -> Outcome<Command> { return Command(PluginList{}); });
    auto typed = std::make_shared<PluginCard>();
    auto* info = verb(*plugin, "info", "One plugin's card", [typed]() -> Outcome<Command> { return Command(*typed); });
    info->add_option("name", typed->name, "NAME or KIND/NAME")->required();
}

void Grammar::add_table() {
    CLI::App* table = app_.add_subcommand("table", "Tables");
    table->require_subcommand(1)->fallthrough();
    verb(*table, "list", "All tables", []() -> Outcome<Command> { return Command(TableList{}); });
    auto shown = std::make_shared<TableShow>();
    auto* show = verb(*table, "describe", "One table", [shown]() -> Outcome<Command> { return Command(*shown); });
    show->add_option("name", shown->name, "Table")->required();
    auto dropped = std::make_shared<TableDrop>();
    auto* drop = verb(*table, "drop", "Drop a table and all it holds",
                      [dropped]() -> Outcome<Command> { return Command(*dropped); });
    drop->add_option("name", dropped->name, "Table")->required();
    drop->add_flag("--yes", dropped->sure, "Do not ask");

    auto typed = std::make_shared<TypedTable>();
    auto* create = verb(*table, "create", "Create a table", [typed]() -> Outcome<Command> {
        TableCreate out;
        if (auto bad = finish_table(*typed, out.request)) return *bad;
        return Command(out);
    });
    create->add_option("name", typed->name, "a-z 0-9 _ -, at most 48")->required();
    create->add_option("--replicas", typed->replicas, "Number, or per data centre: east=3,west=2");
    create->add_option("--resolver", typed->resolver, "Conflict resolver (default: the node's)");
    create->add_option("--engine", typed->engine, "Storage engine (default: the node's)");
    create->add_option("--ttl", typed->ttl, "Values expire after this time");
    create->add_option("--read", typed->read, "Default level of reads: a name or a number");
    create->add_option("--write", typed->write, "Default level of writes: a name or a number");
}

void Grammar::add_config() {
    CLI::App* config = app_.add_subcommand("config", "Configuration");
    config->require_subcommand(1)->fallthrough();
    auto shown = std::make_shared<ConfigShow>();
    auto* show = verb(*config, "show", "The node's settings and where each comes from",
                      [shown]() -> Outcome<Command> { return Command(*shown); });
    show->add_option("prefix", shown->prefix, "Only settings that begin with it");
    auto checked = std::make_shared<ConfigCheck>();
    auto* check = verb(*config, "check", "Check a file as ashlard --check-config does",
                       [checked]() -> Outcome<Command> { return Command(*checked); });
    check->add_option("file", checked->file, "File")->required();
    check->add_option("--ashlard", checked->daemon, "The daemon's program (default: beside this one, or in PATH)")
        ->envname("ASHLARD");
}

void Grammar::add_playground() {
    auto typed = std::make_shared<TypedPlayground>();
    auto* sub = verb(app_, "playground", "Start a whole cluster on this machine, to play with, until Ctrl-C",
                     [typed]() -> Outcome<Command> {
                         Playground wanted;
                         if (auto bad = finish_playground(*typed, wanted)) return *bad;
                         return Command(wanted);
                     });
    sub->footer(
        "Waits until the nodes are one ring, makes the table \"playground\", prints endpoints and what to try.\n"
        "Ctrl-C or SIGTERM stops every ashlard that runs on one of its configurations, also one you restarted.");
    sub->add_option("--nodes", typed->nodes, "Nodes in each data centre")->capture_default_str();
    sub->add_option("--dcs", typed->datacentres, "Data centres; with several each holds all replicas")
        ->capture_default_str();
    sub->add_option("--keep", typed->keep,
                    "Use this directory and leave it; a playground that is there goes on with its data");
    sub->add_option("--addresses", typed->addresses,
                    "Listen on these, one for each node, at the usual ports (default: loopback, free ports)");
    sub->add_option("--set", typed->settings, "NAME=VALUE: a setting of every node (may repeat)");
    sub->add_option("--ashlard", typed->daemon, "The daemon's program (default: beside this one, or in PATH)")
        ->envname("ASHLARD");
    sub->add_flag("--prepare", typed->prepare,
                  "Only write directories and configurations into --keep, and start nothing");
}

}  // namespace ashlar::cli
