#include "request/coordinator.h"

#include <algorithm>
#include <set>

#include "kit/text.h"

namespace ashlar::request {
namespace {

/// How long the other members may take to be heard of after a start: a round of gossip.
constexpr Duration early_most = seconds(1);

}  // namespace

Coordinator::Coordinator(Gate gate, StorageEngine& engine, port::Works& works, SyncQueue& syncs,
                         Dots& dots, member::Members& members, port::HintKeeper& hints, Meter& meter,
                         std::uint64_t life)
    : gate_(gate),
      engine_(engine),
      works_(works),
      syncs_(syncs),
      dots_(dots),
      members_(members),
      hints_(hints),
      replica_(engine, works, syncs, hints, *this),
      counters_{meter.counter("request_orders"),
                meter.counter("request_refusals"),
                meter.counter("request_timeouts"),
                meter.counter("request_siblings_warned"),
                meter.counter("request_retries_recognised"),
                meter.counter("request_read_repairs"),
                meter.counter("request_speculative_reads"),
                meter.counter("request_forwards"),
                meter.counter("request_far_copies")},
      timings_(gate_.limits, meter),
      life_(life) {}

void Coordinator::begin(const port::Turn& turn) {
    recent_.begin(turn.now.steady);
    early_until_ = turn.now.steady + early_most;
}

Instant Coordinator::due() const {
    const Instant first = deadlines_.empty() ? port::never : deadlines_.earliest();
    return early_.empty() ? first : std::min(first, early_until_);
}

/// In the first moment of a life nobody is known, though all may be well: orders wait until the members are heard of.
bool Coordinator::too_early(const port::Turn& turn) const {
    if (early_until_ <= turn.now.steady) return false;
    const auto& members = gate_.catalogue.ring()->members;
    return std::any_of(members.begin(), members.end(),
                       [this](const Member& member) { return !gate_.health.known(member.node); });
}

void Coordinator::order(const port::Turn& turn, const port::Order& order) {
    counters_.orders.add();
    if (closed_) return refuse_order(turn, order.ticket, fail(Code::closed, "this node is stopping; ask another"));
    if (order.call == port::Call::ring) {
        port::Reply reply;
        reply.call = order.call;
        reply.ring = gate_.catalogue.ring().get();
        return turn.effects.reply(order.ticket, reply);
    }
    if (turn.now.steady < away_until_ && several())
        return refuse_order(turn, order.ticket, fail(Code::unavailable, std::string(was_away_words)));
    auto table = admit_order(gate_, turn, order);
    if (!table) return refuse_order(turn, order.ticket, table.error());
    bool batch = order.call == port::Call::multi_get || order.call == port::Call::multi_put;
    if (auto room = check_room(batch ? order.items.size() : 1); !room) {
        return refuse_order(turn, order.ticket, room.error());
    }
    if (order.call == port::Call::scan)
        begin_scan(turn, **table, order);
    else if (batch)
        begin_batch(turn, **table, order);
    else
        begin_single(turn, **table, order);
}

Result<void> Coordinator::check_room(std::size_t orders) const {
    if (waiting() + orders <= gate_.limits.waiting_orders) return {};
    return fail(Code::overloaded, kit::text(waiting(), " orders are waiting, the limit is ",
                                            gate_.limits.waiting_orders, " (limits.waiting_orders)"));
}

void Coordinator::begin_single(const port::Turn& turn, ServedTable& table, const port::Order& order) {
    base::SlotId id = ops_.take();
    auto admitted = admit_item(gate_, turn, table, order, order.item, *ops_.find(id));
    if (!admitted) {
        ops_.give_back(id);
        return refuse_order(turn, order.ticket, admitted.error());
    }
    go(turn, id);
    park(id);
}

void Coordinator::begin_batch(const port::Turn& turn, ServedTable& table, const port::Order& order) {
    base::SlotId batch_id = batches_.take();
    Batch& batch = *batches_.find(batch_id);
    batch.call = order.call;
    batch.ticket = order.ticket;
    batch.answers.resize(order.items.size());
    // One more than there are, so that the batch cannot end before the last item began.
    batch.left = order.items.size() + 1;
    std::set<View> named;  // by the batch's request id, which names one write of each key
    for (std::uint32_t i = 0; i < order.items.size(); ++i) {
        KeptAnswer& answer = batch.answers[i];
        answer.key.assign(order.items[i].key);
        base::SlotId id = ops_.take();
        Operation& op = *ops_.find(id);
        auto admitted = admit_item(gate_, turn, table, order, order.items[i], op);
        if (admitted && op.writes() && op.request.given() && !named.insert(order.items[i].key).second)
            admitted = fail(Code::invalid_request, "the key stands twice in a batch with one request id, which names "
                                                   "one write of each key: send it in a batch of its own");
        if (!admitted) {
            ops_.give_back(id);
            answer.refusal = refusal_of(admitted.error());
            --batch.left;
            continue;
        }
        op.batch = batch_id;
        op.place = i;
        go(turn, id);
        park(id);
    }
    --batch.left;
    finish_batch(turn, batch_id);
}

void Coordinator::go(const port::Turn& turn, base::SlotId id) {
    Operation& op = *ops_.find(id);
    if (too_early(turn)) {
        op.stage = Stage::queued;
        return early_.push_back(id);
    }
    if (op.call == port::Call::scan) {
        op.stage = Stage::scanning;
        return ask_scans(turn, id);
    }
    if (forward(turn, id)) return;
    if (op.writes() && !op.holds_line && lines_.busy(op.table, op.key)) {
        lines_.join(op.table, op.key, id);
        op.stage = Stage::queued;
        return;
    }
    if (op.request.given() && !op.drawn && op.writes() && known_retry(turn, id)) return;
    if (op.reads_first())
        ask_reads(turn, id);
    else
        find_held(turn, id);
}

void Coordinator::park(base::SlotId id) {
    Operation* op = ops_.find(id);
    if (op == nullptr) return;
    // Whoever lets a read wait is covered once, by one of those that are left.
    Instant look = std::min(op->deadline, op->again_at);
    if (may_be_covered(*op)) {
        const Duration after = timings_.speculate_after(op->table, read_by(*op));
        for (const Ask& ask : op->asks) {
            if (ask.state == Ask::State::waiting && !ask.settled)
                look = std::min(look, ask.sent + after);
        }
    }
    if (op->stage == Stage::writing) look = std::min(look, relay_due(*op));
    deadlines_.set(id.index, look);
    bool between = op->stage == Stage::reading || op->stage == Stage::looking_up;
    if (op->writes() && between && !op->holds_line) {
        lines_.hold(op->table, op->key, id);
        op->holds_line = true;
    }
}

void Coordinator::leave_line(base::SlotId id, Operation& op) {
    if (!op.writes() || (!op.holds_line && op.stage != Stage::queued)) return;
    op.holds_line = false;
    base::SlotId next = lines_.leave(op.table, op.key, id);
    if (!next.given()) return;
    ops_.find(next)->holds_line = true;
    ready_.push_back(next);
}

void Coordinator::pump(const port::Turn& turn) {
    timings_.pump(turn.now.steady);
    while (auto slot = deadlines_.take_due(turn.now.steady)) {
        base::SlotId id = ops_.tenant(*slot);
        const Operation& op = *ops_.find(id);
        if (turn.now.steady < op.deadline) {
            if (op.again_at <= turn.now.steady) {
                ask_again(turn, id);
                continue;
            }
            // What is covered may end the order, or go on to write.
            if (may_be_covered(op))
                speculate(turn, id);
            else if (op.stage == Stage::writing)
                cover_relayed(turn, id, {});
            park(id);
            continue;
        }
        if (!op.answered) {
            const port::Achieved& achieved = op.quorum.achieved();
            counters_.timeouts.add();
            refuse(turn, id,
                   fail(Code::timed_out,
                        kit::text("the deadline passed: ", achieved.answered, " of ", achieved.needed,
                                  " needed replicas had answered", op.applied ? "; the write may still land" : "")));
        }
        if (ops_.find(id) != nullptr) finish(turn, id);
    }
    if (!early_.empty() && !too_early(turn)) {
        ready_.insert(ready_.end(), early_.begin(), early_.end());
        early_.clear();
    }
    while (!ready_.empty()) {
        base::SlotId id = ready_.front();
        ready_.pop_front();
        if (ops_.find(id) == nullptr) continue;
        go(turn, id);
        park(id);
    }
}

}  // namespace ashlar::request
