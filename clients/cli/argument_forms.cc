#include "argument_forms.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "ashlar_constants.h"
#include "duration.h"
#include "forms.h"

namespace ashlar::cli {
namespace {

constexpr std::array<std::string_view, 11> level_names = {
    "default", "", "one", "two", "three", "quorum", "all", "local_one", "local_quorum", "each_quorum", "any"};

std::optional<std::int32_t> number(std::string_view text) {
    std::int32_t out = 0;
    auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (bad != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return out;
}

/// A level by name, or a number of replicas.
std::optional<Failure> consistency_of(const std::string& text, const char* flag, thrift::Consistency& out) {
    if (auto count = number(text)) {
        out.level = thrift::g_ashlar_constants.LEVEL_COUNT;
        out.__set_replicas(*count);
        return std::nullopt;
    }
    auto level = level_of(text);
    if (!level)
        return misused(std::string(flag) + " " + text +
                       " is not a level: one two three quorum all local_one local_quorum each_quorum any, or a number");
    out.level = *level;
    return std::nullopt;
}

}  // namespace

std::optional<std::int32_t> level_of(std::string_view name) {
    if (name.empty()) return std::nullopt;
    for (std::size_t i = 0; i < level_names.size(); ++i) {
        if (level_names[i] == name) return static_cast<std::int32_t>(i);
    }
    return std::nullopt;
}

std::string level_name(std::int32_t level, std::int32_t replicas) {
    if (level == thrift::g_ashlar_constants.LEVEL_COUNT) return std::to_string(replicas);
    if (level < 0 || static_cast<std::size_t>(level) >= level_names.size()) return "level " + std::to_string(level);
    return std::string(level_names[static_cast<std::size_t>(level)]);
}

std::optional<Failure> finish_common(const TypedCommon& typed, Common& out) {
    auto clients = parse_endpoints(typed.endpoints, 7311);
    if (!clients) return clients.failure();
    auto admin = parse_endpoints(typed.admin, 7312);
    if (!admin) return admin.failure();
    std::int64_t timeout_ms = 0;
    if (!typed.timeout.empty()) {
        timeout_ms = parse_milliseconds(typed.timeout).value_or(0);
        if (timeout_ms < 1 || timeout_ms > 86'400'000) {
            return misused("--timeout " + typed.timeout + " is not a time between 1ms and 1d, such as 500ms or 2s");
        }
    }
    out.clients = {*clients, "--endpoints or ASHLAR_ENDPOINTS", timeout_ms};
    out.admin = {*admin, "--admin or ASHLAR_ADMIN", timeout_ms};
    out.json = typed.json;
    out.hex = typed.hex;
    return std::nullopt;
}

std::optional<Failure> finish_put(const TypedPut& typed, Put& out) {
    if (auto bad = finish_ttl(typed.ttl, out.ttl_s)) return bad;
    if (typed.value.has_value() + !typed.file.empty() + typed.standard_input != 1) {
        return misused("put needs one value: as an argument, with --file FILE, or from standard input with - or -x");
    }
    if (typed.standard_input || typed.value == "-") {
        out.value.kind = Source::Kind::standard_input;
    } else if (typed.value) {
        out.value = {Source::Kind::argument, *typed.value};
    } else {
        out.value = {Source::Kind::file, typed.file};
    }
    if (!typed.context.empty() + typed.blind + !typed.if_context.empty() + typed.if_absent > 1) {
        return misused("--context, --blind, --if-context and --if-absent exclude each other");
    }
    if (typed.blind) out.when = Put::When::blind;
    if (!typed.context.empty()) out.when = Put::When::on_context;
    if (!typed.if_context.empty() || typed.if_absent) out.when = Put::When::if_context;
    return finish_context(typed.context + typed.if_context, out.context);
}

std::optional<Failure> finish_consistency(const TypedOptions& typed, thrift::RequestOptions& out) {
    if (!typed.level.empty() && typed.replicas != 0) return misused("--level and --replicas exclude each other");
    if (typed.replicas < 0) return misused("--replicas must be at least 1");
    thrift::Consistency wanted;
    if (!typed.level.empty()) {
        if (auto bad = consistency_of(typed.level, "--level", wanted)) return bad;
    } else if (typed.replicas > 0) {
        wanted.level = thrift::g_ashlar_constants.LEVEL_COUNT;
        wanted.__set_replicas(typed.replicas);
    }
    if (typed.owners_only) wanted.__set_strict(true);
    if (!typed.level.empty() || typed.replicas > 0 || typed.owners_only) out.__set_consistency(wanted);
    const auto& is = thrift::g_ashlar_constants;
    if (typed.sync == "always") {
        out.__set_sync(is.SYNC_ALWAYS);
    } else if (typed.sync == "interval") {
        out.__set_sync(is.SYNC_INTERVAL);
    } else if (typed.sync == "never") {
        out.__set_sync(is.SYNC_NEVER);
    } else if (!typed.sync.empty()) {
        return misused("--sync " + typed.sync + " is not one of always, interval, never");
    }
    return std::nullopt;
}

std::optional<Failure> finish_ttl(const std::string& typed, std::optional<std::int64_t>& out) {
    if (typed.empty()) return std::nullopt;
    out = parse_seconds(typed);
    if (!out) return misused("--ttl " + typed + " is not a time in whole seconds, such as 30s, 12h or 7d");
    return std::nullopt;
}

std::optional<Failure> finish_context(const std::string& typed, std::string& out) {
    auto bytes = from_base64(typed);
    if (!bytes)
        return misused("\"" + typed + "\" is not base64: give it as `ashlar get --show-context` or --json printed it");
    out = *bytes;
    return std::nullopt;
}

std::optional<Failure> finish_import(Import& import, const std::string& delimiter, const std::string& column) {
    if (!column.empty()) {
        if (!import.key_field.empty()) return misused("--key-field is for JSON and --key-column for CSV: give one");
        import.key_field = column;
    }
    if (!import.format.empty() && import.format != "json" && import.format != "csv" && import.format != "control") {
        return misused("--format " + import.format + " is not one of json, csv, control");
    }
    if (delimiter.size() > 1 && delimiter != "\\t") return misused("--delimiter must be one byte, or \\t");
    if (import.file.ends_with(".tsv")) import.delimiter = '\t';
    if (!delimiter.empty()) import.delimiter = delimiter == "\\t" ? '\t' : delimiter[0];
    if (import.delimiter == '"' || import.delimiter == '\n' || import.delimiter == '\r') {
        return misused("--delimiter must not be a quote or a line end");
    }
    if (import.record_bytes_max < 1) return misused("--record-bytes-max must be at least 1");
    return std::nullopt;
}

std::optional<Failure> finish_table(const TypedTable& typed, thrift::CreateTableRequest& out) {
    out.name = typed.name;
    if (auto count = number(typed.replicas)) {
        out.__set_replicas(*count);
    } else if (!typed.replicas.empty()) {
        std::vector<thrift::ReplicationEntry> entries;
        std::string_view rest = typed.replicas;
        while (!rest.empty()) {
            std::string_view part = rest.substr(0, rest.find(','));
            rest.remove_prefix(std::min(rest.size(), part.size() + 1));
            auto sign = part.find('=');
            auto replicas = sign == std::string_view::npos ? std::nullopt : number(part.substr(sign + 1));
            if (sign == 0 || !replicas)
                return misused("--replicas " + typed.replicas + " is neither a number nor like east=3,west=2");
            thrift::ReplicationEntry entry;
            entry.__set_datacentre(std::string(part.substr(0, sign)));
            entry.__set_replicas(*replicas);
            entries.push_back(entry);
        }
        out.__set_per_datacentre(entries);
    }
    if (!typed.resolver.empty()) out.__set_resolver(typed.resolver);
    if (!typed.engine.empty()) out.__set_engine(typed.engine);
    std::optional<std::int64_t> ttl;
    if (auto bad = finish_ttl(typed.ttl, ttl)) return bad;
    if (ttl) out.__set_ttl_s(*ttl);
    thrift::Consistency read, write;
    if (!typed.read.empty()) {
        if (auto bad = consistency_of(typed.read, "--read", read)) return bad;
        out.__set_read_consistency(read);
    }
    if (!typed.write.empty()) {
        if (auto bad = consistency_of(typed.write, "--write", write)) return bad;
        out.__set_write_consistency(write);
    }
    return std::nullopt;
}

std::optional<Failure> finish_repair(const TypedRepair& typed, Repair& out) {
    if (!typed.table.empty()) out.request.__set_table(typed.table);
    if (!typed.datacentre.empty()) out.request.__set_datacentre(typed.datacentre);
    out.request.__set_dry_run(typed.dry_run || out.verify);
    out.wait = !typed.no_wait;
    if (typed.range.empty()) return std::nullopt;
    const std::size_t dots = typed.range.find("..");
    auto is_token = [](const std::string& text) {
        return text.empty() ||
               (text.size() == 16 && text.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos);
    };
    const std::string first = typed.range.substr(0, dots);
    const std::string last = dots == std::string::npos ? std::string("-") : typed.range.substr(dots + 2);
    if (!is_token(first) || !is_token(last))
        return misused("--range " + typed.range +
                       " is not FIRST..LAST with tokens of 16 hex digits, as ashlar key explain prints them");
    if (!first.empty()) out.request.__set_first(first);
    if (!last.empty()) out.request.__set_last(last);
    return std::nullopt;
}

std::optional<Failure> finish_playground(const TypedPlayground& typed, Playground& out) {
    constexpr int nodes_max = 32;
    if (typed.nodes < 1 || typed.datacentres < 1 || typed.nodes > nodes_max || typed.datacentres > nodes_max ||
        typed.nodes * typed.datacentres > nodes_max) {
        return misused("--nodes times --dcs must be 1 to " + std::to_string(nodes_max) + " nodes in all");
    }
    if (typed.prepare && typed.keep.empty()) return misused("--prepare needs --keep: what it wrote must stay");
    std::string_view rest = typed.addresses;
    while (!rest.empty()) {
        std::string_view one = rest.substr(0, rest.find(','));
        rest.remove_prefix(std::min(rest.size(), one.size() + 1));
        out.addresses.emplace_back(one);
        bool again = std::count(out.addresses.begin(), out.addresses.end(), one) > 1;
        if (one.empty() || again) return misused("--addresses must name another address for each node");
    }
    auto all = static_cast<std::size_t>(typed.nodes * typed.datacentres);
    if (!out.addresses.empty() && out.addresses.size() != all) {
        return misused("--addresses names " + std::to_string(out.addresses.size()) + ", there are " +
                       std::to_string(all) + " nodes");
    }
    for (const std::string& setting : typed.settings) {
        auto sign = setting.find('='), dot = setting.find('.');
        if (sign == std::string::npos || dot == std::string::npos || dot == 0 || dot > sign || dot + 1 == sign) {
            return misused("--set " + setting + " is not like sync.mode=interval");
        }
        std::string name = setting.substr(0, sign);
        for (std::string_view own :
             {"cluster.seeds", "cluster.expect", "node.name", "node.data_directory", "node.datacentre", "node.rack",
              "listen.clients", "listen.admin", "listen.peers", "listen.background"}) {
            if (name == own) return misused("--set " + name + ": the playground itself decides it for each node");
        }
        out.settings.emplace_back(name, setting.substr(sign + 1));
    }
    out.nodes = typed.nodes;
    out.datacentres = typed.datacentres;
    out.keep = typed.keep;
    out.daemon = typed.daemon;
    out.prepare = typed.prepare;
    return std::nullopt;
}

}  // namespace ashlar::cli
