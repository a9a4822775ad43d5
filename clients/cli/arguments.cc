#include "arguments.h"

#include <functional>
#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>

#include "argument_forms.h"
#include "duration.h"
#include "forms.h"

namespace ashlar::cli {
namespace {

constexpr const char* exit_codes =
    "Exit codes: 0 done, 1 failed, 2 usage, 3 not reachable, 4 not enough replicas, 5 not found,\n"
    "6 siblings with --strict or a condition that did not hold. See ashlar(1).";

/// Builds the grammar, and turns what was typed into an Order. Text typed for one verb lives in a shared struct that
/// CLI11 writes into and the verb's finish function reads.
class Grammar {
public:
    Grammar() : app_("Client of the key-value store Ashlar.", "ashlar") {
        app_.footer(exit_codes);
        app_.require_subcommand(1);
        app_.fallthrough();
        app_.set_version_flag("-V,--version", "ashlar " ASHLAR_VERSION);
        app_.add_option("-e,--endpoints", common_.endpoints, "Nodes to try in turn: host:port[,host:port...]")
            ->envname("ASHLAR_ENDPOINTS")
            ->capture_default_str();
        app_.add_option("--admin", common_.admin, "Admin ports to try in turn (status, plugin, table, config, scrub)")
            ->envname("ASHLAR_ADMIN")
            ->capture_default_str();
        app_.add_option("--timeout", common_.timeout, "Longest time for one request: 500ms, 2s (a bare number: ms)")
            ->envname("ASHLAR_TIMEOUT");
        app_.add_flag("--json", common_.json, "Answer in JSON (no byte is lost: base64 beside UTF-8)");
        app_.add_flag("--hex", common_.hex, "Keys are given, keys and values are shown, in hex");
        add_get();
        add_put();
        add_remove();
        add_exists();
        add_scan();
        add_import();
        add_export();
        add_status();
        add_plugin();
        add_table();
        add_config();
    }

    Reading read(int count, char** arguments) {
        try {
            app_.parse(count, arguments);
        } catch (const CLI::ParseError& error) {
            if (error.get_exit_code() == 0) {
                app_.exit(error);
                return {};
            }
            std::cerr << "ashlar: " << error.what() << "\nTry: ashlar --help, ashlar VERB --help\n";
            return {std::nullopt, Exit::usage};
        }
        Order order{};
        if (auto bad = finish_common(common_, order.common)) return misread(*bad);
        auto command = finish_();
        if (!command) return misread(command.failure());
        order.command = std::move(*command);
        return {std::move(order), Exit::ok};
    }

private:
    using Finish = std::function<Outcome<Command>()>;

    static Reading misread(const Failure& why) {
        std::cerr << "ashlar: " << why.sentence << '\n';
        return {std::nullopt, Exit::usage};
    }
    CLI::App* verb(CLI::App& parent, const std::string& name, const std::string& about, Finish finish) {
        CLI::App* sub = parent.add_subcommand(name, about);
        sub->callback([this, finish = std::move(finish)] { finish_ = finish; });
        return sub;
    }
    static void table_option(CLI::App* sub, std::string& table) {
        sub->add_option("-t,--table", table, "Table")->envname("ASHLAR_TABLE")->capture_default_str();
    }
    static void request_options(CLI::App* sub, TypedOptions& typed, bool writes) {
        sub->add_option("--level", typed.level,
                        "Replicas that must answer: one two three quorum all local_one "
                        "local_quorum each_quorum" +
                            std::string(writes ? " any" : ""));
        sub->add_option("--replicas", typed.replicas, "The same as a number");
        sub->add_flag("--owners-only", typed.owners_only, "Only owners count, no stand-ins (strict quorum)");
        if (writes) sub->add_option("--sync", typed.sync, "When a write counts as stored: always, interval, never");
    }

    void add_get() {
        struct Typed : TypedOptions {
            std::string table = "default", key;
            Get get;
        };
        auto typed = std::make_shared<Typed>();
        auto* sub = verb(app_, "get", "Print the value of a key, raw when not on a terminal",
                         [this, typed]() -> Outcome<Command> {
                             if (auto bad = finish_key(typed->table, typed->key, *typed, typed->get)) return *bad;
                             return Command(typed->get);
                         });
        sub->add_option("key", typed->key, "Key")->required();
        table_option(sub, typed->table);
        sub->add_flag("--show-context", typed->get.show_context, "Also print the context, for put --context");
        sub->add_flag("--strict", typed->get.strict, "Exit 6 when there are siblings");
        sub->add_option("--sibling", typed->get.sibling, "Print only this one of the siblings, counted from 1");
        request_options(sub, *typed, false);
    }

