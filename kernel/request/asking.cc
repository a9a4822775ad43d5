// Coordinator: what other nodes answer, what becomes of asks that stay without one, and the end of an order.
#include <algorithm>
#include <utility>

#include "kit/text.h"
#include "request/coordinator.h"

namespace ashlar::request {
namespace {

/// A replica that left an ask unanswered for so long is heard of as silent.
constexpr Duration silent_after = milliseconds(500);
/// A state travels and is synced in so long, usually; longer pauses where it takes more.
constexpr Duration epoch_pause_least = milliseconds(20);
constexpr Duration epoch_pause_most = milliseconds(320);

}  // namespace

wire::Ref Coordinator::ref_of(base::SlotId id) const {
    return wire::Ref{(std::uint64_t{id.generation} << 32 | id.index) ^ life_};
}

base::SlotId Coordinator::id_of(wire::Ref ref) const {
    std::uint64_t value = ref.value ^ life_;
    return base::SlotId{static_cast<std::uint32_t>(value), static_cast<std::uint32_t>(value >> 32)};
}

Ask* Coordinator::ask_of(Operation& op, NodeId node) {
    auto at = std::find_if(op.asks.begin(), op.asks.end(), [node](const Ask& ask) {
        return ask.target.node == node && ask.state == Ask::State::waiting;
    });
    return at == op.asks.end() ? nullptr : &*at;
}

bool Coordinator::waits(const Operation& op) {
    return std::any_of(op.asks.begin(), op.asks.end(), [](const Ask& ask) { return ask.state == Ask::State::waiting; });
}

std::vector<View> Coordinator::askable(const Operation& op) {
    std::vector<View> out;
    const ServedTable& table = *gate_.catalogue.find(op.table);
    for (const Target& target : op.candidates) out.push_back(table.placement->datacentre_of(target.node));
    return out;
}

std::optional<Target> Coordinator::next_wanted(Operation& op, const ServedTable& table) {
    auto wanted = std::find_if(op.candidates.begin(), op.candidates.end(), [&](const Target& target) {
        return op.quorum.wants(table.placement->datacentre_of(target.node));
    });
    if (wanted == op.candidates.end()) return std::nullopt;
    Target target = *wanted;
    op.candidates.erase(wanted);
    return target;
}

Error Coordinator::too_few(const Operation& op, View what) const {
    const port::Achieved& achieved = op.quorum.achieved();
    return fail(Code::unavailable, kit::text("too few replicas of the key ", what, ": ", achieved.needed,
                                             " must answer, ", achieved.answered, " of ", achieved.replicas, " did"));
}

Error Coordinator::not_asked() {
    return fail(Code::unavailable, "an owner of the key cannot be reached, or the link to it is full: try again");
}

bool Coordinator::say(const port::Turn& turn, NodeId to, const wire::Message& message) {
    return turn.effects.send(members_.peer(to, port::Road::link), port::Road::link, message);
}

bool Coordinator::hear(const port::Turn& turn, const wire::Sender& from, const wire::Message& message) {
    if (const auto* read = std::get_if<wire::ReadAnswer>(&message)) {
        base::SlotId id = id_of(read->ref);
        Operation* op = ops_.find(id);
        if (op == nullptr || op->stage != Stage::reading || op->read_done) return true;
        hear_well(turn, *op, from.node);
        if (Fence::held(read->fault) && wait_for_epoch(turn, id)) return true;
        ReadAnswer answer{read->fault.none(), {}, read->entry, read->complete, read->digest};
        if (!answer.ok) answer.error = read->fault.error();
        take_read(turn, id, from.node, answer);
        park(id);
        return true;
    }
    if (const auto* scan = std::get_if<wire::ScanAnswer>(&message)) {
        take_scan(turn, from.node, *scan);
        return true;
    }
    if (const auto* order = std::get_if<wire::OrderAsk>(&message)) {
        take_order(turn, from.node, *order);
        return true;
    }
    if (const auto* answer = std::get_if<wire::OrderAnswer>(&message)) {
        take_order_answer(turn, from.node, *answer);
        return true;
    }
    const auto* write = std::get_if<wire::WriteAnswer>(&message);
    if (write == nullptr) return false;
    base::SlotId id = id_of(write->ref);
    Operation* op = ops_.find(id);
    if (op == nullptr || op->stage != Stage::writing) return true;
    hear_well(turn, *op, from.node);
    if (Fence::held(write->fault) && wait_for_epoch(turn, id)) return true;
    WriteAnswer answer{write->fault.none(), {}, write->synced};
    if (!answer.ok) answer.error = write->fault.error();
    take_write(turn, id, from.node, answer);
    return true;
}

void Coordinator::hear_well(const port::Turn& turn, Operation& op, NodeId node) {
    const Ask* ask = ask_of(op, node);
    if (ask == nullptr) return;
    const Duration took = turn.now.steady - ask->sent;
    // A page takes as long as it is full, which says nothing of the node.
    if (op.stage != Stage::scanning) members_.data_path(node, true, took, turn.now);
    if (op.stage != Stage::writing) timings_.replica(op.table, read_by(op), took);
}

void Coordinator::lost(const port::Turn& turn, NodeId peer) {
    Error error = fail(Code::unavailable, "the link to an owner of the key broke");
    for (std::uint32_t index = 0; index < ops_.slots(); ++index) {
        base::SlotId id = ops_.tenant(index);
        Operation* op = ops_.find(id);
        if (op == nullptr || ask_of(*op, peer) == nullptr) continue;
        if (op->stage == Stage::reading && !op->read_done) {
            take_read(turn, id, peer, ReadAnswer{false, error, {}, true, 0});
            park(id);
        } else if (op->stage == Stage::writing) {
            take_write(turn, id, peer, WriteAnswer{false, error, false});
        } else if (op->stage == Stage::scanning) {
            take_part(turn, id, peer, {}, ReadAnswer{false, error, {}, true, 0});
            park(id);
        } else if (op->stage == Stage::forwarded) {
            forward_lost(turn, id);
        }
    }
}

bool Coordinator::may_be_covered(const Operation& op) {
    if (op.candidates.empty()) return false;
    return op.stage == Stage::reading || (op.stage == Stage::scanning && !op.gathering->making);
}

Timings::Read Coordinator::read_by(const Operation& op) {
    return op.stage == Stage::scanning ? Timings::Read::page : Timings::Read::key;
}

/// A replica that lets a read wait is covered by another; the slow one's answer still counts when it comes.
void Coordinator::speculate(const port::Turn& turn, base::SlotId id) {
    Operation& op = *ops_.find(id);
    // Not left as it is: it would be looked at again at once, for ever.
    if (gate_.catalogue.find(op.table) == nullptr)
        return refuse(turn, id, fail(Code::not_found, "the table was dropped meanwhile"));
    for (Ask& ask : op.asks) {
        if (ask.state != Ask::State::waiting || ask.settled) continue;
        ask.settled = true;
        counters_.speculations.add();
        // Of its data centre where there is one left: another may be of no use to the level.
        auto cover = std::find_if(op.candidates.begin(), op.candidates.end(), [&](const Target& candidate) {
            return gate_.health.near(candidate.node, ask.target.node);
        });
        if (cover == op.candidates.end()) cover = op.candidates.begin();
        Target target = *cover;
        op.candidates.erase(cover);
        if (op.stage == Stage::scanning) {
            if (!ask_scan(turn, id, target)) advance_scan(turn, id, {});
        } else if (auto answer = ask_reader(turn, id, target)) {
            take_read(turn, id, target.node, *answer);
        }
        return;
    }
}

bool Coordinator::wait_for_epoch(const port::Turn& turn, base::SlotId id) {
    Operation& op = *ops_.find(id);
    if (op.answered) return false;
    if (op.again_at == port::never) {
        op.epoch_pause = std::clamp(op.epoch_pause + op.epoch_pause, epoch_pause_least, epoch_pause_most);
        op.again_at = turn.now.steady + op.epoch_pause;
    }
    park(id);
    return true;
}

/// From the beginning of what it was doing, by the ring and the tables as they are now.
void Coordinator::ask_again(const port::Turn& turn, base::SlotId was) {
    // What was refused may wait for its last answers still.
    if (!renew_needs(turn, was)) return park(was);
    const base::SlotId id = under_new_name(was);
    Operation& op = *ops_.find(id);
    op.again_at = port::never;
    ask_anew(turn, id);
    park(id);
}

/// So that no answer of the epoch before is counted.
base::SlotId Coordinator::under_new_name(base::SlotId id) {
    const base::SlotId fresh = ops_.take();
    Operation& op = *ops_.find(fresh);
    std::swap(op, *ops_.find(id));
    if (op.holds_line) lines_.rename(op.table, op.key, id, fresh);
    deadlines_.clear(id.index);
    ops_.give_back(id);
    return fresh;
}

void Coordinator::ask_anew(const port::Turn& turn, base::SlotId id) {
    Operation& op = *ops_.find(id);
    if (op.stage == Stage::writing) {
        const Bytes entry = std::move(op.entry);
        return ask_writes(turn, id, entry);
    }
    if (op.stage == Stage::scanning) return ask_scans(turn, id);
    if (op.stage == Stage::forwarded) return go(turn, id);
    if (op.stage == Stage::reading && !op.read_done) ask_reads(turn, id);
}

bool Coordinator::renew_needs(const port::Turn& turn, base::SlotId id) {
    Operation& op = *ops_.find(id);
    ServedTable* table = gate_.catalogue.find(op.table);
    if (table == nullptr) {
        refuse(turn, id, fail(Code::not_found, "the table was dropped meanwhile"));
        return false;
    }
    for (auto [needs, level] : {std::pair{&op.read_needs, op.read_level}, std::pair{&op.write_needs, op.write_level}}) {
        if (*needs == nullptr) continue;
        auto renewed = table->placement->needs(level);
        if (!renewed) {
            refuse(turn, id, renewed.error());
            return false;
        }
        *needs = std::move(*renewed);
    }
    return true;
}

/// The client has its answer; the rest of the replicas are seen through until the last answer or the deadline.
void Coordinator::answered(const port::Turn& turn, base::SlotId id) {
    Operation& op = *ops_.find(id);
    leave_line(id, op);
    op.answered = true;
    op.again_at = port::never;  // who waits for another epoch is owed the write when it is finished
    op.batch = {};
    ++answered_;
    if (op.stage != Stage::writing || !op.applied || !waits(op)) return finish(turn, id);
    see_through(turn, id);
}

/// A replica that has stalled must not take the room of new orders: there are as many stragglers as orders at most, and
/// behind that the oldest ends early, which leaves its hint.
void Coordinator::see_through(const port::Turn& turn, base::SlotId id) {
    answered_first_.push_back(id);
    while (!answered_first_.empty()) {
        const base::SlotId oldest = answered_first_.front();
        if (ops_.find(oldest) != nullptr) {
            if (answered_ <= gate_.limits.waiting_orders) return;
            finish(turn, oldest);
        }
        answered_first_.pop_front();
    }
}

/// Every owner that did not take the write is owed it.
void Coordinator::finish(const port::Turn& turn, base::SlotId id) {
    Operation& op = *ops_.find(id);
    ServedTable* table = gate_.catalogue.find(op.table);
    if (op.stage == Stage::writing && op.applied && table != nullptr) {
        const Walk& walk = table->placement->walk(op.token);
        const bool here = std::any_of(op.asks.begin(), op.asks.end(), [this](const Ask& ask) {
            return ask.target.node == gate_.catalogue.self() && ask.state != Ask::State::no;
        });
        for (std::uint32_t i = 0; i < walk.owners; ++i) {
            NodeId owner = walk.nodes[i];
            bool held = std::any_of(op.asks.begin(), op.asks.end(), [owner](const Ask& ask) {
                return ask.state == Ask::State::yes && (ask.target.node == owner || ask.target.absent == owner);
            });
            if (held || owner == gate_.catalogue.self() || op.entry.empty()) continue;
            hints_.owe(owner, EntryKey{op.token, op.table, op.key}, op.entry, here);
            syncs_.note(turn, Sync::interval);
        }
    }
    for (const Ask& ask : op.asks) {
        // A client in a hurry proves nothing against a replica.
        bool waited = op.deadline <= turn.now.steady && silent_after <= turn.now.steady - ask.sent;
        const bool silent = ask.state == Ask::State::waiting && ask.target.node != gate_.catalogue.self();
        // One that was covered took at least so long; else only the quick ones would be known.
        if (silent && (op.stage == Stage::reading || op.stage == Stage::scanning))
            timings_.replica(op.table, read_by(op), turn.now.steady - ask.sent);
        if (silent && waited)
            members_.data_path(ask.target.node, false, Duration{0}, turn.now);
    }
    if (op.answered) --answered_;
    deadlines_.clear(id.index);
    ops_.give_back(id);
}

}  // namespace ashlar::request
