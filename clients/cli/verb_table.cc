// table create, list, describe, drop.
#include <iostream>

#include "admin_call.h"
#include "argument_forms.h"
#include "ashlar_constants.h"
#include "forms.h"
#include "json_forms.h"

namespace ashlar::cli {
namespace {

namespace json = boost::json;
using Client = thrift::AshlarAdminClient;

json::object json_table(const thrift::TableDescription& table) {
    json::object out = {{"name", table.name},
                        {"id", table.id},
                        {"replicas", table.replicas},
                        {"resolver", table.resolver},
                        {"engine", table.engine},
                        {"ttl_s", table.ttl_s},
                        {"read", level_name(table.read_level, table.read_replicas)},
                        {"write", level_name(table.write_level, table.write_replicas)}};
    if (!table.per_datacentre.empty()) {
        json::object per;
        for (const auto& entry : table.per_datacentre) per[entry.datacentre] = entry.replicas;
        out["per_datacentre"] = std::move(per);
    }
    return out;
}

std::string replicas_of(const thrift::TableDescription& table) {
    if (table.per_datacentre.empty()) return std::to_string(table.replicas);
    std::string out;
    for (const auto& entry : table.per_datacentre) {
        out += (out.empty() ? "" : ",") + escape(entry.datacentre) + "=" + std::to_string(entry.replicas);
    }
    return out;
}

void print_tables(const std::vector<thrift::TableDescription>& tables, Session& session) {
    Grid grid({"TABLE", "ID", "REPLICAS", "READ", "WRITE", "RESOLVER", "ENGINE", "TTL"});
    for (const auto& table : tables) {
        grid.add({escape(table.name), std::to_string(table.id), replicas_of(table),
                  level_name(table.read_level, table.read_replicas),
                  level_name(table.write_level, table.write_replicas), escape(table.resolver), escape(table.engine),
                  table.ttl_s == 0 ? "-" : std::to_string(table.ttl_s) + " s"});
    }
    grid.print(session.out);
}

/// A table that is not there has an exit code of its own, as a key that is not there.
Exit fail_table(Failure failure, Session& session) {
    if (failure.error_code == thrift::g_ashlar_constants.ERROR_NOT_FOUND) failure.exit = Exit::not_found;
    return session.fail(failure);
}

Exit show(const thrift::TableDescription& table, Session& session) {
    if (session.json) {
        auto document = json_document();
        for (auto& member : json_table(table)) document[member.key()] = member.value();
        session.document(document);
    } else {
        print_tables({table}, session);
    }
    return Exit::ok;
}

/// Asked on a terminal only: a script must say --yes.
bool agreed(const std::string& name, Session& session) {
    if (!session.out.error_to_terminal()) return false;
    session.out.remark("This drops table " + escape(name) + " with all it holds, for good. Type its name to go on:");
    std::string typed;
    std::getline(std::cin, typed);
    return typed == name;
}

}  // namespace

Exit run(const TableCreate& create, Session& session) {
    auto answer = ask_admin(session, Repeat::never, &Client::create_table, create.request);
    if (!answer) return session.fail(answer.failure());
    return show(answer->table, session);
}

Exit run(const TableList&, Session& session) {
    auto answer = ask_admin(session, Repeat::elsewhere, &Client::describe_tables, thrift::DescribeTablesRequest());
    if (!answer) return session.fail(answer.failure());
    if (!session.json) {
        print_tables(answer->tables, session);
        return Exit::ok;
    }
    auto document = json_document();
    json::array tables;
    for (const auto& table : answer->tables) tables.push_back(json_table(table));
    document["tables"] = std::move(tables);
    session.document(document);
    return Exit::ok;
}

Exit run(const TableShow& wanted, Session& session) {
    thrift::DescribeTablesRequest request;
    request.__set_name(wanted.name);
    auto answer = ask_admin(session, Repeat::elsewhere, &Client::describe_tables, request);
    if (!answer) return fail_table(answer.failure(), session);
    if (!answer->tables.empty()) return show(answer->tables.front(), session);
    Failure missing = failed("there is no table " + wanted.name + ": see ashlar table list");
    missing.exit = Exit::not_found;
    return session.fail(missing);
}

Exit run(const TableDrop& drop, Session& session) {
    if (!drop.sure && !agreed(drop.name, session)) {
        return session.fail(misused("not dropped: say --yes, or type the table's name when asked"));
    }
    thrift::DropTableRequest request;
    request.__set_name(drop.name);
    auto answer = ask_admin(session, Repeat::never, &Client::drop_table, request);
    if (!answer) return fail_table(answer.failure(), session);
    if (session.json) {
        auto document = json_document();
        document["dropped"] = drop.name;
        document["id"] = answer->id;
        session.document(document);
    } else {
        session.out.line("dropped " + escape(drop.name) + " (id " + std::to_string(answer->id) + ")");
    }
    return Exit::ok;
}

}  // namespace ashlar::cli