    void add_put() {
        auto typed = std::make_shared<TypedPut>();
        auto* sub = verb(app_, "put", "Store a value, in place of what is there", [this, typed]() -> Outcome<Command> {
            Put put;
            if (auto bad = finish_key(typed->table, typed->key, *typed, put)) return *bad;
            if (auto bad = finish_put(*typed, put)) return *bad;
            return Command(put);
        });
        sub->add_option("key", typed->key, "Key")->required();
        sub->add_option("value", typed->value, "Value; - reads it from standard input");
        sub->add_option("-f,--file", typed->file, "Take the value from this file");
        sub->add_flag("-x,--stdin", typed->standard_input, "Take the value from standard input");
        table_option(sub, typed->table);
        sub->add_option("--context", typed->context, "Replace exactly what the read with this context saw (base64)");
        sub->add_flag("--blind", typed->blind, "Do not look: stand beside what is there, as a sibling");
        sub->add_option("--if-context", typed->if_context, "Only if the key still has exactly this context");
        sub->add_flag("--if-absent", typed->if_absent, "Only if nothing is there");
        sub->add_option("--ttl", typed->ttl, "Expire after this time: 30s, 12h, 7d; 0 never (a bare number: seconds)");
        request_options(sub, *typed, true);
    }

    void add_remove() {
        struct Typed : TypedOptions {
            std::string table = "default", key, context;
        };
        auto typed = std::make_shared<Typed>();
        auto* sub = verb(app_, "remove", "Remove a key", [this, typed]() -> Outcome<Command> {
            Remove remove;
            if (auto bad = finish_key(typed->table, typed->key, *typed, remove)) return *bad;
            if (typed->context.empty()) return Command(remove);
            if (auto bad = finish_context(typed->context, remove.context.emplace())) return *bad;
            return Command(remove);
        });
        sub->add_option("key", typed->key, "Key")->required();
        table_option(sub, typed->table);
        sub->add_option("--context", typed->context, "Remove only what the read with this context saw (base64)");
        request_options(sub, *typed, true);
    }

    void add_exists() {
        struct Typed : TypedOptions {
            std::string table = "default", key;
            Exists exists;
        };
        auto typed = std::make_shared<Typed>();
        auto* sub =
            verb(app_, "exists", "Say whether a key is there (exit 0 or 5)", [this, typed]() -> Outcome<Command> {
                if (auto bad = finish_key(typed->table, typed->key, *typed, typed->exists)) return *bad;
                return Command(typed->exists);
            });
        sub->add_option("key", typed->key, "Key")->required();
        table_option(sub, typed->table);
        sub->add_flag("-q,--quiet", typed->exists.quiet, "Print nothing");
        request_options(sub, *typed, false);
    }

    void add_scan() {
        struct Typed : TypedOptions {
            std::string page;
            Scan scan{.table = "default", .prefix = {}, .page = {}, .options = {}};
        };
        auto typed = std::make_shared<Typed>();
        auto* sub = verb(app_, "scan", "List entries in the order of the ring", [this, typed]() -> Outcome<Command> {
            if (auto bad = finish_bytes(typed->scan.prefix, "prefix")) return *bad;
            if (auto bad = finish_options(*typed, typed->scan.options)) return *bad;
            if (!typed->page.empty()) {
                if (auto bad = finish_context(typed->page, typed->scan.page.emplace())) return *bad;
            }
            return Command(typed->scan);
        });
        table_option(sub, typed->scan.table);
        sub->add_option("--prefix", typed->scan.prefix, "Only keys that begin with it");
        sub->add_option("--limit", typed->scan.limit, "Entries in all; 0: the whole table")->capture_default_str();
        sub->add_option("--page", typed->page, "Go on where an earlier scan ended (base64)");
        sub->add_flag("--reverse", typed->scan.reverse, "From the end");
        sub->add_flag("--keys-only", typed->scan.keys_only, "Without values");
        request_options(sub, *typed, false);
    }

    void add_export() {
        struct Typed : TypedOptions {
            Export wanted{.table = "default", .prefix = {}, .file = {}, .options = {}};
        };
        auto typed = std::make_shared<Typed>();
        auto* sub = verb(app_, "export", "Write a whole table as JSON lines that import reads back",
                         [this, typed]() -> Outcome<Command> {
                             if (auto bad = finish_bytes(typed->wanted.prefix, "prefix")) return *bad;
                             if (auto bad = finish_options(*typed, typed->wanted.options)) return *bad;
                             return Command(typed->wanted);
                         });
        table_option(sub, typed->wanted.table);
        sub->add_option("--prefix", typed->wanted.prefix, "Only keys that begin with it");
        sub->add_option("-o,--output", typed->wanted.file, "File to write (default: standard output)");
        request_options(sub, *typed, false);
    }

