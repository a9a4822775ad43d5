// The verbs for keys and values, and for whole tables of them.
#include <memory>

#include "grammar.h"
#include "operation.h"

namespace ashlar::cli {

void Grammar::add_get() {
    struct Typed : TypedOptions {
        std::string table = "default", key;
        Get get;
    };
    auto typed = std::make_shared<Typed>();
    auto* sub =
        verb(app_, "get", "Print the value of a key, raw when not on a terminal", [this, typed]() -> Outcome<Command> {
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

void Grammar::add_put() {
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

void Grammar::add_update() {
    struct Typed : TypedOptions {
        std::string table = "default", key, context;
        Operation operation;
    };
    auto typed = std::make_shared<Typed>();
    auto* sub = verb(app_, "update", "Change a value that merges (resolver crdt): counter, set, register, map",
                     [this, typed]() -> Outcome<Command> {
                         Update update;
                         if (auto bad = finish_key(typed->table, typed->key, *typed, update)) return *bad;
                         if (typed->operation.empty())
                             return misused("update needs --increment, --add, --remove, --assign or --clear");
                         update.operation = typed->operation.bytes();
                         if (typed->context.empty()) return Command(update);
                         if (auto bad = finish_context(typed->context, update.context.emplace())) return *bad;
                         return Command(update);
                     });
    sub->add_option("key", typed->key, "Key")->required();
    table_option(sub, typed->table);
    // Each is done as it is met: the order on the command line counts.
    auto step = [sub, typed](const char* flag, auto act, const char* about) {
        sub->add_option_function<std::string>(
               flag, [typed, act](const std::string& text) { act(typed->operation, text); }, about)
            ->trigger_on_parse()
            ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
    };
    step("--field", [](Operation& to, const std::string& text) { to.at(text); },
         "What follows is done to this field of a map: NAME, or MAP/NAME");
    sub->add_option_function<std::int64_t>(
           "--increment", [typed](const std::int64_t& by) { typed->operation.increment(by); }, "Add to a counter")
        ->trigger_on_parse()
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
    step("--add", [](Operation& to, const std::string& text) { to.add(text); }, "Add an element to a set");
    step("--remove", [](Operation& to, const std::string& text) { to.remove(text); }, "Take an element out of a set");
    step("--assign", [](Operation& to, const std::string& text) { to.assign(text); }, "Set a register");
    sub->add_option_function<std::string>(
           "--clear",
           [typed](const std::string& field) {
               typed->operation.at(field);
               typed->operation.clear();
           },
           "Take this field of a map away, of whatever kind")
        ->trigger_on_parse()
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
    sub->add_option("--context", typed->context, "Take away only what the read with this context saw (base64)");
    request_options(sub, *typed, true);
}

void Grammar::add_remove() {
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

void Grammar::add_exists() {
    struct Typed : TypedOptions {
        std::string table = "default", key;
        Exists exists;
    };
    auto typed = std::make_shared<Typed>();
    auto* sub = verb(app_, "exists", "Say whether a key is there (exit 0 or 5)", [this, typed]() -> Outcome<Command> {
        if (auto bad = finish_key(typed->table, typed->key, *typed, typed->exists)) return *bad;
        return Command(typed->exists);
    });
    sub->add_option("key", typed->key, "Key")->required();
    table_option(sub, typed->table);
    sub->add_flag("-q,--quiet", typed->exists.quiet, "Print nothing");
    request_options(sub, *typed, false);
}

void Grammar::add_scan() {
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

void Grammar::add_export() {
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

void Grammar::add_import() {
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
    sub->add_option("--batch", typed->import.batch, "Records per request (default: 128, at most the server's bound)");
    sub->add_option("--record-bytes-max", typed->import.record_bytes_max, "Longer records are refused unread")
        ->capture_default_str();
    sub->add_option("--state", typed->import.state_file, "Where to note how far it got (default: FILE.ashlar-import)");
    sub->add_flag("--no-resume", typed->no_resume, "Start over, whatever an earlier run noted");
    sub->add_option("--acked", typed->import.acked_file, "Append the key of each stored record, in order");
    sub->add_flag("--strict", typed->import.strict, "Refused records are a failure");
    request_options(sub, *typed, true);
}

}  // namespace ashlar::cli
