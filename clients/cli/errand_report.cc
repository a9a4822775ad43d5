#include "errand_report.h"

#include <algorithm>

#include "forms.h"
#include "json_forms.h"

namespace ashlar::cli {
namespace {

namespace json = boost::json;

std::string seconds_text(std::int64_t ms) {
    return std::to_string(ms / 1000) + "." + std::to_string(ms % 1000 / 100) + " s";
}

json::object json_scrub(const thrift::ScrubReport& scrub) {
    json::array bad;
    for (const thrift::BadBlock& block : scrub.bad)
        bad.push_back(
            {{"file", block.file}, {"offset", block.offset}, {"detail", block.detail}, {"healing", block.healing}});
    return {{"blocks", scrub.blocks},
            {"bytes", scrub.bytes},
            {"bytes_in_all", scrub.bytes_in_all},
            {"bad", std::move(bad)}};
}

json::object json_repair(const thrift::RepairReport& from) {
    json::array replicas;
    for (const thrift::ReplicaDifference& other : from.replicas)
        replicas.push_back(
            {{"node", other.node}, {"name", other.name}, {"keys", other.keys}, {"silent", other.silent}});
    return {{"partitions", from.partitions},
            {"partitions_done", from.partitions_done},
            {"partitions_equal", from.partitions_equal},
            {"partitions_failed", from.partitions_failed},
            {"partitions_elsewhere", from.partitions_elsewhere},
            {"ranges_compared", from.ranges_compared},
            {"keys_differing", from.keys_differing},
            {"entries_given", from.entries_given},
            {"bytes_given", from.bytes_given},
            {"entries_fetched", from.entries_fetched},
            {"bytes_fetched", from.bytes_fetched},
            {"entries_too_large", from.entries_too_large},
            {"replicas", std::move(replicas)},
            {"problem", from.problem}};
}

/// With whom each node differed, or who did not answer it.
void print_replicas(const std::vector<Asked>& nodes, Output& out) {
    Grid grid({"NODE", "REPLICA", "DIFFERENCE"});
    bool any = false;
    for (const Asked& asked : nodes) {
        for (const thrift::ReplicaDifference& other : asked.report.repair.replicas) {
            std::string what = other.keys == 0 ? "" : grouped(other.keys) + (other.keys == 1 ? " key" : " keys");
            if (other.silent) what += std::string(what.empty() ? "" : ", ") + "did not answer for some partitions";
            grid.add({escape(asked.status.name), escape(other.name.empty() ? other.node : other.name), what});
            any = true;
        }
    }
    if (any) grid.print(out);
}

}  // namespace

void RepairSum::add(const thrift::ErrandReport& report) {
    const thrift::RepairReport& from = report.repair;
    partitions += from.partitions;
    done += from.partitions_done;
    equal += from.partitions_equal;
    failed += from.partitions_failed;
    keys_differing += from.keys_differing;
    entries_moved += from.entries_given + from.entries_fetched;
    bytes_moved += from.bytes_given + from.bytes_fetched;
    too_large += from.entries_too_large;
    took_ms = std::max(took_ms, report.took_ms);
    silent =
        silent || std::any_of(from.replicas.begin(), from.replicas.end(), [](const auto& one) { return one.silent; });
    cut = cut || report.state != "done" || from.partitions_done != from.partitions;
}

RepairSum sum_of(const std::vector<Asked>& nodes) {
    RepairSum out;
    for (const Asked& asked : nodes) {
        if (asked.begun) out.add(asked.report);
        out.cut = out.cut || asked.lost.has_value();
    }
    return out;
}

void print_repair(const std::vector<Asked>& nodes, bool dry_run, Session& session) {
    Output& out = session.out;
    const RepairSum sum = sum_of(nodes);
    std::string verdict;
    if (sum.partitions == 0) {
        verdict = "nothing to compare: no partition asked for has another replica";
    } else if (sum.all_equal()) {
        verdict = out.paint(Colour::green, "all replicas are equal");
    } else if (sum.keys_differing == 0) {
        verdict = out.paint(Colour::yellow, "not all could be compared");
    } else {
        verdict = out.paint(Colour::red,
                            (sum.keys_differing == 1 ? "1 key differs" : grouped(sum.keys_differing) + " keys differ"));
        if (!dry_run)
            verdict = out.paint(sum.failed == 0 && !sum.cut ? Colour::green : Colour::yellow,
                                grouped(sum.keys_differing) + (sum.keys_differing == 1 ? " key" : " keys") +
                                    " differed: " + grouped(sum.entries_moved) + " entries moved, " +
                                    byte_size(static_cast<double>(sum.bytes_moved)));
    }
    out.line(verdict);
    out.line(grouped(sum.done) + " of " + grouped(sum.partitions) + " partitions compared in " +
             seconds_text(sum.took_ms) + ", " + grouped(sum.equal) + " were equal" +
             (sum.failed == 0 ? "" : ", " + out.paint(Colour::red, grouped(sum.failed) + " failed")));
    if (sum.too_large != 0) out.line(grouped(sum.too_large) + " entries are too large to travel");
    print_replicas(nodes, out);
    for (const Asked& asked : nodes) {
        const std::string& why = asked.report.detail.empty() ? asked.report.repair.problem : asked.report.detail;
        if (!why.empty()) out.line(escape(asked.status.name) + ": " + escape(why));
    }
}

void print_scrub(const std::vector<Asked>& nodes, Session& session) {
    Output& out = session.out;
    for (const Asked& asked : nodes) {
        if (!asked.begun) continue;
        const thrift::ScrubReport& scrub = asked.report.scrub;
        const auto stays = std::count_if(scrub.bad.begin(), scrub.bad.end(),
                                         [](const auto& bad) { return bad.healing != "refilled"; });
        std::string verdict = out.paint(Colour::green, "all good");
        if (!scrub.bad.empty())
            verdict =
                out.paint(stays == 0 ? Colour::yellow : Colour::red,
                          std::to_string(scrub.bad.size()) + " bad" + (stays == 0 ? ", refilled from replicas" : ""));
        if (asked.report.state != "done")
            verdict = out.paint(Colour::red, escape(asked.report.state + " " + asked.report.detail));
        out.line(escape(asked.status.name) + ": " + grouped(scrub.blocks) + " blocks, " +
                 byte_size(static_cast<double>(scrub.bytes)) + " in " + seconds_text(asked.report.took_ms) + ": " +
                 verdict);
        for (const thrift::BadBlock& bad : scrub.bad)
            out.line("  " + escape(bad.file) + " at " + std::to_string(bad.offset) + ": " + escape(bad.detail) + " (" +
                     bad.healing + ")");
    }
}

boost::json::object json_errand(const thrift::ErrandReport& report) {
    json::object out = {{"errand", report.errand},
                        {"kind", report.kind},
                        {"state", report.state},
                        {"detail", report.detail},
                        {"began_ms_ago", report.began_ms_ago},
                        {"took_ms", report.took_ms}};
    if (report.__isset.scrub) out["scrub"] = json_scrub(report.scrub);
    if (!report.__isset.repair) return out;
    out["table"] = report.table;
    out["first"] = report.first;
    out["last"] = report.last;
    out["datacentre"] = report.datacentre;
    out["repair"] = json_repair(report.repair);
    return out;
}

boost::json::object json_errands(const std::vector<Asked>& nodes) {
    auto document = json_document();
    json::array out;
    for (const Asked& asked : nodes) {
        json::object node = {{"node", asked.status.node}, {"name", asked.status.name}};
        if (asked.begun)
            for (auto& member : json_errand(asked.report)) node[member.key()] = member.value();
        if (asked.lost) node["failure"] = asked.lost->sentence;
        out.push_back(std::move(node));
    }
    document["nodes"] = std::move(out);
    return document;
}

boost::json::object json_scrubs(const std::vector<Asked>& nodes) {
    json::object document = json_errands(nodes);
    std::int64_t blocks = 0, bytes = 0;
    json::array bad;
    for (const Asked& asked : nodes) {
        blocks += asked.report.scrub.blocks;
        bytes += asked.report.scrub.bytes;
        json::object scrub = json_scrub(asked.report.scrub);
        for (json::value& block : scrub["bad"].as_array()) {
            block.as_object()["name"] = asked.status.name;
            bad.push_back(std::move(block));
        }
    }
    document["blocks"] = blocks;
    document["bytes"] = bytes;
    document["bad"] = std::move(bad);
    return document;
}

}  // namespace ashlar::cli
