#include "host/client_desk.h"

#include "host/hot_codec.h"
#include "kit/text.h"

namespace ashlar::host {
namespace {

/// Appends a whole reply that needs no node.
template <class Write>
void answer_now(Connection& from, Write write) {
    std::uint64_t slot = from.open_slot(port::Ticket{});
    write(from.slot_buffer(slot));
    from.finish_slot(slot);
}

void refuse_now(Connection& from, const ReplyTo& to, Error error) {
    port::Refusal refusal;
    refusal.error = std::move(error);
    answer_now(from, [&](Bytes& out) { encode_refusal(to, refusal, out); });
}

Error too_many_items() {
    return fail(Code::invalid_request,
                kit::text("the request holds a list of more than ", container_max, " items: send several"));
}

}  // namespace

bool ClientDesk::take(Connection& from, View payload) {
    auto head = read_head(payload);
    if (!head || head->type != message_call) return false;
    ClientMethod method = client_method(head->method);
    ReplyTo to{head->format, head->number, method_name(method)};
    bool by_hand = head->format == WireFormat::binary;
    switch (method) {
        case ClientMethod::get:
            if (by_hand) return take_hot(from, *head, port::Call::get, to);
            break;
        case ClientMethod::put:
            if (by_hand) return take_hot(from, *head, port::Call::put, to);
            break;
        case ClientMethod::remove:
            if (by_hand) return take_hot(from, *head, port::Call::remove, to);
            break;
        case ClientMethod::exists:
            if (by_hand) return take_hot(from, *head, port::Call::exists, to);
            break;
        case ClientMethod::hello:
            return take_hello(from, payload, to);
        case ClientMethod::ring:
            return take_ring(from, payload, to);
        case ClientMethod::unknown:
            answer_now(from, [&](Bytes& out) { encode_unknown_method(head->format, head->number, head->method, out); });
            return true;
        default:
            break;
    }
    return take_any(from, payload, method, to);
}

bool ClientDesk::take_hot(Connection& from, const MessageHead& head, port::Call call, const ReplyTo& to) {
    port::Order order;
    WireWishes wishes;
    if (!decode_hot(call, head.body, order, wishes)) return false;
    hand_over(from, to, wishes, {}, order);
    return true;
}

bool ClientDesk::take_any(Connection& from, View payload, ClientMethod method, const ReplyTo& to) {
    ParsedOrder parsed;
    ReadOutcome outcome = parse_order(method, to.format, payload, parsed);
    if (outcome == ReadOutcome::malformed) return false;
    if (outcome == ReadOutcome::too_many)
        refuse_now(from, to, too_many_items());
    else
        hand_over(from, to, parsed.wishes, parsed.verdict, parsed.order);
    return true;
}

void ClientDesk::hand_over(Connection& from, const ReplyTo& to, const WireWishes& wishes, Result<void> verdict,
                           port::Order& order) {
    if (verdict) verdict = apply_wishes(wishes, rules_, stepper_.now().steady, order);
    if (!verdict) return refuse_now(from, to, verdict.error());
    order.ticket = calls_.open(from, to);
    stepper_.step(&order);
}

bool ClientDesk::take_hello(Connection& from, View payload, const ReplyTo& to) {
    ParsedHello hello;
    if (parse_hello(to.format, payload, hello) != ReadOutcome::fine) return false;
    answer_now(from, [&](Bytes& out) { encode_hello(to, looks_.hello(), out); });
    return true;
}

bool ClientDesk::take_ring(Connection& from, View payload, const ReplyTo& to) {
    std::optional<std::int64_t> known;
    if (parse_ring(to.format, payload, known) != ReadOutcome::fine) return false;
    const Ring& ring = looks_.ring();
    bool whole = !known || *known != static_cast<std::int64_t>(ring.epoch.value);
    answer_now(from,
               [&](Bytes& out) { encode_ring(to, ring, looks_.addresses(), looks_.hello().partitioner, whole, out); });
    return true;
}

}  // namespace ashlar::host
