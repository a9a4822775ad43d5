// Coordinator: the held entry is found if it matters, a version is made and named, the owners are asked to keep it.
#include "ashlar/plugin.h"
#include "kit/context.h"
#include "kit/hash.h"
#include "kit/text.h"
#include "request/coordinator.h"

namespace ashlar::request {
namespace {

Change change_of(const Operation& op, const Now& now) {
    Change change;
    change.remove = op.call == port::Call::remove;
    change.value = change.remove ? View{} : View(op.value);
    change.context = op.seen;
    change.complete_through = op.complete_through;
    change.wall = now.wall;
    if (op.ttl.us != 0 && !change.remove) change.expires = now.wall + op.ttl;
    change.request = op.request;
    return change;
}

Recent::Name name_of(const Operation& op) {
    return Recent::Name{op.request, op.table, kit::hash64(op.key)};
}

/// What the writer has seen once its write is in: what it had seen, and the write itself. Never the siblings it
/// did not see, else its next write would replace them. `all` says that nothing else of the dot's actor is
/// unseen: then one number says it all, and a writer that never reads again keeps a short context.
/// `context` is memory to work in.
void context_after(View seen, const Dot& dot, bool all, kit::CausalContext& context, Bytes& out) {
    context.clear();
    if (!seen.empty()) {
        kit::Reader in(seen);
        context.read(in);
    }
    if (all)
        context.raise(dot.actor, dot.counter);
    else
        context.add(dot);
    out.clear();
    kit::Writer writer(out);
    context.encode(writer);
}

/// Whether all that is held of an actor's versions was seen.
bool all_of_actor_seen(const Reading& reading, const Actor& actor, View seen) {
    for (const Version& version : reading.versions) {
        if (version.dot.actor == actor && !kit::context_holds(seen, version.dot)) return false;
    }
    return true;
}

/// A resolver that counts per key has named the version itself: it is the actor's newest.
Dot newest_of(const Actor& actor, const Reading& reading) {
    Dot newest{actor, 0};
    for (const Version& version : reading.versions) {
        if (version.dot.actor == actor) newest.counter = std::max(newest.counter, version.dot.counter);
    }
    return newest;
}

}  // namespace

bool Coordinator::known_retry(const port::Turn& turn, base::SlotId id) {
    Operation& op = *ops_.find(id);
    const Recent::Outcome* outcome = recent_.find(name_of(op));
    if (outcome == nullptr || gate_.catalogue.find(op.table) == nullptr) return false;
    counters_.retries_recognised.add();
    op.written.assign(outcome->context);
    op.found = outcome->found;
    confirm(turn, id, outcome->sequence);
    return true;
}

void Coordinator::find_held(const port::Turn& turn, base::SlotId id) {
    Operation& op = *ops_.find(id);
    ServedTable* table = gate_.catalogue.find(op.table);
    if (table == nullptr) return refuse(turn, id, fail(Code::not_found, "the table was dropped meanwhile"));
    bool needs = table->resolver.resolver->needs_held(change_of(op, turn.now));
    bool blind = !op.has_context;
    bool removes = op.call == port::Call::remove;
    if (!needs && !blind && !removes && !op.request.given()) return make_version(turn, id, nullptr);
    // Soon after a start only the disk may know that a request id was served in the life before.
    // A removal tells whether there was a value.
    bool must = needs || removes || (op.request.given() && turn.now.steady < restart_window_end_);
    op.complete_through = dots_.last();
    op.stage = Stage::looking_up;
    auto answer = replica_.read(turn, ReadAsk{id, EntryKey{op.token, op.table, op.key}, must});
    if (answer) return take_held(turn, id, *answer);
    if (must) return;
    op.complete_through = 0;
    make_version(turn, id, nullptr);
}

void Coordinator::take_held(const port::Turn& turn, base::SlotId id, const ReadAnswer& answer) {
    if (!answer.ok) return refuse(turn, id, answer.error);
    make_version(turn, id, &answer.entry);
}

bool Coordinator::same_write(const port::Turn& turn, base::SlotId id, const Reading& reading) {
    Operation& op = *ops_.find(id);
    if (!op.request.given()) return false;
    for (const Version& version : reading.versions) {
        if (version.request != op.request) continue;
        counters_.retries_recognised.add();
        context_after(op.seen, version.dot, false, after_, op.written);
        op.found = op.call == port::Call::remove;
        confirm(turn, id, replica_.applied());
        return true;
    }
    return false;
}

bool Coordinator::admit_held(const port::Turn& turn, base::SlotId id, View held) {
    Operation& op = *ops_.find(id);
    const LoadedResolver& resolver = gate_.catalogue.find(op.table)->resolver;
    if (auto opened = resolver.resolver->read(held, turn.now.wall, reading_); !opened) {
        refuse(turn, id, opened.error());
        return false;
    }
    if (same_write(turn, id, reading_)) return false;
    // A put with a context is always admitted: it is the way out for a key that has too many.
    if (!op.seen.empty() || (resolver.capabilities & merges_blind_writes) != 0) return true;
    if (reading_.values >= gate_.limits.siblings_refuse) {
        refuse(turn, id,
               fail(Code::invalid_request,
                    kit::text("the key has ", reading_.values, " siblings, the limit is ", gate_.limits.siblings_refuse,
                              " (limits.siblings_refuse): read it and write with the context of the read")));
        return false;
    }
    if (reading_.values + 1 >= gate_.limits.siblings_warn) counters_.siblings_warned.add();
    return true;
}

void Coordinator::make_version(const port::Turn& turn, base::SlotId id, const View* held) {
    Operation& op = *ops_.find(id);
    ServedTable* table = gate_.catalogue.find(op.table);
    if (table == nullptr) return refuse(turn, id, fail(Code::not_found, "the table was dropped meanwhile"));
    const ConflictResolver& resolver = *table->resolver.resolver;
    bool per_key = (table->resolver.capabilities & per_key_counters) != 0;
    Dot dot{dots_.actor(per_key), 0};
    bool all = held != nullptr;
    if (held != nullptr && !held->empty()) {
        if (!admit_held(turn, id, *held)) return;
        op.found = reading_.values > 0;
        all = all_of_actor_seen(reading_, dot.actor, op.seen);
    }
    auto counter = dots_.take();
    if (!counter) {
        return refuse(turn, id, fail(Code::overloaded, "the node cannot store a new lease of version counters yet"));
    }
    dot.counter = *counter;
    Change change = change_of(op, turn.now);
    change.dot = dot;
    // Where stamps decide, this node's never run backwards, though its clock may.
    if ((table->resolver.capabilities & merges_blind_writes) != 0) {
        stamped_ = std::max(stamped_ + microseconds(1), turn.now.wall);
        change.wall = stamped_;
    }
    auto entry = resolver.update(held != nullptr ? *held : View{}, change);
    if (!entry) return refuse(turn, id, entry.error());
    if (per_key) {
        if (auto opened = resolver.read(*entry, turn.now.wall, reading_); !opened)
            return refuse(turn, id, opened.error());
        dot = newest_of(dot.actor, reading_);
    }
    context_after(op.seen, dot, all, after_, op.written);
    ask_writes(turn, id, *entry);
}

void Coordinator::ask_writes(const port::Turn& turn, base::SlotId id, View entry) {
    Operation& op = *ops_.find(id);
    ServedTable& table = *gate_.catalogue.find(op.table);
    op.stage = Stage::writing;
    const Walk& walk = table.placement->walk(op.token);
    op.quorum.init(op.write_needs, walk.owners, table.placement->ring().epoch);
    for (std::uint32_t i = 0; i < walk.owners; ++i) {
        NodeId node = walk.nodes[i];
        std::optional<WriteAnswer> answer;
        if (node == gate_.catalogue.self()) {
            answer = replica_.write(turn, WriteAsk{id, EntryKey{op.token, op.table, op.key}, entry, op.sync});
            if (!answer || answer->ok) {
                op.applied = true;
                if (op.request.given()) recent_.add(name_of(op), {replica_.applied(), op.written, op.found});
                leave_line(id, op);
            }
        } else {
            answer = WriteAnswer{false, fail(Code::unavailable, "an owner of the key cannot be reached"), false};
        }
        if (answer) take_write(turn, id, node, *answer);
        if (ops_.find(id) == nullptr) return;
    }
}

void Coordinator::confirm(const port::Turn& turn, base::SlotId id, Sequence sequence) {
    Operation& op = *ops_.find(id);
    ServedTable& table = *gate_.catalogue.find(op.table);
    leave_line(id, op);
    op.stage = Stage::writing;
    op.applied = true;
    op.quorum.init(op.write_needs, table.placement->walk(op.token).owners, table.placement->ring().epoch);
    auto answer = replica_.confirm(turn, id, sequence, op.sync);
    if (answer) take_write(turn, id, gate_.catalogue.self(), *answer);
}

void Coordinator::take_write(const port::Turn& turn, base::SlotId id, NodeId from, const WriteAnswer& answer) {
    Operation& op = *ops_.find(id);
    ServedTable* table = gate_.catalogue.find(op.table);
    View datacentre = table == nullptr ? View{} : table->placement->datacentre_of(from);
    op.quorum.add(Quorum::Answer{answer.ok, true, answer.synced, false, datacentre});
    if (op.quorum.enough()) return answer_write(turn, id);
    if (op.quorum.impossible()) refuse(turn, id, answer.error);
}

void Coordinator::write_done(const port::Turn& turn, base::SlotId name, const WriteAnswer& answer) {
    if (ops_.find(name) != nullptr) take_write(turn, name, gate_.catalogue.self(), answer);
}

}  // namespace ashlar::request
