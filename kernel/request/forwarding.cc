// Coordinator: a write that came to a node which is no replica of its key goes on to one, once; and what comes from
// such a node is coordinated here and answered there.
#include <algorithm>

#include "kit/context.h"
#include "kit/text.h"
#include "request/coordinator.h"

namespace ashlar::request {
namespace {

/// Whom to pass it on to: owners before stand-ins, the healthy before the rest, the near before the far; the down
/// never. `local`: the level counts the data centre of whoever coordinates, which must be this one.
std::vector<Target> coordinators(const Walk& walk, NodeId self, const Health& health, bool local) {
    std::vector<Target> out;
    auto add = [&](std::size_t begin, std::size_t end, bool healthy, bool near) {
        for (std::size_t i = begin; i < end; ++i) {
            PeerState state = health.state(walk.nodes[i]);
            if (state == PeerState::down || (state == PeerState::alive) != healthy) continue;
            if (health.near(walk.nodes[i], self) == near) out.push_back(Target{walk.nodes[i], {}});
        }
    };
    for (bool owners : {true, false}) {
        std::size_t begin = owners ? 0 : walk.owners;
        std::size_t end = owners ? walk.owners : walk.nodes.size();
        for (bool healthy : {true, false}) {
            add(begin, end, healthy, true);
            if (!local) add(begin, end, healthy, false);
        }
    }
    return out;
}

bool is_local(const Consistency& consistency) {
    return consistency.level == Level::local_one || consistency.level == Level::local_quorum;
}

/// No client waits longer, whatever another node says.
constexpr Duration left_most = seconds(3600);

bool single_key(std::uint8_t call) {
    switch (static_cast<port::Call>(call)) {
        case port::Call::get:
        case port::Call::exists:
        case port::Call::put:
        case port::Call::remove:
        case port::Call::put_if:
            return true;
        default:
            return false;
    }
}

/// Too few replicas as that node sees it, too much to do, or stopping.
bool may_be_done_elsewhere(const wire::Fault& fault) {
    switch (static_cast<Code>(fault.code)) {
        case Code::unavailable:
        case Code::overloaded:
        case Code::closed:
            return true;
        default:
            return false;
    }
}

}  // namespace

/// True: it is another node's to coordinate, and on its way or refused.
bool Coordinator::forward(const port::Turn& turn, base::SlotId id) {
    Operation& op = *ops_.find(id);
    ServedTable* table = gate_.catalogue.find(op.table);
    if (!op.writes() || op.via.value != 0 || table == nullptr) return false;
    const Walk& walk = table->placement->walk(op.token);
    if (is_owner(walk, gate_.catalogue.self())) return false;
    op.candidates = coordinators(walk, gate_.catalogue.self(), gate_.health, is_local(op.write_level));
    if (!op.candidates.empty() && op.candidates.front().node == gate_.catalogue.self()) return false;
    op.stage = Stage::forwarded;
    name_for_retries(id, *table);
    // Should it be passed on twice, the second copy must not beat what replaced the first: it is stamped as of now.
    if (table->resolver.stamps_decide() && !op.passed_on_before) op.stamp = gate_.stamps.next(turn.now.wall, op.stamp);
    op.quorum.init(op.write_needs, walk.owners, table->placement->ring().epoch, !op.strict);
    pass_on(turn, id);
    return true;
}

/// So that it can be passed on again should the first node die: both then make the same write. `life_` was drawn at
/// this start, so no other write is named so.
void Coordinator::name_for_retries(base::SlotId id, const ServedTable& table) {
    Operation& op = *ops_.find(id);
    if (op.request.given() || op.reads_first() || is_operation(table, op)) return;
    const std::uint64_t number = ++names_drawn_;
    for (std::size_t i = 0; i < 8; ++i) {
        op.request.bytes[i] = static_cast<std::uint8_t>(life_ >> (8 * i));
        op.request.bytes[8 + i] = static_cast<std::uint8_t>(number >> (8 * i));
    }
    op.drawn = true;
}

void Coordinator::pass_on(const port::Turn& turn, base::SlotId id) {
    Operation& op = *ops_.find(id);
    wire::OrderAsk ask;
    ask.ref = ref_of(id);
    ask.epoch = op.quorum.achieved().epoch;
    ask.call = static_cast<std::uint8_t>(op.call);
    ask.key = EntryKey{op.token, op.table, op.key};
    ask.value = op.value;
    ask.seen = op.seen;
    ask.stamp = op.stamp;
    ask.again = op.passed_on_before;
    ask.has_context = op.has_context;
    ask.overwrite = op.overwrite;
    ask.strict = op.strict;
    ask.ttl = op.ttl;
    ask.sync = op.sync;
    ask.request = op.request;
    ask.drawn = op.drawn;
    ask.read = op.read_level;
    ask.write = op.write_level;
    ask.left = op.deadline - turn.now.steady;
    while (!op.candidates.empty()) {
        Target target = op.candidates.front();
        op.candidates.erase(op.candidates.begin());
        if (target.node == gate_.catalogue.self() || !say(turn, target.node, ask)) continue;
        op.asks.assign(1, Ask{target, turn.now.steady});
        counters_.forwards.add();
        op.applied = true;
        return;
    }
    refuse(turn, id, too_few(op, "can be reached"));
}

void Coordinator::take_order(const port::Turn& turn, NodeId from, const wire::OrderAsk& ask) {
    auto admitted = admit_passed_on(turn, from, ask);
    if (!admitted) {
        wire::OrderAnswer answer;
        answer.ref = ask.ref;
        answer.fault = wire::Fault::of(admitted.error());
        (void)say(turn, from, answer);
        return;
    }
    base::SlotId id = ops_.take();
    Operation& op = *ops_.find(id);
    op.via = from;
    op.via_ref = ask.ref;
    op.call = static_cast<port::Call>(ask.call);
    op.table = ask.key.table;
    op.token = ask.key.token;
    op.key.assign(ask.key.key);
    op.value.assign(ask.value);
    op.seen.assign(ask.seen);
    op.stamp = ask.stamp;
    op.passed_on_before = ask.again;
    op.overwrite = ask.overwrite;
    op.note_context(ask.has_context);
    op.strict = ask.strict;
    op.ttl = ask.ttl;
    op.sync = ask.sync;
    op.request = ask.request;
    op.drawn = ask.drawn;
    op.read_level = ask.read;
    op.write_level = ask.write;
    op.read_needs = admitted->read;
    op.write_needs = admitted->write;
    op.began = turn.now.steady;
    op.deadline = turn.now.steady + std::min(ask.left, left_most);
    go(turn, id);
    park(id);
}

Result<Coordinator::PassedOn> Coordinator::admit_passed_on(const port::Turn& turn, NodeId from,
                                                           const wire::OrderAsk& ask) {
    if (closed_) return fail(Code::closed, "this node is stopping; ask another");
    if (turn.now.steady < away_until_) return fail(Code::unavailable, std::string(was_away_words));
    if (auto room = check_room(1); !room) return room.error();
    if (auto timely = gate_.fence.admit(turn, from, ask.epoch); !timely) return timely.error();
    ServedTable* table = gate_.catalogue.find(ask.key.table);
    if (table == nullptr) return fail(Code::not_found, "the table was dropped meanwhile");
    if (!single_key(ask.call) || ask.key.key.empty()) return fail(Code::invalid_request, "no order on a single key");
    if (auto seen = admit_counters(gate_, ask.seen); !seen) return seen.error();
    if (table->resolver.stamps_decide()) gate_.stamps.follow(ask.stamp, turn.now.wall);
    PassedOn out;
    auto write = table->placement->needs(ask.write);
    if (!write) return write.error();
    auto read = table->placement->needs(ask.read);
    if (!read) return read.error();
    out.write = std::move(*write);
    out.read = std::move(*read);
    return out;
}

void Coordinator::answer_passed_on(const port::Turn& turn, const Operation& op, const port::Reply& reply) {
    wire::OrderAnswer answer;
    answer.ref = op.via_ref;
    answer.found = reply.found;
    answer.stored = reply.stored;
    for (const port::ReplyVersion& version : reply.item.values)
        answer.values.push_back(wire::OrderValue{version.value, version.wall, version.expires, version.dot});
    answer.context = reply.item.context;
    fill_achieved(answer, op.quorum.achieved());
    (void)say(turn, op.via, answer);
}

void Coordinator::refuse_passed_on(const port::Turn& turn, const Operation& op, const port::Refusal& refusal) {
    wire::OrderAnswer answer;
    answer.ref = op.via_ref;
    answer.fault = wire::Fault::of(refusal.error);
    answer.retry_safe = refusal.retry_safe;
    fill_achieved(answer, refusal.achieved);
    (void)say(turn, op.via, answer);
}

void Coordinator::fill_achieved(wire::OrderAnswer& answer, const port::Achieved& achieved) {
    answer.answered = achieved.answered;
    answer.owners = achieved.owners;
    answer.synced = achieved.synced;
    answer.hints = achieved.hints;
    answer.needed = achieved.needed;
    answer.replicas = achieved.replicas;
    answer.epoch = achieved.epoch;
    answer.merged = achieved.merged;
}

void Coordinator::take_order_answer(const port::Turn& turn, NodeId from, const wire::OrderAnswer& answer) {
    base::SlotId id = id_of(answer.ref);
    Operation* op = ops_.find(id);
    if (op == nullptr || op->stage != Stage::forwarded || ask_of(*op, from) == nullptr) return;
    op->asks.clear();
    // What a node did that was asked before, and lost, nobody knows.
    // A named write is safe to repeat although it may have landed: only the words tell whether it may.
    bool landed = !answer.retry_safe || answer.fault.detail.find(may_still_land) != View::npos;
    op->applied = op->passed_on_before || answer.fault.none() || landed;
    if (Fence::held(answer.fault) && !landed && wait_for_epoch(turn, id)) return;
    // Where it could not be coordinated and nothing was done, the next may.
    bool elsewhere = may_be_done_elsewhere(answer.fault) && !landed;
    if (elsewhere && !op->candidates.empty()) return pass_on(turn, id);
    op->quorum.report(port::Achieved{answer.answered, answer.owners, answer.synced, answer.hints, answer.needed,
                                     answer.replicas, answer.epoch, answer.merged});
    if (!answer.fault.none()) return refuse(turn, id, answer.fault.error());
    values_.clear();
    for (const wire::OrderValue& value : answer.values)
        values_.push_back(port::ReplyVersion{value.value, value.wall, value.expires, value.dot});
    port::Reply reply;
    reply.item.values = values_;
    reply.item.context = answer.context;
    reply.found = answer.found;
    reply.stored = answer.stored;
    deliver(turn, id, reply);
}

/// The node it was passed on to cannot be asked any more: another is, if doing it twice does no harm.
void Coordinator::forward_lost(const port::Turn& turn, base::SlotId id) {
    Operation& op = *ops_.find(id);
    op.asks.clear();
    op.passed_on_before = true;
    const ServedTable* table = gate_.catalogue.find(op.table);
    // An overwrite or a removal that looks first might look again, behind a write that came between.
    if (table != nullptr && op.request.given() && !op.reads_first() && !is_operation(*table, op))
        return pass_on(turn, id);
    refuse(turn, id, fail(Code::unavailable, "the link to the node that coordinates the write broke"));
}

}  // namespace ashlar::request
