// put, update and remove: one key.
#include <random>

#include "forms.h"
#include "json_forms.h"
#include "session.h"
#include "value_source.h"

namespace ashlar::cli {
namespace {

/// What became of a write, for a person at a terminal; a script gets silence, or JSON.
template <class Answer>
void report(const char* done, const std::string& table, const std::string& key, const Answer& answer, Session& session,
            const char* fact, bool value) {
    if (session.json) {
        auto document = json_document();
        document["table"] = table;
        add_bytes(document, "key", key);
        document[fact] = value;
        document["context"] = to_base64(answer.context);
        document["achieved"] = json_achieved(answer.achieved);
        session.document(document);
        return;
    }
    if (!value || !session.out.to_terminal()) return;
    const auto& got = answer.achieved;
    session.out.line(session.out.paint(
        Colour::dim, std::string(done) + ": " + std::to_string(got.answered) + " of " + std::to_string(got.replicas) +
                         " replicas, " + std::to_string(got.synced) + " on disk" +
                         (got.hints > 0 ? ", " + std::to_string(got.hints) + " hints" : "")));
}

Exit put_if(const Put& put, const std::string& value, Session& session) {
    thrift::PutIfRequest request;
    request.__set_table(put.table);
    request.__set_key(put.key);
    request.__set_value(value);
    request.__set_expected(put.context);
    if (put.ttl_s) request.__set_ttl_s(*put.ttl_s);
    request.__set_options(put.options);
    auto answer = session.data.ask(Repeat::never, [&](auto& client) {
        thrift::PutIfResponse out;
        client.put_if(out, request);
        return out;
    });
    if (!answer) return session.fail(answer.failure());
    report("stored", put.table, put.key, *answer, session, "stored", answer->stored);
    if (answer->stored) return Exit::ok;
    session.out.complain(put.context.empty() ? "not stored: something is there already"
                                             : "not stored: the key changed since that context was read");
    return Exit::conflict;
}

}  // namespace

Exit run(const Put& put, Session& session) {
    auto value = read_value(put.value);
    if (!value) return session.fail(value.failure());
    if (put.when == Put::When::if_context) return put_if(put, *value, session);
    thrift::PutRequest request;
    request.__set_table(put.table);
    request.__set_key(put.key);
    request.__set_value(*value);
    if (put.when == Put::When::on_context) request.__set_context(put.context);
    if (put.when == Put::When::overwrite) request.__set_overwrite(true);
    if (put.ttl_s) request.__set_ttl_s(*put.ttl_s);
    request.__set_options(put.options);
    auto answer = session.data.ask(Repeat::never, [&](auto& client) {
        thrift::PutResponse out;
        client.put(out, request);
        return out;
    });
    if (!answer) return session.fail(answer.failure());
    report("stored", put.table, put.key, *answer, session, "stored", true);
    return Exit::ok;
}

Exit run(const Update& update, Session& session) {
    thrift::PutRequest request;
    request.__set_table(update.table);
    request.__set_key(update.key);
    request.__set_value(update.operation);
    if (update.context) request.__set_context(*update.context);
    // An operation does not expire, whatever the table says of values.
    request.__set_ttl_s(0);
    thrift::RequestOptions options = update.options;
    // Counted once, should a node pass it on twice.
    std::random_device chance;
    std::string id;
    for (int i = 0; i < 16; ++i) id.push_back(static_cast<char>(chance()));
    options.__set_request_id(id);
    request.__set_options(options);
    auto answer = session.data.ask(Repeat::never, [&](auto& client) {
        thrift::PutResponse out;
        client.put(out, request);
        return out;
    });
    if (!answer) return session.fail(answer.failure());
    report("updated", update.table, update.key, *answer, session, "stored", true);
    return Exit::ok;
}

Exit run(const Remove& remove, Session& session) {
    thrift::RemoveRequest request;
    request.__set_table(remove.table);
    request.__set_key(remove.key);
    if (remove.context) request.__set_context(*remove.context);
    request.__set_options(remove.options);
    auto answer = session.data.ask(Repeat::never, [&](auto& client) {
        thrift::RemoveResponse out;
        client.remove(out, request);
        return out;
    });
    if (!answer) return session.fail(answer.failure());
    report("removed", remove.table, remove.key, *answer, session, "found", answer->found);
    if (answer->found) return Exit::ok;
    if (!session.json)
        session.out.complain("\"" + session.shown(remove.key) + "\" was not in table " + escape(remove.table));
    return Exit::not_found;
}

}  // namespace ashlar::cli
