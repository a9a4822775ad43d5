// What each command line asks for, as values: made by Grammar, carried out by the verb_*.cc files.
//
// Keys and values are bytes here; hex and base64 of the command line are already undone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "ashlar_admin_types.h"
#include "link.h"

namespace ashlar::cli {

/// Where a value comes from.
struct Source {
    enum class Kind { argument, file, standard_input };
    Kind kind = Kind::standard_input;
    std::string text;  ///< the value itself, or the file's name
};

struct Get {
    std::string table, key;
    thrift::RequestOptions options;
    bool show_context = false;
    bool strict = false;
    std::size_t sibling = 0;  ///< print only this one, raw; 0: all
};
struct Put {
    enum class When { overwrite, on_context, blind, if_context };
    std::string table, key;
    Source value;
    When when = When::overwrite;
    std::string context;
    std::optional<std::int64_t> ttl_s;
    thrift::RequestOptions options;
};
/// An operation on a value that merges.
struct Update {
    std::string table, key;
    std::string operation;
    std::optional<std::string> context;
    thrift::RequestOptions options;
};
struct Remove {
    std::string table, key;
    std::optional<std::string> context;
    thrift::RequestOptions options;
};
struct Exists {
    std::string table, key;
    thrift::RequestOptions options;
    bool quiet = false;
};
struct Scan {
    std::string table, prefix;
    std::optional<std::string> page;
    std::uint64_t limit = 100;  ///< entries in all; 0: the whole table
    bool reverse = false;
    bool keys_only = false;
    thrift::RequestOptions options;
};
struct Export {
    std::string table, prefix, file;  ///< file: empty or "-" is standard output
    thrift::RequestOptions options;
};
struct Import {
    std::string table, file;  ///< file: "-" is standard input
    std::string format;       ///< json, csv, control; empty: guessed from the name
    std::string key_field;    ///< --key-field or --key-column
    std::string value_column, key_prefix, state_file, acked_file;
    char delimiter = ',';
    std::uint64_t record_bytes_max = 1024 * 1024;
    std::uint32_t batch = 0;  ///< records per call; 0: chosen
    bool resume = true;
    bool strict = false;
    std::optional<std::int64_t> ttl_s;
    thrift::RequestOptions options;
};
struct KeyExplain {
    thrift::ExplainKeyRequest request;
    bool strict = false;
};
struct Status {
    bool counters = false;
};
struct PluginList {};
struct PluginCard {
    std::string name;  ///< NAME or KIND/NAME
};
struct TableCreate {
    thrift::CreateTableRequest request;
};
struct TableList {};
struct TableShow {
    std::string name;
};
struct TableDrop {
    std::string name;
    bool sure = false;
};
struct ConfigShow {
    std::string prefix;
};
struct ConfigCheck {
    std::string file, daemon;
};
/// Long work, on every node that --admin names.
struct Scrub {
    bool wait = true;
};
struct Repair {
    thrift::RepairRequest request;
    bool verify = false;  ///< only compare, and say by the exit code whether all are equal
    bool wait = true;
};
struct ErrandList {};
struct ErrandWatch {
    std::int64_t number = 0;
};
struct ErrandCancel {
    std::int64_t number = 0;
};
struct Playground {
    int nodes = 3;  ///< in each data centre
    int datacentres = 1;
    std::string keep;                    ///< the directory to use and leave; empty: a new one, removed at the end
    std::vector<std::string> addresses;  ///< one for each node; empty: loopback and free ports
    std::vector<std::pair<std::string, std::string>> settings;  ///< of every node
    std::string daemon;                                         ///< empty: the one that belongs to this program
    bool prepare = false;                                       ///< write everything, start nothing
};

using Command = std::variant<Get, Put, Update, Remove, Exists, Scan, Export, Import, KeyExplain, Status, PluginList,
                             PluginCard, TableCreate, TableList, TableShow, TableDrop, ConfigShow, ConfigCheck, Scrub,
                             Repair, ErrandList, ErrandWatch, ErrandCancel, Playground>;

/// What every verb understands.
struct Common {
    Route clients, admin;
    bool json = false;
    bool hex = false;
};

struct Order {
    Common common;
    Command command;
};

}  // namespace ashlar::cli
