// key explain: one key as the whole cluster holds it.
#include <algorithm>

#include "admin_call.h"
#include "forms.h"
#include "json_forms.h"
#include "siblings.h"

namespace ashlar::cli {
namespace {

namespace json = boost::json;
using Client = thrift::AshlarAdminClient;
using Answer = thrift::ExplainKeyResponse;
using Replica = thrift::ExplainedReplica;

json::object json_entry(const thrift::ExplainedEntry& entry) {
    json::array versions, clock;
    for (const auto& version : entry.versions) {
        json::object one = {{"what", version.what},
                            {"dot", version.dot},
                            {"node", parts_of(version.dot).node},
                            {"counter", parts_of(version.dot).counter},
                            {"writer", version.writer},
                            {"written_us", version.written_us},
                            {"written", utc_time(version.written_us)},
                            {"value_bytes", version.value_bytes},
                            {"value_hash", version.value_hash}};
        if (version.__isset.expires_us) one["expires"] = utc_time(version.expires_us);
        versions.push_back(std::move(one));
    }
    for (const auto& part : entry.clock) {
        json::array dots(part.dots.begin(), part.dots.end());
        clock.push_back({{"node", part.node},
                         {"name", part.name},
                         {"incarnation", part.incarnation},
                         {"base", part.base},
                         {"dots", std::move(dots)}});
    }
    return {{"entry_bytes", entry.entry_bytes},
            {"entry_hash", entry.entry_hash},
            {"truncated", entry.truncated},
            {"versions", std::move(versions)},
            {"clock", std::move(clock)}};
}

json::object json_replica(const Replica& replica) {
    json::array owes(replica.owes.begin(), replica.owes.end());
    return {{"node", replica.node},
            {"name", replica.name},
            {"rank", replica.rank},
            {"owner", replica.owner},
            {"stands_in_for", replica.stands_in_for},
            {"state", replica.state},
            {"datacentre", replica.datacentre},
            {"rack", replica.rack},
            {"said", replica.said},
            {"detail", replica.detail},
            {"epoch", replica.epoch},
            {"entry", json_entry(replica.entry)},
            {"owes", std::move(owes)},
            {"lacks", replica.lacks},
            {"outdated", replica.outdated},
            {"read_repair", replica.repaired}};
}

void print_json(const KeyExplain& wanted, const Answer& answer, Session& session) {
    auto document = json_document();
    document["table"] = answer.table;
    add_bytes(document, "key", wanted.request.key);
    document["resolver"] = answer.resolver;
    document["token"] = answer.token;
    document["partition_first"] = answer.partition_first;
    document["partition_last"] = answer.partition_last;
    document["epoch"] = answer.epoch;
    document["owners"] = answer.owners;
    json::array replicas;
    std::size_t hints = 0;
    for (const Replica& replica : answer.replicas) {
        replicas.push_back(json_replica(replica));
        hints += replica.owes.size();
    }
    document["replicas"] = std::move(replicas);
    document["hints_owed"] = hints;
    document["joined"] = json_entry(answer.joined);
    session.document(document);
}

std::string name_of(const Replica& replica) {
    return escape(replica.name.empty() ? replica.node : replica.name);
}

std::string listed(const std::vector<std::string>& words, const char* between = ", ") {
    std::string out;
    for (const std::string& word : words) out += (out.empty() ? "" : between) + escape(word);
    return out;
}

std::string counted(std::size_t number, const char* one, const char* several) {
    return std::to_string(number) + " " + (number == 1 ? one : several);
}

std::size_t values_of(const thrift::ExplainedEntry& entry) {
    return static_cast<std::size_t>(std::count_if(entry.versions.begin(), entry.versions.end(),
                                                  [](const auto& version) { return version.what == "value"; }));
}

/// "2 values, 1 tombstone", or why there is nothing to tell.
std::string holds(const Replica& replica) {
    if (replica.said == "failed") return "failed: " + escape(replica.detail);
    if (replica.said == "silent") return "no answer in time";
    if (replica.said != "entry") return escape(replica.said);
    const std::size_t values = values_of(replica.entry), tombstones = replica.entry.versions.size() - values;
    std::string out;
    if (values > 0) out = counted(values, "value", "values");
    if (tombstones > 0) out += (out.empty() ? "" : ", ") + counted(tombstones, "tombstone", "tombstones");
    return out;
}

std::string role_of(const Replica& replica) {
    if (replica.owner) return "owner";
    if (!replica.stands_in_for.empty()) return "stand-in for " + escape(replica.stands_in_for);
    return "-";
}

/// Nodes that are neither owners nor have anything to do with the key are not worth a line.
bool concerned(const Replica& replica) {
    return replica.owner || !replica.stands_in_for.empty() || replica.said == "entry" || replica.said == "failed" ||
           !replica.owes.empty();
}

void print_replicas(const Answer& answer, Output& out) {
    Grid grid({"RANK", "NAME", "NODE", "ROLE", "STATE", "DATACENTRE", "RACK", "HOLDS", "BYTES", "HASH", "LACKS",
               "OUTDATED", "OWES IT TO"});
    std::size_t others = 0;
    for (const Replica& replica : answer.replicas) {
        if (!concerned(replica)) {
            ++others;
            continue;
        }
        const bool held = replica.said == "entry", told = held || replica.said == "nothing";
        grid.add({replica.rank == 0 ? "-" : std::to_string(replica.rank), name_of(replica), escape(replica.node),
                  role_of(replica), escape(replica.state), escape(replica.datacentre), escape(replica.rack),
                  holds(replica), held ? std::to_string(replica.entry.entry_bytes) : "-",
                  held ? escape(replica.entry.entry_hash) : "-", told ? std::to_string(replica.lacks) : "-",
                  told ? std::to_string(replica.outdated) : "-", replica.owes.empty() ? "-" : listed(replica.owes)});
    }
    grid.print(out);
    if (others > 0) out.line("and " + counted(others, "other node", "other nodes") + " with nothing to do with it");
}

bool held_by(const Replica& replica, const std::string& dot) {
    return std::any_of(replica.entry.versions.begin(), replica.entry.versions.end(),
                       [&dot](const auto& version) { return version.dot == dot; });
}

/// Each version once, with those that hold it. What was replaced is named as such.
void print_versions(const Answer& answer, Output& out) {
    std::vector<thrift::ExplainedVersion> all = answer.joined.versions;
    const std::size_t current = all.size();
    for (const Replica& replica : answer.replicas) {
        for (const auto& version : replica.entry.versions) {
            if (std::none_of(all.begin(), all.end(), [&](const auto& known) { return known.dot == version.dot; }))
                all.push_back(version);
        }
    }
    if (all.empty()) return;
    out.line("");
    Grid grid({"VERSION", "BYTES", "HASH", "WRITTEN", "THROUGH", "DOT", "EXPIRES", "HELD BY"});
    for (std::size_t i = 0; i < all.size(); ++i) {
        const auto& version = all[i];
        std::vector<std::string> holders;
        for (const Replica& replica : answer.replicas)
            if (held_by(replica, version.dot)) holders.push_back(replica.name.empty() ? replica.node : replica.name);
        const bool value = version.what == "value";
        grid.add({escape(version.what) + (i < current ? "" : ", replaced"),
                  value ? std::to_string(version.value_bytes) : "-", value ? escape(version.value_hash) : "-",
                  utc_time(version.written_us), escape(version.writer.empty() ? "-" : version.writer),
                  escape(version.dot), version.__isset.expires_us ? utc_time(version.expires_us) : "never",
                  listed(holders)});
    }
    grid.print(out);
}

/// "n1 up to 17 and 19, 23".
std::string clock_text(const thrift::ExplainedEntry& entry) {
    std::string out;
    for (const auto& part : entry.clock) {
        out += (out.empty() ? "" : "; ") + escape(part.name.empty() ? part.node : part.name) + ":" +
               std::to_string(part.incarnation);
        if (part.base > 0) out += " up to " + std::to_string(part.base);
        if (part.base > 0 && !part.dots.empty()) out += " and";
        for (std::size_t i = 0; i < part.dots.size(); ++i)
            out += (i == 0 ? " " : ", ") + std::to_string(part.dots[i]);
    }
    return out + (entry.truncated ? " (pruned)" : "");
}

/// Replicas with the same clock share a line.
void print_clocks(const Answer& answer, Output& out) {
    std::vector<std::pair<std::string, std::vector<std::string>>> clocks;
    for (const Replica& replica : answer.replicas) {
        if (replica.said != "entry") continue;
        const std::string text = clock_text(replica.entry);
        auto at = std::find_if(clocks.begin(), clocks.end(), [&](const auto& known) { return known.first == text; });
        if (at == clocks.end()) at = clocks.insert(at, {text, {}});
        at->second.push_back(replica.name.empty() ? replica.node : replica.name);
    }
    if (clocks.empty()) return;
    out.line("");
    Grid grid({"CLOCK OF", "HAS SEEN, BY WRITER"});
    for (const auto& [text, names] : clocks) grid.add({listed(names), text});
    grid.print(out);
}

void print_verdict(const Answer& answer, Output& out) {
    out.line("");
    std::vector<std::string> mended, owing, absent;
    for (const Replica& replica : answer.replicas) {
        if (replica.repaired) mended.push_back(replica.name.empty() ? replica.node : replica.name);
        for (const std::string& owner : replica.owes)
            owing.push_back((replica.name.empty() ? replica.node : replica.name) + " to " + owner);
        const bool told = replica.said == "entry" || replica.said == "nothing";
        if (replica.owner && !told)
            absent.push_back((replica.name.empty() ? replica.node : replica.name) + " (" + replica.said + ")");
    }
    if (!absent.empty()) out.line(out.paint(Colour::yellow, "owners that did not tell: ") + listed(absent));
    out.line("hints owed: " + std::to_string(owing.size()) + (owing.empty() ? "" : ", " + listed(owing)));
    if (answer.joined.entry_bytes == 0) {
        out.line("nothing is held by those that answered");
    } else if (mended.empty()) {
        out.line("the owners that answered are equal: read repair has nothing to do");
    } else {
        out.line(out.paint(Colour::yellow, "owners differ: ") + "a read of all would give " + listed(mended) +
                 " the joined entry, " + counted(answer.joined.versions.size(), "version", "versions") + " in " +
                 std::to_string(answer.joined.entry_bytes) + " bytes, hash " + escape(answer.joined.entry_hash));
    }
    if (values_of(answer.joined) > 1)
        out.line(counted(values_of(answer.joined), "sibling", "siblings") + ": ashlar get shows them");
}

}  // namespace

Exit run(const KeyExplain& wanted, Session& session) {
    auto answer = ask_admin(session, Repeat::elsewhere, &Client::explain_key, wanted.request);
    if (!answer) return session.fail(answer.failure());
    if (session.json) {
        print_json(wanted, *answer, session);
    } else {
        Output& out = session.out;
        out.line("\"" + session.shown(wanted.request.key) + "\" in table " + escape(answer->table) + ": token " +
                 escape(answer->token) + " in partition " + escape(answer->partition_first) + " to " +
                 escape(answer->partition_last) + ", ring epoch " + std::to_string(answer->epoch) + ", " +
                 counted(static_cast<std::size_t>(answer->owners), "owner", "owners") + ", resolver " +
                 escape(answer->resolver));
        out.line("");
        print_replicas(*answer, out);
        print_versions(*answer, out);
        print_clocks(*answer, out);
        print_verdict(*answer, out);
    }
    if (answer->joined.entry_bytes == 0) return Exit::not_found;
    const bool differ = std::any_of(answer->replicas.begin(), answer->replicas.end(),
                                    [](const Replica& replica) { return replica.repaired; });
    return wanted.strict && (differ || values_of(answer->joined) > 1) ? Exit::conflict : Exit::ok;
}

}  // namespace ashlar::cli
