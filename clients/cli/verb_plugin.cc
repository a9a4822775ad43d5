// plugin list and plugin info: what the node found in its plugin directory, and what it runs.
#include "admin_call.h"
#include "forms.h"
#include "json_forms.h"

namespace ashlar::cli {
namespace {

namespace json = boost::json;
using Client = thrift::AshlarAdminClient;

json::object json_card(const thrift::PluginCard& card) {
    json::object out = {{"kind", card.kind},
                        {"name", card.name},
                        {"version", card.version},
                        {"summary", card.summary},
                        {"path", card.path},
                        {"loaded", card.loaded},
                        {"cluster_affecting", card.cluster_affecting},
                        {"deterministic", card.deterministic}};
    if (card.__isset.refusal) out["refusal"] = card.refusal;
    return out;
}

std::string state_of(const thrift::PluginCard& card) {
    if (card.__isset.refusal) return "refused";
    return card.loaded ? "loaded" : "found";
}

Outcome<thrift::PluginsResponse> ask_plugins(Session& session) {
    return ask_admin(session, Repeat::elsewhere, &Client::plugins, thrift::PluginsRequest());
}

}  // namespace

Exit run(const PluginList&, Session& session) {
    auto answer = ask_plugins(session);
    if (!answer) return session.fail(answer.failure());
    if (session.json) {
        auto document = json_document();
        json::array plugins;
        for (const auto& card : answer->plugins) plugins.push_back(json_card(card));
        document["plugins"] = std::move(plugins);
        session.document(document);
        return Exit::ok;
    }
    Grid grid({"KIND", "NAME", "STATE", "VERSION", "SUMMARY"});
    for (const auto& card : answer->plugins) {
        grid.add({escape(card.kind), escape(card.name), state_of(card), escape(card.version),
                  escape(card.__isset.refusal ? card.refusal : card.summary)});
    }
    grid.print(session.out);
    return Exit::ok;
}

Exit run(const PluginCard& wanted, Session& session) {
    auto answer = ask_plugins(session);
    if (!answer) return session.fail(answer.failure());
    bool found = false;
    for (const auto& card : answer->plugins) {
        if (wanted.name != card.name && wanted.name != card.kind + "/" + card.name) continue;
        if (session.json) {
            auto document = json_document();
            for (auto& member : json_card(card)) document[member.key()] = member.value();
            session.document(document);
        } else {
            if (found) session.out.line("");
            Grid grid({escape(card.kind + "/" + card.name), ""});
            grid.add({"version", escape(card.version)});
            grid.add({"state", state_of(card)});
            if (card.__isset.refusal) grid.add({"why", escape(card.refusal)});
            grid.add({"summary", escape(card.summary)});
            grid.add({"path", escape(card.path)});
            grid.add({"nodes must agree on it", card.cluster_affecting ? "yes" : "no"});
            grid.add({"deterministic", card.deterministic ? "yes" : "no"});
            grid.print(session.out);
        }
        found = true;
    }
    if (found) return Exit::ok;
    Failure missing = failed("the node has no plugin " + wanted.name + ": see ashlar plugin list");
    missing.exit = Exit::not_found;
    return session.fail(missing);
}

}  // namespace ashlar::cli
