// Coordinator: the held entry is found if it matters, a version is made and named, the owners are asked to keep it.
#include <algorithm>

#include "ashlar/plugin.h"
#include "kit/context.h"
#include "kit/text.h"
#include "request/coordinator.h"
#include "wire/frame.h"

namespace ashlar::request {
namespace {

/// A blind put whose key memory cannot tell of goes unseen, but one of so many waits for the disk: so a key that gets
/// nothing but blind puts meets the limit of siblings all the same, a few later, and from then on each is looked at.
constexpr std::uint32_t unseen_puts_most = 15;
/// For the key, the actors of the context, and what each version has beside its value.
constexpr std::uint64_t entry_head_room = 64 * 1024;

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

bool Coordinator::alone(const Operation& op) {
    return gate_.catalogue.find(op.table)->placement->walk(op.token).nodes.size() == 1;
}

/// Whether every version of the key that this node ever named is held here: an owner keeps its own copy first. A node
/// that coordinates for owners elsewhere knows nothing of what it made before, also when it becomes an owner later.
bool Coordinator::holds_own(const Operation& op) {
    ServedTable* table = gate_.catalogue.find(op.table);
    return table != nullptr && gate_.catalogue.owned_from_the_start(*table, op.token);
}

void Coordinator::find_held(const port::Turn& turn, base::SlotId id) {
    Operation& op = *ops_.find(id);
    ServedTable* table = gate_.catalogue.find(op.table);
    if (table == nullptr) return refuse(turn, id, fail(Code::not_found, "the table was dropped meanwhile"));
    bool needs = table->resolver.resolver->needs_held(change_of(op, turn.now));
    bool blind = !op.has_context;
    bool removes = op.call == port::Call::remove;
    const bool named = op.may_be_made();
    if (!needs && !blind && !removes && !named && !op.again) return make_version(turn, id, nullptr);
    // Whether a request id was served may be known by the disk only: where another node took it, soon after a start,
    // and when many came since.
    const Instant window{turn.now.steady.us - gate_.limits.tombstone_grace.us};
    const bool id_forgotten = named && (op.passed_on_before || !recent_.knows_all_since(window));
    // A removal tells whether there was a value.
    bool must = needs || removes || op.again || id_forgotten || unseen_puts_ >= unseen_puts_most ||
                crowded_.has(op.table, op.key);
    op.complete_through = holds_own(op) ? dots_.last() : 0;
    op.stage = Stage::looking_up;
    auto answer = replica_.read(turn, ReadAsk{id, EntryKey{op.token, op.table, op.key}, must});
    if (must) unseen_puts_ = 0;
    if (answer) return take_held(turn, id, *answer);
    if (must) return;
    ++unseen_puts_;
    op.complete_through = 0;
    make_version(turn, id, nullptr);
}

void Coordinator::take_held(const port::Turn& turn, base::SlotId id, const ReadAnswer& answer) {
    if (!answer.ok) return refuse(turn, id, answer.error);
    if (ops_.find(id)->again) return send_again(turn, id, answer.entry);
    make_version(turn, id, &answer.entry);
}

bool Coordinator::same_write(const port::Turn& turn, base::SlotId id, const Reading& reading, View held) {
    Operation& op = *ops_.find(id);
    if (!op.request.given()) return false;
    for (const Version& version : reading.versions) {
        if (version.request != op.request) continue;
        counters_.retries_recognised.add();
        context_after(op.seen, version.dot, false, after_, op.written);
        op.made = version.dot;
        op.found = op.call == port::Call::remove;
        if (gate_.catalogue.find(op.table)->resolver.stamps_decide()) op.stamp = version.wall;
        if (alone(op))
            confirm(turn, id, engine_.applied());
        else
            ask_writes(turn, id, held);
        return true;
    }
    return false;
}

bool Coordinator::admit_held(const port::Turn& turn, base::SlotId id, View held) {
    Operation& op = *ops_.find(id);
    const ServedTable& table = *gate_.catalogue.find(op.table);
    const LoadedResolver& resolver = table.resolver;
    if (auto opened = resolver.resolver->read(held, turn.now.wall, reading_); !opened) {
        refuse(turn, id, opened.error());
        return false;
    }
    if (same_write(turn, id, reading_, held)) return false;
    meet_stamps(turn, op, table);
    // A put with a context is always admitted: it is the way out for a key that has too many.
    if (!op.seen.empty() || resolver.stamps_decide()) return true;
    if (reading_.values + 1 >= gate_.limits.siblings_warn) crowded_.note(op.table, op.key);
    if (reading_.values >= gate_.limits.siblings_refuse) {
        refuse(turn, id,
               fail(Code::invalid_request,
                    kit::text("the key has ", reading_.values, " siblings, the limit is ", gate_.limits.siblings_refuse,
                              " (limits.siblings_refuse): read it and write with the context of the read")));
        return false;
    }
    if (held.size() + op.value.size() + entry_head_room > wire::entry_bytes_max) {
        refuse(turn, id,
               fail(Code::invalid_request,
                    kit::text("the key has ", reading_.values, " siblings of ", held.size(), " bytes, and no more than ",
                              wire::entry_bytes_max, " travel between nodes: read it and write with the context of "
                                                     "the read")));
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
    // A counter per key is only safe where all of the key's own versions are.
    if (per_key && !holds_own(op)) return refuse(turn, id, too_few(op, "can coordinate a write with counters per key"));
    bool all = held != nullptr && holds_own(op);
    if (held != nullptr && !held->empty()) {
        if (!admit_held(turn, id, *held)) return;
        op.found = reading_.values > 0;
        all = all && all_of_actor_seen(reading_, dot.actor, op.seen);
    }
    auto counter = dots_.take();
    if (!counter) {
        return refuse(turn, id, fail(Code::overloaded, "the node cannot store a new lease of version counters yet"));
    }
    dot.counter = *counter;
    Change change = change_of(op, turn.now);
    change.dot = dot;
    if (table->resolver.stamps_decide()) {
        if (!op.passed_on_before) op.stamp = gate_.stamps.next(turn.now.wall, op.stamp);
        change.wall = op.stamp;
    }
    auto entry = resolver.update(held != nullptr ? *held : View{}, change);
    if (!entry) return refuse(turn, id, entry.error());
    if (per_key) {
        if (auto opened = resolver.read(*entry, turn.now.wall, reading_); !opened)
            return refuse(turn, id, opened.error());
        dot = newest_of(dot.actor, reading_);
    }
    context_after(op.seen, dot, all, after_, op.written);
    op.made = dot;
    ask_writes(turn, id, *entry);
}

void Coordinator::ask_writes(const port::Turn& turn, base::SlotId id, View entry) {
    Operation& op = *ops_.find(id);
    ServedTable* served = gate_.catalogue.find(op.table);
    if (served == nullptr) return refuse(turn, id, fail(Code::not_found, "the table was dropped meanwhile"));
    ServedTable& table = *served;
    NodeId self = gate_.catalogue.self();
    op.stage = Stage::writing;
    const Walk& walk = table.placement->walk(op.token);
    op.quorum.init(op.write_needs, walk.owners, table.placement->ring().epoch, !op.strict);
    choose_writers(walk, self, gate_.health, op.candidates);
    op.asks.clear();
    for (const Target& target : op.candidates) {
        op.asks.push_back(Ask{target, turn.now.steady});
        op.quorum.ask(datacentre_of(table, target), !target.owner());
    }
    op.candidates.clear();
    // Kept also when this node alone is left of several owners: the others are owed it. And before any refusal: a copy
    // may have been applied when it was asked in the epoch before.
    if (walk.owners > 1 || op.asks.size() > 1 || op.asks.front().target.node != self) op.entry.assign(entry);
    if (op.quorum.impossible({})) {
        const auto alive = std::count_if(op.asks.begin(), op.asks.end(), [&op](const Ask& ask) {
            return ask.target.owner() || !op.strict;
        });
        op.asks.clear();
        const port::Achieved& achieved = op.quorum.achieved();
        return refuse(turn, id,
                      fail(Code::unavailable, kit::text("too few replicas of the key are alive: ", achieved.needed,
                                                        " must answer, ", alive, " of ", achieved.replicas, " can")));
    }
    // This node's own copy first: what it cannot keep it does not ask others to.
    const std::size_t chosen = op.asks.size();
    for (std::size_t i = 0; i < chosen; ++i) {
        if (op.asks[i].target.node != self) continue;
        if (auto kept = write_here(turn, id, i, entry); !kept) return refuse(turn, id, kept.error());
    }
    write_to_others(turn, id);
    conclude_write(turn, id, {});
}

/// Fails, and changes nothing, when the engine does not take it.
Result<void> Coordinator::write_here(const port::Turn& turn, base::SlotId id, std::size_t place, View entry) {
    Operation& op = *ops_.find(id);
    // A stand-in that coordinates owes the entry like any other.
    EntryKey key{op.token, op.table, op.key};
    auto answer = replica_.write(turn, WriteAsk{id, key, entry, op.sync, op.asks[place].target.absent});
    if (answer && !answer->ok) return answer->error;
    op.applied = true;
    remember(turn, op);
    leave_line(id, op);
    if (answer) note_write(op, op.asks[place], *answer);
    return {};
}

void Coordinator::write_there(const port::Turn& turn, base::SlotId id, std::size_t place) {
    Operation& op = *ops_.find(id);
    const Target target = op.asks[place].target;
    wire::WriteAsk ask{
        ref_of(id),    op.quorum.achieved().epoch,   EntryKey{op.token, op.table, op.key}, op.entry, op.sync,
        target.absent, op.deadline - turn.now.steady};
    if (say(turn, target.node, ask)) {
        op.applied = true;
        if (!gate_.health.near(target.node, gate_.catalogue.self())) counters_.far_copies.add();
        return;
    }
    note_write(op, op.asks[place], WriteAnswer{false, not_asked(), false});
    ask_stand_in(turn, id, target);
}

/// Somebody did not take the write: the next stand-in is asked to keep it for the owner.
void Coordinator::ask_stand_in(const port::Turn& turn, base::SlotId id, const Target& failed) {
    Operation& op = *ops_.find(id);
    ServedTable* table = gate_.catalogue.find(op.table);
    if (table == nullptr) return;
    std::vector<NodeId> asked;
    for (const Ask& ask : op.asks) asked.push_back(ask.target.node);
    NodeId owner = failed.owner() ? failed.node : failed.absent;
    Target next = next_stand_in(table->placement->walk(op.token), owner, gate_.health, asked);
    if (next.node.value == 0) return;
    op.asks.push_back(Ask{next, turn.now.steady});
    op.quorum.ask(datacentre_of(*table, next), true);
    std::size_t place = op.asks.size() - 1;
    if (next.node != gate_.catalogue.self()) return write_there(turn, id, place);
    if (auto kept = write_here(turn, id, place, op.entry); !kept)
        note_write(op, op.asks[place], WriteAnswer{false, kept.error(), false});
}

void Coordinator::confirm(const port::Turn& turn, base::SlotId id, Sequence sequence) {
    Operation& op = *ops_.find(id);
    ServedTable& table = *gate_.catalogue.find(op.table);
    leave_line(id, op);
    op.stage = Stage::writing;
    op.applied = true;
    const Walk& walk = table.placement->walk(op.token);
    NodeId self = gate_.catalogue.self();
    op.quorum.init(op.write_needs, walk.owners, table.placement->ring().epoch, !op.strict);
    op.quorum.ask(table.placement->datacentre_of(self), false);
    op.asks.assign(1, Ask{Target{self, {}}, turn.now.steady});
    auto answer = replica_.confirm(turn, id, sequence, op.sync);
    if (answer) take_write(turn, id, self, *answer);
}

void Coordinator::note_write(Operation& op, Ask& ask, const WriteAnswer& answer) {
    ServedTable* table = gate_.catalogue.find(op.table);
    View datacentre = table == nullptr ? View{} : datacentre_of(*table, ask.target);
    ask.state = answer.ok ? Ask::State::yes : Ask::State::no;
    op.quorum.add(Quorum::Answer{answer.ok, ask.target.owner(), answer.synced, !ask.target.owner(), datacentre});
}

void Coordinator::take_write(const port::Turn& turn, base::SlotId id, NodeId from, const WriteAnswer& answer) {
    Operation& op = *ops_.find(id);
    Ask* ask = ask_of(op, from);
    if (ask == nullptr) return;
    Target target = ask->target;
    note_write(op, *ask, answer);
    if (!answer.ok && from != gate_.catalogue.self()) {
        cover_relayed(turn, id, from);
        ask_stand_in(turn, id, target);
    }
    if (ops_.find(id) != nullptr) conclude_write(turn, id, answer.error);
}

/// Replies once there are enough; refuses once there cannot be; lets go once all have answered.
void Coordinator::conclude_write(const port::Turn& turn, base::SlotId id, const Error& last) {
    const Operation& op = *ops_.find(id);
    if (!op.answered && op.quorum.enough()) return answer_write(turn, id);
    if (!op.answered && op.quorum.impossible({})) {
        return refuse(turn, id, last.detail.empty() ? too_few(op, "took the write") : last);
    }
    if (op.answered && !waits(op)) finish(turn, id);
}

void Coordinator::write_done(const port::Turn& turn, base::SlotId name, const WriteAnswer& answer) {
    if (ops_.find(name) != nullptr) take_write(turn, name, gate_.catalogue.self(), answer);
}

}  // namespace ashlar::request
