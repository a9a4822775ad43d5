// The parts of a command line that are more than a word, turned into what the calls need. Pure.
//
// Each function fills its target and gives nothing, or gives the usage failure to show.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "commands.h"

namespace ashlar::cli {

/// Options of a request as typed.
struct TypedOptions {
    std::string level, sync;
    int replicas = 0;
    bool owners_only = false;
};
/// What every verb understands, as typed.
struct TypedCommon {
    std::string endpoints = "127.0.0.1:7311", admin = "127.0.0.1:7312", timeout;
    bool json = false, hex = false;
};
struct TypedPut : TypedOptions {
    std::string table = "default", key, file, context, if_context, ttl;
    std::optional<std::string> value;
    bool standard_input = false, blind = false, if_absent = false;
};
/// A table to create, as typed.
struct TypedTable {
    std::string name, replicas, resolver, engine, ttl, read, write;
};

/// A repair or a comparison, as typed.
struct TypedRepair {
    std::string table, range, datacentre;
    bool dry_run = false, no_wait = false;
};

/// A playground, as typed: settings are NAME=VALUE.
struct TypedPlayground {
    int nodes = 3, datacentres = 1;
    std::string keep, addresses, daemon;
    std::vector<std::string> settings;
    bool prepare = false;
};

/// LEVEL_* of a name such as "quorum"; nothing for an unknown one.
std::optional<std::int32_t> level_of(std::string_view name);
std::string level_name(std::int32_t level, std::int32_t replicas);

std::optional<Failure> finish_common(const TypedCommon& typed, Common& out);
/// All of a put but its key and options.
std::optional<Failure> finish_put(const TypedPut& typed, Put& out);
std::optional<Failure> finish_consistency(const TypedOptions& typed, thrift::RequestOptions& out);
std::optional<Failure> finish_ttl(const std::string& typed, std::optional<std::int64_t>& out);
std::optional<Failure> finish_context(const std::string& typed, std::string& out);
std::optional<Failure> finish_import(Import& import, const std::string& delimiter, const std::string& column);
std::optional<Failure> finish_table(const TypedTable& typed, thrift::CreateTableRequest& out);
/// FIRST..LAST: two tokens of 16 hex digits, of which either may be left out.
std::optional<Failure> finish_repair(const TypedRepair& typed, Repair& out);
std::optional<Failure> finish_playground(const TypedPlayground& typed, Playground& out);

}  // namespace ashlar::cli
