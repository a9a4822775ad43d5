#include "host/answers.h"

#include "host/admin_codec.h"
#include "host/client_codec.h"
#include "host/connection.h"
#include "host/hot_codec.h"

namespace ashlar::host {

template <class Write>
void Answers::answer(port::Ticket ticket, Write write) {
    OpenCall* call = calls_.find(ticket);
    if (call == nullptr) return;
    OpenCall open = *call;
    calls_.close(ticket);
    write(open.to, open.connection->slot_buffer(open.slot));
    open.connection->finish_slot(open.slot);
}

void Answers::reply(port::Ticket ticket, const port::Reply& reply) {
    answer(ticket, [&](const ReplyTo& to, Bytes& out) {
        if (to.format == WireFormat::binary && is_hot(reply.call))
            encode_hot(to, reply, out);
        else
            encode_reply(to, reply, out);
    });
}

void Answers::refuse(port::Ticket ticket, const port::Refusal& refusal) {
    answer(ticket, [&](const ReplyTo& to, Bytes& out) {
        if (to.format == WireFormat::binary)
            encode_hot_refusal(to, refusal, out);
        else
            encode_refusal(to, refusal, out);
    });
}

void Answers::table_done(port::Ticket ticket, const port::Table& table) {
    answer(ticket, [&](const ReplyTo& to, Bytes& out) { encode_table_done(to, table, out); });
}

void Answers::errand_begun(port::Ticket ticket, std::uint64_t errand) {
    answer(ticket, [&](const ReplyTo& to, Bytes& out) { encode_errand_begun(to, errand, out); });
}

void Answers::key_explained(port::Ticket ticket, const port::Explanation& explanation) {
    answer(ticket, [&](const ReplyTo& to, Bytes& out) { encode_explanation(to, explanation, out); });
}

}  // namespace ashlar::host
