// Coordinator: reads by quorum, for get and exists and for the writes that build on a read made first.
#include <algorithm>

#include "kit/context.h"
#include "kit/hash.h"
#include "kit/text.h"
#include "request/coordinator.h"

namespace ashlar::request {

void Coordinator::ask_reads(const port::Turn& turn, base::SlotId id) {
    Operation& op = *ops_.find(id);
    ServedTable* table = gate_.catalogue.find(op.table);
    if (table == nullptr) return refuse(turn, id, fail(Code::not_found, "the table was dropped meanwhile"));
    op.stage = Stage::reading;
    const Walk& walk = table->placement->walk(op.token);
    op.quorum.init(op.read_needs, walk.owners, table->placement->ring().epoch, !op.strict);
    op.asks.clear();
    choose_readers(walk, gate_.catalogue.self(), gate_.health, !op.strict, op.candidates);
    advance_read(turn, id, {});
}

/// Asks candidates until all groups would be satisfied if everybody said yes; completes when they are; refuses when
/// they cannot be, with what the last replica said that failed.
void Coordinator::advance_read(const port::Turn& turn, base::SlotId id, Error last) {
    Operation& op = *ops_.find(id);
    ServedTable* table = gate_.catalogue.find(op.table);
    if (table == nullptr) return refuse(turn, id, fail(Code::not_found, "the table was dropped meanwhile"));
    for (;;) {
        if (op.quorum.enough()) return read_complete(turn, id, op.gathered);
        auto target = next_wanted(op, *table);
        if (!target) break;
        auto answer = ask_reader(turn, id, *target);
        if (!answer) continue;
        count_read(op, op.asks.back(), *answer);
        if (!answer->ok) last = answer->error;
        // The usual case: one answer, at once, and its bytes need not be kept.
        if (op.quorum.enough() && op.gathered.empty()) return read_complete(turn, id, answer->entry);
        if (auto kept = keep_read(op, *table, *answer); !kept) return refuse(turn, id, kept.error());
    }
    if (!op.quorum.impossible(askable(op))) return;
    refuse(turn, id, last.detail.empty() ? too_few(op, "hold all of the range") : last);
}

std::optional<ReadAnswer> Coordinator::ask_reader(const port::Turn& turn, base::SlotId id, const Target& target) {
    Operation& op = *ops_.find(id);
    ServedTable& table = *gate_.catalogue.find(op.table);
    op.asks.push_back(Ask{target, turn.now.steady});
    op.quorum.ask(table.placement->datacentre_of(target.node), false);
    EntryKey key{op.token, op.table, op.key};
    if (target.node == gate_.catalogue.self()) {
        const bool complete = gate_.catalogue.answers_for(table, TokenRange{op.token, op.token});
        return replica_.read(turn, ReadAsk{id, key, true, complete});
    }
    // What is known here already need not travel: the other's hash tells whether it holds the same.
    op.asks.back().digest = op.gathered_hash != 0;
    wire::ReadAsk ask{ref_of(id), op.quorum.achieved().epoch, key, op.asks.back().digest,
                      op.deadline - turn.now.steady};
    if (say(turn, target.node, ask)) return std::nullopt;
    return ReadAnswer{false, not_asked(), {}, false, 0};
}

void Coordinator::count_read(Operation& op, Ask& ask, const ReadAnswer& answer) {
    const ServedTable& table = *gate_.catalogue.find(op.table);
    // What is missing only an owner that answers for the range can say; what one that has lost something holds may be
    // older than what it acknowledged. A stand-in has only what it was given.
    bool holds = !answer.entry.empty() || answer.hash != 0;
    bool counts = answer.ok && (ask.target.owner() ? answer.complete : holds);
    ask.state = counts ? Ask::State::yes : Ask::State::no;
    ask.hash = answer.hash;
    // Where others are asked too, this node's own copy is compared with theirs.
    if (ask.hash == 0 && holds && (op.asks.size() > 1 || op.quorum.achieved().needed > 1))
        ask.hash = kit::hash64(answer.entry);
    // One that failed may have been another's cover: that one may be covered once more.
    if (!counts) {
        for (Ask& other : op.asks) other.settled = false;
    }
    op.quorum.add(Quorum::Answer{counts, ask.target.owner(), false, false,
                                 table.placement->datacentre_of(ask.target.node)});
}

Result<void> Coordinator::keep_read(Operation& op, const ServedTable& table, const ReadAnswer& answer) {
    if (!answer.ok || answer.entry.empty() || View(op.gathered) == answer.entry) return {};
    if (op.gathered.empty()) {
        op.gathered.assign(answer.entry);
    } else {
        auto joined = table.resolver.resolver->join(op.gathered, answer.entry);
        if (!joined) return joined.error();
        op.gathered = std::move(*joined);
        op.quorum.mark_merged();
    }
    op.gathered_hash = kit::hash64(op.gathered);
    return {};
}

void Coordinator::take_read(const port::Turn& turn, base::SlotId id, NodeId from, const ReadAnswer& answer) {
    Operation& op = *ops_.find(id);
    ServedTable* table = gate_.catalogue.find(op.table);
    if (table == nullptr) return refuse(turn, id, fail(Code::not_found, "the table was dropped meanwhile"));
    Ask* ask = ask_of(op, from);
    if (ask == nullptr) return;
    bool other = answer.ok && ask->digest && answer.hash != 0 && answer.hash != op.gathered_hash;
    if (other) {
        // It holds something else: now its bytes are wanted.
        ask->digest = false;
        wire::ReadAsk whole{ref_of(id), op.quorum.achieved().epoch, EntryKey{op.token, op.table, op.key}, false,
                            op.deadline - turn.now.steady};
        if (say(turn, from, whole)) return;
    }
    count_read(op, *ask, other ? ReadAnswer{false, not_asked(), {}, true, 0} : answer);
    if (auto kept = keep_read(op, *table, answer); !kept) return refuse(turn, id, kept.error());
    advance_read(turn, id, answer.ok ? Error{} : answer.error);
}

/// Whoever answered with less than is known now gets the difference. It is said in the turn of the reply.
void Coordinator::repair_replicas(const port::Turn& turn, Operation& op, View entry) {
    if (op.asks.size() < 2 || entry.empty()) return;
    std::uint64_t hash = kit::hash64(entry);
    EntryKey key{op.token, op.table, op.key};
    for (const Ask& ask : op.asks) {
        if (ask.state != Ask::State::yes || ask.hash == hash || !ask.target.owner()) continue;
        counters_.repairs.add();
        if (ask.target.node == gate_.catalogue.self()) {
            Write write{key, entry};
            if (engine_.apply(std::span<const Write>(&write, 1))) syncs_.note(turn, Sync::interval);
            continue;
        }
        wire::WriteAsk repair{wire::Ref{0}, op.quorum.achieved().epoch, key, entry, Sync::interval, {}, seconds(5)};
        (void)say(turn, ask.target.node, repair);
    }
}

/// What was read draws this node's clock, and the write that builds on it comes behind it.
void Coordinator::meet_stamps(const port::Turn& turn, Operation& op, const ServedTable& table) {
    if (!table.resolver.stamps_decide()) return;
    gate_.stamps.meet(reading_, turn.now.wall);
    if (!op.passed_on_before) op.stamp = std::max(op.stamp, latest_of(reading_));
}

void Coordinator::read_complete(const port::Turn& turn, base::SlotId id, View entry) {
    Operation& op = *ops_.find(id);
    ServedTable& table = *gate_.catalogue.find(op.table);
    op.read_done = true;
    op.again_at = port::never;
    if (!entry.empty()) {
        auto opened = table.resolver.resolver->read(entry, turn.now.wall, reading_);
        if (!opened) return refuse(turn, id, opened.error());
        if (reading_.values > 1) op.quorum.mark_merged();
        meet_stamps(turn, op, table);
    }
    const Reading* reading = entry.empty() ? nullptr : &reading_;
    repair_replicas(turn, op, entry);
    if (!op.writes()) return answer_reading(turn, id, reading);
    if (op.call == port::Call::put_if) return compare(turn, id, entry);
    op.found = reading != nullptr && reading->values > 0;
    // Nothing was ever known of the key: there is nothing a tombstone would cover. (A tombstone that is there may
    // not be durable yet, so a second remove is written like the first.)
    if (reading == nullptr && op.call == port::Call::remove) return answer_write(turn, id);
    if (reading != nullptr) op.seen.assign(reading->context);
    op.has_context = reading != nullptr;
    find_held(turn, id);
}

namespace {

/// Whether everything that is there was seen by who gave `expected`.
bool all_seen(const Reading& reading, View expected) {
    for (const Version& version : reading.versions) {
        if (!kit::context_holds(expected, version.dot)) return false;
    }
    return !reading.versions.empty();
}

}  // namespace

void Coordinator::compare(const port::Turn& turn, base::SlotId id, View entry) {
    Operation& op = *ops_.find(id);
    const Reading* reading = entry.empty() ? nullptr : &reading_;
    if (reading != nullptr && same_write(turn, id, *reading, entry)) return;
    bool holds = false;
    if (op.seen.empty())
        holds = reading == nullptr || reading->values == 0;
    else
        holds = reading != nullptr && (View(reading->context) == View(op.seen) || all_seen(*reading, op.seen));
    if (!holds) return answer_not_stored(turn, id, reading);
    // What is there is a removal at most: the write covers it.
    if (op.seen.empty() && reading != nullptr) op.seen.assign(reading->context);
    op.has_context = !op.seen.empty();
    find_held(turn, id);
}

void Coordinator::read_done(const port::Turn& turn, base::SlotId name, const ReadAnswer& answer) {
    Operation* op = ops_.find(name);
    if (op == nullptr) return;
    if (op->stage == Stage::looking_up)
        take_held(turn, name, answer);
    else if (op->stage == Stage::reading)
        take_read(turn, name, gate_.catalogue.self(), answer);
    park(name);
}

}  // namespace ashlar::request
