// get and exists: one key.
#include "forms.h"
#include "json_forms.h"
#include "session.h"
#include "siblings.h"

namespace ashlar::cli {
namespace {

/// Asks something that changes nothing of one key, so that another node may be asked if one fails.
template <class Request, class Response, class Verb, class Call>
auto ask_of_key(const Verb& verb, Session& session, Call call) {
    Request request;
    request.__set_table(verb.table);
    request.__set_key(verb.key);
    request.__set_options(verb.options);
    return session.data.ask(Repeat::elsewhere, [&](auto& client) {
        Response out;
        call(client, out, request);
        return out;
    });
}

std::string quoted(const Get& get, const Session& session) {
    return "\"" + session.shown(get.key) + "\"";
}

/// Raw when not on a terminal; there, binary is shown escaped so that it cannot steer the terminal.
void print_value(const std::string& value, Session& session) {
    Output& out = session.out;
    if (session.hex) {
        out.line(to_hex(value));
    } else if (!out.to_terminal()) {
        out.raw(value);
    } else if (std::string text = escape(value);
               text == value || (is_utf8(value) && text.find("\\x") == std::string::npos)) {
        // Only line ends, tabs and backslashes were escaped: text that a terminal shows as it is.
        out.raw(value);
        if (!value.ends_with('\n')) out.raw("\n");
    } else {
        out.line(text);
        out.remark("(binary, shown escaped; a pipe or a file gets the bytes as they are)");
    }
}

void print_json(const Get& get, const thrift::GetResponse& answer, Session& session) {
    auto document = json_document();
    document["table"] = get.table;
    add_bytes(document, "key", get.key);
    document["found"] = !answer.values.empty();
    document["siblings"] = answer.values.size();
    document["values"] = json_versions(answer.values);
    document["context"] = to_base64(answer.context);
    document["achieved"] = json_achieved(answer.achieved);
    session.document(document);
}

}  // namespace

Exit run(const Get& get, Session& session) {
    auto answer = ask_of_key<thrift::GetRequest, thrift::GetResponse>(
        get, session, [](auto& client, auto& out, const auto& request) { client.get(out, request); });
    if (!answer) return session.fail(answer.failure());
    bool several = answer->values.size() > 1;
    if (session.json) {
        print_json(get, *answer, session);
    } else if (answer->values.empty()) {
        session.out.complain(quoted(get, session) + " is not in table " + escape(get.table));
        if (get.show_context) session.out.line("context: " + to_base64(answer->context));
    } else if (get.sibling > answer->values.size()) {
        return session.fail(failed("there is no sibling " + std::to_string(get.sibling) + " of " +
                                   quoted(get, session) + ": it has " + std::to_string(answer->values.size())));
    } else if (several && get.sibling == 0) {
        print_siblings(get, *answer, session);
    } else {
        print_value(answer->values[get.sibling == 0 ? 0 : get.sibling - 1].value, session);
        // On standard error, so that the value on standard output stays as it is.
        if (get.show_context) session.out.remark("context: " + to_base64(answer->context));
    }
    if (answer->values.empty()) return Exit::not_found;
    return several && get.strict ? Exit::conflict : Exit::ok;
}

Exit run(const Exists& exists, Session& session) {
    auto answer = ask_of_key<thrift::ExistsRequest, thrift::ExistsResponse>(
        exists, session, [](auto& client, auto& out, const auto& request) { client.exists(out, request); });
    if (!answer) return session.fail(answer.failure());
    if (session.json && !exists.quiet) {
        auto document = json_document();
        document["table"] = exists.table;
        add_bytes(document, "key", exists.key);
        document["found"] = answer->found;
        document["siblings"] = answer->siblings;
        document["achieved"] = json_achieved(answer->achieved);
        session.document(document);
    } else if (!exists.quiet) {
        std::string siblings = answer->siblings > 1 ? " (" + std::to_string(answer->siblings) + " siblings)" : "";
        session.out.line(answer->found ? "yes" + siblings : "no");
    }
    return answer->found ? Exit::ok : Exit::not_found;
}

}  // namespace ashlar::cli
