// Coordinator: replies and refusals, each with what was achieved; the gathering of multi_* answers.
#include "request/coordinator.h"

namespace ashlar::request {
namespace {

/// Long enough for a flush or a few syncs to make room.
constexpr Duration overloaded_pause = milliseconds(100);
/// Answers of one multi_get may take so many scan pages' worth of bytes.
constexpr std::size_t batch_pages = 4;

/// What a reader has seen, as it carries it.
void wrap_reading(TableId table, const LoadedResolver& resolver, const Reading* reading, Bytes& out) {
    Given seen;
    if (reading != nullptr) seen.causal = reading->context;
    if (reading != nullptr && resolver.stamps_decide()) seen.stamp = latest_of(*reading);
    wrap_context(table, resolver.tag, seen, out);
}

}  // namespace

port::Refusal Coordinator::refusal_of(const Error& error) {
    port::Refusal refusal;
    refusal.error = error;
    if (error.code == Code::overloaded) refusal.retry_after = overloaded_pause;
    return refusal;
}

/// Of an order that stands somewhere: it may be there all the same, and then not every write may be sent again.
port::Refusal Coordinator::refusal_of(const Operation& op, const Error& error) {
    port::Refusal refusal = refusal_of(error);
    const ServedTable* table = gate_.catalogue.find(op.table);
    refusal.retry_safe = op.retry_safe() && !(op.applied && table != nullptr && is_operation(*table, op));
    refusal.achieved = op.quorum.achieved();
    // A node that was asked to coordinate may have said so already.
    bool said = error.code == Code::timed_out || error.detail.find(may_still_land) != std::string::npos;
    if (op.applied && !said) refusal.error.detail.append("; ").append(may_still_land);
    return refusal;
}

void Coordinator::answer_reading(const port::Turn& turn, base::SlotId id, const Reading* reading) {
    port::Reply reply;
    const Operation& op = *ops_.find(id);
    const ServedTable& table = *gate_.catalogue.find(op.table);
    values_.clear();
    if (reading != nullptr) values_of(*reading, values_);
    wrap_reading(op.table, table.resolver, reading, context_);
    reply.item.values = values_;
    reply.item.context = context_;
    reply.found = !values_.empty();
    deliver(turn, id, reply);
}

void Coordinator::answer_write(const port::Turn& turn, base::SlotId id) {
    port::Reply reply;
    const Operation& op = *ops_.find(id);
    const ServedTable* table = gate_.catalogue.find(op.table);
    wrap_context(op.table, table != nullptr ? table->resolver.tag : 0, Given{op.written, op.stamp}, context_);
    reply.item.context = context_;
    reply.found = op.found;
    reply.stored = true;
    deliver(turn, id, reply);
}

void Coordinator::answer_not_stored(const port::Turn& turn, base::SlotId id, const Reading* reading) {
    port::Reply reply;
    const Operation& op = *ops_.find(id);
    const ServedTable& table = *gate_.catalogue.find(op.table);
    wrap_reading(op.table, table.resolver, reading, context_);
    reply.item.context = context_;
    reply.found = reading != nullptr && reading->values > 0;
    deliver(turn, id, reply);
}

void Coordinator::deliver(const port::Turn& turn, base::SlotId id, port::Reply& reply) {
    const Operation& op = *ops_.find(id);
    reply.call = op.call;
    reply.item.key = op.key;
    reply.item.achieved = op.quorum.achieved();
    timings_.client(turn.now.steady - op.began);
    base::SlotId batch = op.batch;
    if (batch.given())
        gather(turn, op, reply.item);
    else if (op.via.value != 0)
        answer_passed_on(turn, op, reply);
    else
        turn.effects.reply(op.ticket, reply);
    answered(turn, id);
    if (batch.given()) finish_batch(turn, batch);
}

void Coordinator::gather(const port::Turn& turn, const Operation& op, const port::ReplyItem& item) {
    Batch& batch = *batches_.find(op.batch);
    KeptAnswer& kept = batch.answers[op.place];
    --batch.left;
    kept.achieved = item.achieved;
    std::size_t bytes = item.context.size();
    for (const port::ReplyVersion& version : item.values) bytes += version.value.size();
    if (batch.bytes + bytes > batch_pages * gate_.limits.page_bytes) {
        kept.refusal = refusal_of(
            op, fail(Code::overloaded, "the answers before this one fill the reply: ask for fewer keys at once"));
        return;
    }
    batch.bytes += bytes;
    kept.keep(item.values);
    kept.context.assign(item.context);
}

void Coordinator::finish_batch(const port::Turn& turn, base::SlotId batch_id) {
    Batch& batch = *batches_.find(batch_id);
    if (batch.left != 0) return;
    std::vector<port::ReplyItem> items;
    items.reserve(batch.answers.size());
    for (const KeptAnswer& answer : batch.answers) items.push_back(answer.item());
    port::Reply reply;
    reply.call = batch.call;
    reply.items = items;
    turn.effects.reply(batch.ticket, reply);
    batches_.give_back(batch_id);
}

void Coordinator::refuse(const port::Turn& turn, base::SlotId id, const Error& error) {
    const Operation& op = *ops_.find(id);
    port::Refusal refusal = refusal_of(op, error);
    counters_.refusals.add();
    base::SlotId batch = op.batch;
    if (batch.given()) {
        Batch& gathering = *batches_.find(batch);
        KeptAnswer& kept = gathering.answers[op.place];
        --gathering.left;
        kept.achieved = refusal.achieved;
        kept.refusal = std::move(refusal);
    } else if (op.via.value != 0) {
        refuse_passed_on(turn, op, refusal);
    } else {
        turn.effects.refuse(op.ticket, refusal);
    }
    answered(turn, id);
    if (batch.given()) finish_batch(turn, batch);
}

void Coordinator::refuse_order(const port::Turn& turn, port::Ticket ticket, const Error& error) {
    port::Refusal refusal = refusal_of(error);
    refusal.achieved.epoch = gate_.catalogue.ring()->epoch;
    counters_.refusals.add();
    turn.effects.refuse(ticket, refusal);
}

}  // namespace ashlar::request
