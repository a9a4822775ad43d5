#include "arguments.h"

#include <iostream>
#include <utility>

#include "duration.h"
#include "grammar.h"

namespace ashlar::cli {
namespace {

constexpr const char* exit_codes =
    "Exit codes: 0 done, 1 failed, 2 usage, 3 not reachable, 4 not enough replicas, 5 not found,\n"
    "6 siblings with --strict or a condition that did not hold. See ashlar(1).";

Reading misread(const Failure& why) {
    std::cerr << "ashlar: " << why.sentence << '\n';
    return {std::nullopt, Exit::usage};
}

}  // namespace

Grammar::Grammar() : app_("Client of the key-value store Ashlar.", "ashlar") {
    app_.footer(exit_codes);
    app_.require_subcommand(1);
    app_.fallthrough();
    app_.set_version_flag("-V,--version", "ashlar " ASHLAR_VERSION);
    app_.add_option("-e,--endpoints", common_.endpoints, "Nodes to try in turn: host:port[,host:port...]")
        ->envname("ASHLAR_ENDPOINTS")
        ->capture_default_str();
    app_.add_option("--admin", common_.admin,
                    "Admin ports to try in turn (key, status, plugin, table, config), or all to ask (repair, verify, "
                    "scrub, errand)")
        ->envname("ASHLAR_ADMIN")
        ->capture_default_str();
    app_.add_option("--timeout", common_.timeout, "Longest time for one request: 500ms, 2s (a bare number: ms)")
        ->envname("ASHLAR_TIMEOUT");
    app_.add_flag("--json", common_.json, "Answer in JSON (no byte is lost: base64 beside UTF-8)");
    app_.add_flag("--hex", common_.hex, "Keys are given, keys and values are shown, in hex");
    add_get();
    add_put();
    add_update();
    add_remove();
    add_exists();
    add_scan();
    add_import();
    add_export();
    add_key();
    add_status();
    add_errands();
    add_plugin();
    add_table();
    add_config();
    add_playground();
}

Reading Grammar::read(int count, char** arguments) {
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

CLI::App* Grammar::verb(CLI::App& parent, const std::string& name, const std::string& about, Finish finish) {
    CLI::App* sub = parent.add_subcommand(name, about);
    sub->callback([this, finish = std::move(finish)] { finish_ = finish; });
    return sub;
}

void Grammar::table_option(CLI::App* sub, std::string& table) {
    sub->add_option("-t,--table", table, "Table")->envname("ASHLAR_TABLE")->capture_default_str();
}

void Grammar::request_options(CLI::App* sub, TypedOptions& typed, bool writes) {
    sub->add_option("--level", typed.level,
                    "Replicas that must answer: one two three quorum all local_one "
                    "local_quorum each_quorum" +
                        std::string(writes ? " any" : ""));
    sub->add_option("--replicas", typed.replicas, "The same as a number");
    sub->add_flag("--owners-only", typed.owners_only, "Only owners count, no stand-ins (strict quorum)");
    if (writes) sub->add_option("--sync", typed.sync, "When a write counts as stored: always, interval, never");
}

std::optional<Failure> Grammar::finish_options(const TypedOptions& typed, thrift::RequestOptions& out) const {
    if (auto bad = finish_consistency(typed, out)) return bad;
    if (common_.timeout.empty()) return std::nullopt;
    out.__set_timeout_ms(static_cast<std::int32_t>(parse_milliseconds(common_.timeout).value_or(0)));
    return std::nullopt;
}

std::optional<Failure> Grammar::finish_bytes(std::string& text, const char* what) const {
    if (!common_.hex) return std::nullopt;
    auto bytes = from_hex(text);
    if (!bytes) return misused(std::string("with --hex the ") + what + " must be pairs of hex digits");
    text = *bytes;
    return std::nullopt;
}

Reading read_arguments(int count, char** arguments) {
    return Grammar().read(count, arguments);
}

}  // namespace ashlar::cli
