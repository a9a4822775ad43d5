// Coordinator: a write whose request id this node has served before is the same write, and gets the same answer.
#include "kit/context.h"
#include "kit/hash.h"
#include "request/coordinator.h"

namespace ashlar::request {
namespace {

Recent::Name name_of(const Operation& op) {
    return Recent::Name{op.request, op.table, kit::hash64(op.key)};
}

}  // namespace

bool Coordinator::known_retry(const port::Turn& turn, base::SlotId id) {
    Operation& op = *ops_.find(id);
    const Recent::Outcome* outcome = recent_.find(name_of(op));
    if (outcome == nullptr || gate_.catalogue.find(op.table) == nullptr) return false;
    counters_.retries_recognised.add();
    op.made = outcome->dot;
    op.written.assign(outcome->context);
    op.found = outcome->found;
    op.stamp = outcome->stamp;
    if (alone(op)) {
        confirm(turn, id, outcome->sequence);
    } else {
        // The others may not have it: what is held here, which knows of the write, goes out again.
        op.again = true;
        find_held(turn, id);
    }
    return true;
}

void Coordinator::send_again(const port::Turn& turn, base::SlotId id, View held) {
    Operation& op = *ops_.find(id);
    if (still_held(turn, op, held)) return ask_writes(turn, id, held);
    op.again = false;
    // To remove once more what was seen removes nothing else.
    if (op.call == port::Call::remove && !op.replaces_found) return make_version(turn, id, &held);
    op.applied = true;
    refuse(turn, id,
           fail(Code::unavailable, "the write was made when this node was asked before, and is not held here any more: it "
                                   "was replaced and forgotten, or given up with a damaged block; read the key"));
}

/// What a node once applied it may have lost since: with a damaged block that it gave up, as a stand-in that has paid,
/// or as a tombstone that all owners have forgotten. An answer would then stand for copies that nobody has.
bool Coordinator::still_held(const port::Turn& turn, const Operation& op, View held) {
    const ServedTable* table = gate_.catalogue.find(op.table);
    if (table == nullptr || held.empty()) return false;
    const LoadedResolver& resolver = table->resolver;
    if (!resolver.resolver->read(held, turn.now.wall, reading_)) return false;
    if (resolver.stamps_decide()) return latest_of(reading_) >= op.stamp;
    return reading_.truncated || kit::context_holds(reading_.context, op.made);
}

/// A name that was drawn for a second node is of no use to the first.
void Coordinator::remember(const port::Turn& turn, const Operation& op) {
    if (!op.request.given() || op.drawn) return;
    recent_.add(name_of(op), {replica_.applied(), op.made, op.written, op.found, op.stamp}, turn.now.steady);
}

}  // namespace ashlar::request
