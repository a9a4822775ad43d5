// status: how the node is, and how it sees the others.
#include "admin_call.h"
#include "forms.h"
#include "json_forms.h"

namespace ashlar::cli {
namespace {

namespace json = boost::json;
using Client = thrift::AshlarAdminClient;

json::object json_facts(const std::vector<thrift::Fact>& facts) {
    json::object out;
    for (const auto& fact : facts) out[fact.name] = fact.text;
    return out;
}

json::array json_members(const thrift::StatusResponse& status) {
    json::array out;
    for (const auto& member : status.members) {
        out.push_back({{"node", member.node},
                       {"address", member.address},
                       {"datacentre", member.datacentre},
                       {"rack", member.rack},
                       {"capacity", member.capacity}});
    }
    return out;
}

json::array json_nodes(const thrift::StatusResponse& status) {
    json::array out;
    for (const auto& node : status.nodes) {
        json::array against(node.against.begin(), node.against.end());
        json::array accused_by(node.accused_by.begin(), node.accused_by.end());
        out.push_back({{"node", node.node},
                       {"name", node.name},
                       {"state", node.state},
                       {"datacentre", node.datacentre},
                       {"rack", node.rack},
                       {"address", node.address},
                       {"incarnation", node.incarnation},
                       {"epoch", node.epoch},
                       {"heard_ms_ago", node.heard_ms_ago},
                       {"against", std::move(against)},
                       {"accused_by", std::move(accused_by)},
                       {"load_milli", node.load_milli},
                       {"hints_kept", node.hints_kept},
                       {"hints_owed", node.hints_owed},
                       {"hints_owed_bytes", node.hints_owed_bytes},
                       {"member", node.member},
                       {"convergence_age_ms", node.convergence_age_ms},
                       {"refilling_milli", node.refilling_milli}});
    }
    return out;
}

json::array json_convergence(const thrift::StatusResponse& status) {
    json::array out;
    for (const auto& table : status.convergence) {
        out.push_back({{"table", table.table},
                       {"partitions", table.partitions},
                       {"never_proven", table.never_proven},
                       {"oldest_ms", table.oldest_ms},
                       {"tombstones_waiting", table.tombstones_waiting}});
    }
    return out;
}

void print_json(const thrift::StatusResponse& status, bool counters, Session& session) {
    auto document = json_document();
    document["state"] = status.state;
    document["version"] = status.version;
    document["cluster"] = status.cluster;
    document["node"] = status.node;
    document["name"] = status.name;
    document["incarnation"] = status.incarnation;
    document["epoch"] = status.epoch;
    document["uptime_s"] = status.uptime_s;
    document["members"] = json_members(status);
    document["nodes"] = json_nodes(status);
    document["problem"] = status.problem;
    document["convergence_target_ms"] = status.convergence_target_ms;
    document["convergence"] = json_convergence(status);
    document["tombstones_wait_for"] = json::array(status.tombstones_wait_for.begin(), status.tombstones_wait_for.end());
    document["engine"] = json_facts(status.engine);
    if (counters) document["counters"] = json_facts(status.counters);
    session.document(document);
}

std::string uptime(std::int64_t seconds) {
    if (seconds < 120) return std::to_string(seconds) + " s";
    if (seconds < 7200) return std::to_string(seconds / 60) + " min";
    if (seconds < 172'800) return std::to_string(seconds / 3600) + " h " + std::to_string(seconds % 3600 / 60) + " min";
    return std::to_string(seconds / 86'400) + " days";
}

std::string age_text(std::int64_t ms) {
    return ms < 10'000 ? std::to_string(ms / 1000) + "." + std::to_string(ms % 1000 / 100) + " s" : uptime(ms / 1000);
}

std::string with_commas(const std::vector<std::string>& words) {
    std::string out;
    for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
    return out;
}

/// Who is there, who is in doubt and on whose word, and what this node owes to whom.
void print_nodes(const thrift::StatusResponse& status, Output& out) {
    Grid grid({"NODE", "NAME", "STATE", "ADDRESS", "DATACENTRE", "RACK", "HEARD", "HINTS OWED", "AGAINST IT"});
    for (const auto& node : status.nodes) {
        bool self = node.node == status.node;
        std::string why = with_commas(node.against);
        if (!node.accused_by.empty()) why += (why.empty() ? "" : "; ") + ("accused by " + with_commas(node.accused_by));
        std::string state = node.state + (node.member ? "" : ", not in the ring");
        // Rounded up: what is not done is never shown as done.
        if (node.refilling_milli > 0)
            state += ", " + std::to_string((node.refilling_milli + 9) / 10) + " % to be refilled";
        grid.add({escape(node.node), escape(node.name), state, escape(node.address), escape(node.datacentre),
                  escape(node.rack), self ? "here" : std::to_string(node.heard_ms_ago) + " ms ago",
                  std::to_string(node.hints_owed), escape(why)});
    }
    grid.print(out);
}

/// How long ago the replicas of what this node owns were proven equal, and what waits for such proofs.
void print_convergence(const thrift::StatusResponse& status, Output& out) {
    if (status.convergence.empty()) return;
    out.line("");
    Grid grid({"TABLE", "PARTITIONS", "NOT PROVEN YET", "CONVERGENCE AGE", "TOMBSTONES WAITING"});
    for (const auto& table : status.convergence) {
        std::string age = age_text(table.oldest_ms);
        if (table.oldest_ms > status.convergence_target_ms)
            age += " (target " + age_text(status.convergence_target_ms) + ")";
        grid.add({escape(table.table), std::to_string(table.partitions), std::to_string(table.never_proven), age,
                  grouped(table.tombstones_waiting)});
    }
    grid.print(out);
    if (!status.tombstones_wait_for.empty())
        out.line("tombstones wait for " + escape(with_commas(status.tombstones_wait_for)));
}

void print_facts(const char* title, const std::vector<thrift::Fact>& facts, Session& session) {
    if (facts.empty()) return;
    session.out.line("");
    Grid grid({title, ""});
    for (const auto& fact : facts) grid.add({escape(fact.name), escape(fact.text)});
    grid.print(session.out);
}

}  // namespace

Exit run(const Status& wanted, Session& session) {
    thrift::StatusRequest request;
    request.__set_counters(wanted.counters);
    auto status = ask_admin(session, Repeat::elsewhere, &Client::status, request);
    if (!status) return session.fail(status.failure());
    if (session.json) {
        print_json(*status, wanted.counters, session);
        return Exit::ok;
    }
    Output& out = session.out;
    bool serving = status->state == "serving";
    out.line(out.paint(serving ? Colour::green : Colour::yellow, escape(status->state)) + "   cluster " +
             escape(status->cluster) + ", ring epoch " + std::to_string(status->epoch) + ", up " +
             uptime(status->uptime_s) + ", ashlard " + escape(status->version));
    out.line("");
    if (!status->problem.empty()) {
        out.line(out.paint(Colour::yellow, escape(status->problem)));
        out.line("");
    }
    print_nodes(*status, out);
    print_convergence(*status, out);
    print_facts("ENGINE", status->engine, session);
    if (wanted.counters) print_facts("COUNTER", status->counters, session);
    return Exit::ok;
}

}  // namespace ashlar::cli
