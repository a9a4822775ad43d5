// repair, verify, scrub: long work on every node that --admin names; errand list, watch, cancel: what is under way.
#include <algorithm>

#include "ashlar_constants.h"
#include "errand_report.h"
#include "forms.h"
#include "json_forms.h"

namespace ashlar::cli {
namespace {

namespace json = boost::json;
using Client = thrift::AshlarAdminClient;

std::string joined(const std::vector<std::string>& words) {
    std::string out;
    for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
    return out;
}

/// Said without waiting for the end.
void print_begun(const Errands& errands, Session& session) {
    if (session.json) session.document(json_errands(errands.nodes()));
    for (const Asked& asked : errands.nodes())
        if (asked.begun && !session.json)
            session.out.line(escape(asked.status.name) + ": errand " + std::to_string(asked.report.errand) +
                             " (ashlar errand watch " + std::to_string(asked.report.errand) + ")");
}

/// A table that is not there has an exit code of its own.
Failure with_exit(Failure failure) {
    if (failure.error_code == thrift::g_ashlar_constants.ERROR_NOT_FOUND) failure.exit = Exit::not_found;
    return failure;
}

/// Why nothing was begun anywhere.
std::optional<Failure> nobody(const Errands& errands) {
    for (const Asked& asked : errands.nodes())
        if (asked.begun) return std::nullopt;
    return with_exit(errands.nodes().front().lost.value_or(failed("nothing was begun")));
}

/// The first node that could not begin, or was lost; every one is told of.
std::optional<Exit> complain_of_lost(const Errands& errands, Session& session) {
    std::optional<Exit> out;
    for (const Asked& asked : errands.nodes()) {
        if (!asked.lost) continue;
        Failure failure = with_exit(*asked.lost);
        session.out.complain(escape(asked.status.name + ": " + failure.sentence));
        if (!out) out = failure.exit;
    }
    return out;
}

/// Only nodes of that data centre can compare its replicas.
Outcome<Done> keep_datacentre(const std::string& datacentre, std::vector<Asked>& nodes) {
    auto stands_in = [&](const Asked& asked) {
        const auto& known = asked.status.nodes;
        return std::any_of(known.begin(), known.end(), [&](const thrift::NodeStanding& node) {
            return node.node == asked.status.node && node.datacentre == datacentre;
        });
    };
    if (std::any_of(nodes.begin(), nodes.end(), stands_in)) {
        std::erase_if(nodes, [&](const Asked& asked) { return !stands_in(asked); });
        return Done{};
    }
    std::vector<std::string> there;
    for (const thrift::NodeStanding& node : nodes.front().status.nodes)
        if (node.datacentre == datacentre) there.push_back(node.name);
    if (there.empty()) return misused("no node stands in a data centre '" + datacentre + "': see ashlar status");
    return failed("none of the nodes asked stands in data centre " + datacentre + ": name the admin port of " +
                  joined(there) + " with --admin");
}

Exit exit_of(const RepairSum& sum, bool verify) {
    if (verify && sum.keys_differing != 0) return Exit::failed;
    if (sum.silent) return Exit::few_replicas;
    if (sum.cut || sum.failed != 0 || (verify && !sum.all_equal())) return Exit::failed;
    return Exit::ok;
}

/// What was not compared because nobody was asked who owns it; empty: nothing.
std::string left_out(const Errands& errands, const thrift::RepairRequest& request) {
    if (request.as_first) return "";
    std::vector<std::string> others = errands.left_out(request.datacentre, false);
    const auto& nodes = errands.nodes();
    if (others.empty() || (nodes.size() == 1 && nodes.front().report.repair.partitions_elsewhere == 0)) return "";
    return "what only others own was left out (" + joined(others) + "): name their admin ports with --admin, too";
}

}  // namespace

Exit run(const Repair& wanted, Session& session) {
    Errands errands(session);
    if (auto ready = errands.gather(); !ready) return session.fail(ready.failure());
    thrift::RepairRequest request = wanted.request;
    if (request.__isset.datacentre)
        if (auto kept = keep_datacentre(request.datacentre, errands.nodes()); !kept)
            return session.fail(kept.failure());
    // When all that are up are asked, each partition can be left to the first of its owners.
    request.__set_as_first(errands.nodes().size() > 1 && errands.left_out(request.datacentre, true).empty());
    errands.begin([&](Client& client) {
        thrift::ErrandResponse out;
        client.repair(out, request);
        return out;
    });
    if (auto why = nobody(errands)) return session.fail(*why);
    if (wanted.wait) errands.follow();
    std::optional<Exit> lost = complain_of_lost(errands, session);
    if (!wanted.wait) {
        print_begun(errands, session);
        return lost.value_or(Exit::ok);
    }
    const RepairSum sum = sum_of(errands.nodes());
    const std::string missing = left_out(errands, request);
    if (session.json) {
        auto document = json_errands(errands.nodes());
        document["equal"] = !lost && sum.all_equal();
        document["keys_differing"] = sum.keys_differing;
        document["left_out"] = missing;
        session.document(document);
    } else {
        print_repair(errands.nodes(), request.dry_run, session);
        if (!missing.empty()) session.out.line(escape(missing));
    }
    return lost.value_or(exit_of(sum, wanted.verify));
}

Exit run(const Scrub& wanted, Session& session) {
    Errands errands(session);
    if (auto ready = errands.gather(); !ready) return session.fail(ready.failure());
    errands.begin([](Client& client) {
        thrift::ErrandResponse out;
        client.scrub(out, thrift::ScrubRequest());
        return out;
    });
    if (auto why = nobody(errands)) return session.fail(*why);
    if (wanted.wait) errands.follow();
    std::optional<Exit> lost = complain_of_lost(errands, session);
    if (!wanted.wait) {
        print_begun(errands, session);
        return lost.value_or(Exit::ok);
    }
    if (session.json)
        session.document(json_scrubs(errands.nodes()));
    else
        print_scrub(errands.nodes(), session);
    if (lost) return *lost;
    for (const Asked& asked : errands.nodes()) {
        if (asked.report.state != "done") return Exit::failed;
        for (const thrift::BadBlock& bad : asked.report.scrub.bad)
            if (bad.healing != "refilled") return Exit::failed;
    }
    return Exit::ok;
}

Exit run(const ErrandList&, Session& session) {
    Errands errands(session);
    if (auto ready = errands.gather(); !ready) return session.fail(ready.failure());
    Grid grid({"NODE", "ERRAND", "KIND", "STATE", "BEGAN", "TOOK", "HOW FAR"});
    auto document = json_document();
    json::array all;
    for (Asked& asked : errands.nodes()) {
        auto answer = asked.link->ask(Repeat::never, [](Client& client) {
            thrift::ErrandsResponse out;
            client.errands(out, thrift::ErrandsRequest());
            return out;
        });
        if (!answer) return session.fail(answer.failure());
        for (const thrift::ErrandReport& report : answer->errands) {
            json::object one = json_errand(report);
            one["name"] = asked.status.name;
            all.push_back(std::move(one));
            grid.add({escape(asked.status.name), std::to_string(report.errand), report.kind, report.state,
                      std::to_string(report.began_ms_ago / 1000) + " s ago",
                      std::to_string(report.took_ms / 1000) + " s", progress_of(report)});
        }
    }
    document["errands"] = std::move(all);
    if (session.json)
        session.document(document);
    else
        grid.print(session.out);
    return Exit::ok;
}

Exit run(const ErrandWatch& wanted, Session& session) {
    Errands errands(session);
    if (auto ready = errands.gather(); !ready) return session.fail(ready.failure());
    for (Asked& asked : errands.nodes()) {
        asked.report.errand = wanted.number;
        asked.begun = true;
    }
    errands.follow();
    // Those that have no errand of this number have nothing to say.
    std::erase_if(errands.nodes(), [](const Asked& asked) {
        return asked.lost && asked.lost->error_code == thrift::g_ashlar_constants.ERROR_NOT_FOUND;
    });
    if (errands.nodes().empty()) {
        Failure missing =
            failed("no node asked knows of errand " + std::to_string(wanted.number) + ": see ashlar errand list");
        missing.exit = Exit::not_found;
        return session.fail(missing);
    }
    if (auto lost = complain_of_lost(errands, session)) return *lost;
    const thrift::ErrandReport& report = errands.nodes().front().report;
    if (session.json)
        session.document(json_errands(errands.nodes()));
    else if (report.kind == "scrub")
        print_scrub(errands.nodes(), session);
    else
        print_repair(errands.nodes(), report.kind == "verify", session);
    if (report.kind != "scrub") return exit_of(sum_of(errands.nodes()), report.kind == "verify");
    return report.state == "done" ? Exit::ok : Exit::failed;
}

Exit run(const ErrandCancel& wanted, Session& session) {
    Errands errands(session);
    if (auto ready = errands.gather(); !ready) return session.fail(ready.failure());
    thrift::CancelErrandRequest request;
    request.errand = wanted.number;
    Failure missing =
        failed("no node asked knows of errand " + std::to_string(wanted.number) + ": see ashlar errand list");
    missing.exit = Exit::not_found;
    for (Asked& asked : errands.nodes()) {
        auto answer = asked.link->ask(Repeat::never, [&](Client& client) {
            thrift::ErrandResponse out;
            client.cancel_errand(out, request);
            return out;
        });
        if (!answer && answer.failure().error_code == thrift::g_ashlar_constants.ERROR_NOT_FOUND) continue;
        if (!answer) return session.fail(answer.failure());
        auto document = json_document();
        document["name"] = asked.status.name;
        document["cancelled"] = wanted.number;
        if (session.json)
            session.document(document);
        else
            session.out.line(escape(asked.status.name) + ": errand " + std::to_string(wanted.number) + " is cancelled");
        return Exit::ok;
    }
    return session.fail(missing);
}

}  // namespace ashlar::cli
