#include "forming.h"

#include <algorithm>
#include <chrono>

#include "AshlarAdmin.h"
#include "ashlar_constants.h"

namespace ashlar::cli::play {
namespace {

using Client = thrift::AshlarAdminClient;

constexpr auto form_patience = std::chrono::seconds(60);
constexpr std::int64_t call_ms = 5000;
constexpr int pause_ms = 20;

template <class Answer, class Request>
Outcome<Answer> ask(const NodePlace& node, void (Client::*call)(Answer&, const Request&), const Request& request) {
    Link<Client> link({{node.admin}, "--admin", call_ms});
    return link.ask(Repeat::never, [&](Client& client) {
        Answer out;
        (client.*call)(out, request);
        return out;
    });
}

using Clock = std::chrono::steady_clock;

/// A short pause; a failure when waiting on is in vain. `why` says what fails so far.
std::optional<Failure> pause(const Layout& layout, Daemons& daemons, Interrupts& interrupts, const std::string& what,
                             const std::string& why, Clock::time_point end) {
    for (const auto& gone : daemons.ended()) {
        const NodePlace& node = layout.nodes[gone.node];
        return failed(node.name + " ended " + how_it_ended(gone.status) + " while waiting for " + what + ":" +
                      last_words(node, 5));
    }
    if (interrupts.wait(pause_ms)) return failed("stopped while waiting for " + what);
    if (Clock::now() > end) return failed("waited in vain for " + what + ": " + why);
    return std::nullopt;
}

bool lives(const thrift::NodeStanding& node) {
    return node.member && (node.state == "alive" || node.state == "slow");
}

}  // namespace

Outcome<std::int64_t> wait_for_ring(const Layout& layout, Daemons& daemons, Interrupts& interrupts) {
    auto ready = [&](std::string& why) -> std::optional<std::int64_t> {
        std::int64_t epoch = 0;
        for (const NodePlace& node : layout.nodes) {
            auto status = ask(node, &Client::status, thrift::StatusRequest());
            why = node.name + ": " + (status ? status->problem : status.failure().sentence);
            if (!status || status->epoch == 0 || (epoch != 0 && status->epoch != epoch)) return std::nullopt;
            epoch = status->epoch;
            auto living = std::count_if(status->nodes.begin(), status->nodes.end(), lives);
            if (static_cast<std::size_t>(living) != layout.nodes.size()) return std::nullopt;
        }
        return epoch;
    };
    const auto end = Clock::now() + form_patience;
    for (std::string why;;) {
        if (auto epoch = ready(why)) return *epoch;
        if (auto vain = pause(layout, daemons, interrupts, "the ring", why, end)) return *vain;
    }
}

Outcome<thrift::TableDescription> wait_for_table(const Layout& layout, Daemons& daemons, Interrupts& interrupts) {
    const auto& is = thrift::g_ashlar_constants;
    thrift::CreateTableRequest request;
    request.name = table_name;
    auto each = static_cast<std::int32_t>(layout.nodes.size()) / layout.datacentres;
    request.replicas = std::min(each, 3);
    thrift::Consistency quorum;
    quorum.level = layout.datacentres > 1 ? is.LEVEL_LOCAL_QUORUM : is.LEVEL_QUORUM;
    request.__set_read_consistency(quorum);
    request.__set_write_consistency(quorum);
    bool asked = false;
    using Table = thrift::TableDescription;
    auto ready = [&](std::string& why) -> std::optional<Table> {
        std::optional<Table> found;
        for (const NodePlace& node : layout.nodes) {
            auto tables = ask(node, &Client::describe_tables, thrift::DescribeTablesRequest());
            why = node.name + ": " + (tables ? "does not know it yet" : tables.failure().sentence);
            if (!tables) return std::nullopt;
            auto at = std::find_if(tables->tables.begin(), tables->tables.end(),
                                   [](const Table& table) { return table.name == table_name; });
            found = at == tables->tables.end() ? std::nullopt : std::optional<Table>(*at);
            if (found) continue;
            if (asked) return std::nullopt;
            auto made = ask(node, &Client::create_table, request);
            // A change that another one got in the way of is asked for again.
            if (made)
                asked = true;
            else
                why = node.name + ": " + made.failure().sentence;
            return std::nullopt;
        }
        return found;
    };
    const auto end = Clock::now() + form_patience;
    for (std::string why;;) {
        if (auto table = ready(why)) return *table;
        if (auto vain = pause(layout, daemons, interrupts, "the table", why, end)) return *vain;
    }
}

}  // namespace ashlar::cli::play
