// Coordinator: reads by quorum, for get and exists and for the writes that build on a read made first.
#include "kit/context.h"
#include "request/coordinator.h"

namespace ashlar::request {

void Coordinator::ask_reads(const port::Turn& turn, base::SlotId id) {
    Operation& op = *ops_.find(id);
    ServedTable* table = gate_.catalogue.find(op.table);
    if (table == nullptr) return refuse(turn, id, fail(Code::not_found, "the table was dropped meanwhile"));
    op.stage = Stage::reading;
    const Walk& walk = table->placement->walk(op.token);
    op.quorum.init(op.read_needs, walk.owners, table->placement->ring().epoch);
    for (std::uint32_t i = 0; i < walk.owners; ++i) {
        NodeId node = walk.nodes[i];
        std::optional<ReadAnswer> answer;
        if (node == gate_.catalogue.self()) {
            answer = replica_.read(turn, ReadAsk{id, EntryKey{op.token, op.table, op.key}, true});
        } else {
            answer.emplace();
            answer->ok = false;
            answer->error = fail(Code::unavailable, "an owner of the key cannot be reached");
        }
        if (answer) take_read(turn, id, node, *answer);
        // The answer may have moved the order on, or ended it.
        if (ops_.find(id) == nullptr || op.stage != Stage::reading || op.read_done) return;
    }
}

void Coordinator::take_read(const port::Turn& turn, base::SlotId id, NodeId from, const ReadAnswer& answer) {
    Operation& op = *ops_.find(id);
    ServedTable* table = gate_.catalogue.find(op.table);
    if (table == nullptr) return refuse(turn, id, fail(Code::not_found, "the table was dropped meanwhile"));
    // "Absent" is a claim only a complete owner can make.
    bool counts = answer.ok && (answer.complete || !answer.entry.empty());
    op.quorum.add(Quorum::Answer{counts, true, false, false, table->placement->datacentre_of(from)});
    bool enough = op.quorum.enough();
    if (counts && enough && op.gathered.empty()) return read_complete(turn, id, answer.entry);
    if (counts && !answer.entry.empty()) {
        if (op.gathered.empty()) {
            op.gathered.assign(answer.entry);
        } else if (View(op.gathered) != answer.entry) {
            auto joined = table->resolver.resolver->join(op.gathered, answer.entry);
            if (!joined) return refuse(turn, id, joined.error());
            op.gathered = std::move(*joined);
            op.quorum.mark_merged();
        }
    }
    if (enough) return read_complete(turn, id, op.gathered);
    if (op.quorum.impossible()) {
        refuse(turn, id, answer.ok ? fail(Code::unavailable, "too few owners hold all of the range") : answer.error);
    }
}

void Coordinator::read_complete(const port::Turn& turn, base::SlotId id, View entry) {
    Operation& op = *ops_.find(id);
    ServedTable& table = *gate_.catalogue.find(op.table);
    op.read_done = true;
    if (!entry.empty()) {
        auto opened = table.resolver.resolver->read(entry, turn.now.wall, reading_);
        if (!opened) return refuse(turn, id, opened.error());
        if (reading_.values > 1) op.quorum.mark_merged();
    }
    const Reading* reading = entry.empty() ? nullptr : &reading_;
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
    if (reading != nullptr && same_write(turn, id, *reading)) return;
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