    void add_import() {
        struct Typed : TypedOptions {
            std::string ttl, delimiter, column;
            bool no_resume = false;
            Import import{.table = "default",
                          .file = {},
                          .format = {},
                          .key_field = {},
                          .value_column = {},
                          .key_prefix = {},
                          .state_file = {},
                          .acked_file = {},
                          .ttl_s = {},
                          .options = {}};
        };
        auto typed = std::make_shared<Typed>();
        auto* sub = verb(app_, "import", "Store every record of a file: JSON lines, CSV, Debian control",
                         [this, typed]() -> Outcome<Command> {
                             Import& import = typed->import;
                             if (auto bad = finish_options(*typed, import.options)) return *bad;
                             if (auto bad = finish_ttl(typed->ttl, import.ttl_s)) return *bad;
                             if (auto bad = finish_bytes(import.key_prefix, "key prefix")) return *bad;
                             if (auto bad = finish_import(import, typed->delimiter, typed->column)) return *bad;
                             import.resume = !typed->no_resume;
                             return Command(import);
                         });
        sub->add_option("file", typed->import.file, "File to read; - is standard input")->required();
        table_option(sub, typed->import.table);
        sub->add_option("--format", typed->import.format, "json, csv or control (default: by the file's name)");
        sub->add_option("--key-field", typed->import.key_field,
                        "JSON: the member that is the key; the whole object is the value");
        sub->add_option("--key-column", typed->column, "CSV: the column that is the key (default: key, or the first)");
        sub->add_option("--value-column", typed->import.value_column,
                        "CSV: store this column alone (default: value, or the row as JSON)");
        sub->add_option("--delimiter", typed->delimiter, "CSV: what separates fields (default: comma, tab for .tsv)");
        sub->add_option("--key-prefix", typed->import.key_prefix, "Put this before every key");
        sub->add_option("--ttl", typed->ttl, "Expire after this time");
        sub->add_option("--batch", typed->import.batch,
                        "Records per request (default: 128, at most the server's bound)");
        sub->add_option("--record-bytes-max", typed->import.record_bytes_max, "Longer records are refused unread")
            ->capture_default_str();
        sub->add_option("--state", typed->import.state_file,
                        "Where to note how far it got (default: FILE.ashlar-import)");
        sub->add_flag("--no-resume", typed->no_resume, "Start over, whatever an earlier run noted");
        sub->add_option("--acked", typed->import.acked_file, "Append the key of each stored record, in order");
        sub->add_flag("--strict", typed->import.strict, "Refused records are a failure");
        request_options(sub, *typed, true);
    }

    void add_status() {
        auto typed = std::make_shared<Status>();
        auto* sub = verb(app_, "status", "How the node is", [typed]() -> Outcome<Command> { return Command(*typed); });
        sub->add_flag("--counters", typed->counters, "Also every counter");
        verb(app_, "scrub", "Verify every block on the node's disk",
             []() -> Outcome<Command> { return Command(Scrub{}); });
    }

    void add_plugin() {
        CLI::App* plugin = app_.add_subcommand("plugin", "The node's plugins");
        plugin->require_subcommand(1)->fallthrough();
        verb(*plugin, "list", "All that the node found", []() -> Outcome<Command> { return Command(PluginList{}); });
        auto typed = std::make_shared<PluginCard>();
        auto* info =
            verb(*plugin, "info", "One plugin's card", [typed]() -> Outcome<Command> { return Command(*typed); });
        info->add_option("name", typed->name, "NAME or KIND/NAME")->required();
    }

    void add_table() {
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

    void add_config() {
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

    std::optional<Failure> finish_options(const TypedOptions& typed, thrift::RequestOptions& out) const {
        if (auto bad = finish_consistency(typed, out)) return bad;
        if (common_.timeout.empty()) return std::nullopt;
        out.__set_timeout_ms(static_cast<std::int32_t>(parse_milliseconds(common_.timeout).value_or(0)));
        return std::nullopt;
    }
    std::optional<Failure> finish_bytes(std::string& text, const char* what) const {
        if (!common_.hex) return std::nullopt;
        auto bytes = from_hex(text);
        if (!bytes) return misused(std::string("with --hex the ") + what + " must be pairs of hex digits");
        text = *bytes;
        return std::nullopt;
    }
    template <class Verb>
    std::optional<Failure> finish_key(const std::string& table, const std::string& key, const TypedOptions& typed,
                                      Verb& verb) const {
        verb.table = table;
        verb.key = key;
        if (auto bad = finish_bytes(verb.key, "key")) return bad;
        return finish_options(typed, verb.options);
    }

    CLI::App app_;
    TypedCommon common_;
    Finish finish_;
};

}  // namespace

Reading read_arguments(int count, char** arguments) {
    return Grammar().read(count, arguments);
}

}  // namespace ashlar::cli
