#include "host/admin_desk.h"

#include "host/client_codec.h"
#include "host/hot_codec.h"
#include "kit/text.h"

namespace ashlar::host {
namespace {

/// A change of tables waits for a few syncs and votes; long work is answered as soon as it has begun.
constexpr Duration admin_time = seconds(3600);
/// A node that has not said by then what it holds of one key is not well.
constexpr Duration explain_time = seconds(2);

void refuse(const ReplyTo& to, Error error, Bytes& out) {
    port::Refusal refusal;
    refusal.error = std::move(error);
    encode_refusal(to, refusal, out);
}

using Call = port::AdminOrder::Call;

/// What the node is stepped with, rather than looked at.
bool is_order(AdminMethod method) {
    switch (method) {
        case AdminMethod::create_table:
        case AdminMethod::drop_table:
        case AdminMethod::explain_key:
        case AdminMethod::scrub:
        case AdminMethod::repair:
        case AdminMethod::cancel_errand:
            return true;
        default:
            return false;
    }
}

Call call_of(AdminMethod method) {
    switch (method) {
        case AdminMethod::create_table:
            return Call::create_table;
        case AdminMethod::drop_table:
            return Call::drop_table;
        case AdminMethod::explain_key:
            return Call::explain_key;
        case AdminMethod::repair:
            return Call::repair;
        case AdminMethod::cancel_errand:
            return Call::cancel_errand;
        default:
            return Call::scrub;
    }
}

}  // namespace

bool AdminDesk::take(Connection& from, View payload) {
    auto head = read_head(payload);
    if (!head || head->type != message_call) return false;
    AdminMethod method = admin_method(head->method);
    ReplyTo to{head->format, head->number, method_name(method)};
    AdminRequest request;
    ReadOutcome outcome = ReadOutcome::fine;
    if (method != AdminMethod::unknown) outcome = parse_admin(method, head->format, payload, request);
    if (outcome == ReadOutcome::malformed) return false;
    if (outcome == ReadOutcome::too_many)
        request.verdict =
            fail(Code::invalid_request, kit::text("the request holds a list of more than ", container_max, " items"));
    if (request.verdict && is_order(method)) {
        serve(from, method, request, to);
        return true;
    }
    std::uint64_t slot = from.open_slot(port::Ticket{});
    Bytes& out = from.slot_buffer(slot);
    if (!request.verdict)
        refuse(to, request.verdict.error(), out);
    else if (method == AdminMethod::status)
        encode_status(to, looks_.status(request.counters), out);
    else if (method == AdminMethod::describe_tables)
        describe(request.name, to, out);
    else if (method == AdminMethod::config)
        encode_config(to, looks_.config(), out);
    else if (method == AdminMethod::errands)
        tell_errands(request.errand, to, out);
    else if (method == AdminMethod::plugins)
        encode_plugins(to, looks_.plugins(), out);
    else
        encode_unknown_method(head->format, head->number, head->method, out);
    from.finish_slot(slot);
    return true;
}

void AdminDesk::serve(Connection& from, AdminMethod method, const AdminRequest& request, const ReplyTo& to) {
    port::AdminOrder order = request.order;
    order.call = call_of(method);
    order.table = request.table;
    if (method != AdminMethod::create_table) order.table.name = request.name;
    order.key = request.key;
    Duration time = admin_time;
    if (method == AdminMethod::explain_key) time = request.timeout.us == 0 ? explain_time : request.timeout;
    order.deadline = stepper_.now().steady + time;
    order.ticket = calls_.open(from, to);
    stepper_.step(&order);
}

void AdminDesk::describe(const std::string& name, const ReplyTo& to, Bytes& out) {
    std::vector<const port::Table*> chosen;
    for (const port::Table& table : looks_.tables())
        if (name.empty() || table.name == name) chosen.push_back(&table);
    if (chosen.empty() && !name.empty())
        return refuse(to, fail(Code::not_found, kit::text("there is no table '", name, "'")), out);
    encode_tables(to, chosen, out);
}

void AdminDesk::tell_errands(std::uint64_t wanted, const ReplyTo& to, Bytes& out) {
    ErrandFacts facts = looks_.errands();
    if (wanted != 0) std::erase_if(facts.errands, [&](const node::Errand& errand) { return errand.number != wanted; });
    if (facts.errands.empty() && wanted != 0)
        return refuse(to,
                      fail(Code::not_found, kit::text("this node knows of no errand ", wanted,
                                                      ": it may have started again since, or it was long ago")),
                      out);
    encode_errands(to, facts, out);
}

}  // namespace ashlar::host
