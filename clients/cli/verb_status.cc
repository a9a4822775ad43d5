// status and scrub: how the node and its disk are.
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
                       {"member", node.member}});
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

std::string joined(const std::vector<std::string>& words) {
    std::string out;
    for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
    return out;
}

/// Who is there, who is in doubt and on whose word, and what this node owes to whom.
void print_nodes(const thrift::StatusResponse& status, Output& out) {
    Grid grid({"NODE", "NAME", "STATE", "ADDRESS", "DATACENTRE", "RACK", "HEARD", "HINTS OWED", "AGAINST IT"});
    for (const auto& node : status.nodes) {
        bool self = node.node == status.node;
        std::string why = joined(node.against);
        if (!node.accused_by.empty()) why += (why.empty() ? "" : "; ") + ("accused by " + joined(node.accused_by));
        std::string state = node.state + (node.member ? "" : ", not in the ring");
        grid.add({escape(node.node), escape(node.name), state, escape(node.address),
                  escape(node.datacentre), escape(node.rack),
                  self ? "here" : std::to_string(node.heard_ms_ago) + " ms ago", std::to_string(node.hints_owed),
                  escape(why)});
    }
    grid.print(out);
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
    print_facts("ENGINE", status->engine, session);
    if (wanted.counters) print_facts("COUNTER", status->counters, session);
    return Exit::ok;
}

Exit run(const Scrub&, Session& session) {
    auto answer = ask_admin(session, Repeat::never, &Client::scrub, thrift::ScrubRequest());
    if (!answer) return session.fail(answer.failure());
    if (session.json) {
        auto document = json_document();
        document["blocks"] = answer->blocks;
        document["bytes"] = answer->bytes;
        json::array bad;
        for (const auto& block : answer->bad) {
            bad.push_back({{"file", block.file}, {"offset", block.offset}, {"detail", block.detail}});
        }
        document["bad"] = std::move(bad);
        session.document(document);
    } else {
        session.out.line(grouped(answer->blocks) + " blocks, " + byte_size(static_cast<double>(answer->bytes)) + ": " +
                         (answer->bad.empty()
                              ? session.out.paint(Colour::green, "all good")
                              : session.out.paint(Colour::red, std::to_string(answer->bad.size()) + " bad")));
        for (const auto& block : answer->bad) {
            session.out.line(escape(block.file) + " at " + std::to_string(block.offset) + ": " + escape(block.detail));
        }
    }
    return answer->bad.empty() ? Exit::ok : Exit::failed;
}

}  // namespace ashlar::cli
