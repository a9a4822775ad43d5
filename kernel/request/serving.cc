#include "request/serving.h"

#include <algorithm>

#include "kit/hash.h"
#include "kit/text.h"
#include "request/range_work.h"
#include "request/targets.h"
#include "wire/frame.h"

namespace ashlar::request {
namespace {

/// Whether an answer can carry so much of one key.
Result<void> check_travels(std::uint64_t bytes) {
    if (bytes <= wire::entry_bytes_max) return {};
    return fail(Code::invalid_request,
                kit::text("a replica holds more of the key, with all its siblings, than the ", wire::entry_bytes_max,
                          " bytes that travel between nodes: read it at level one through an owner, and settle its "
                          "siblings"));
}

}  // namespace

Serving::Serving(Catalogue& catalogue, const Fence& fence, StorageEngine& engine, port::Works& works, SyncQueue& syncs,
                 member::Members& members, port::HintKeeper& hints, Stamps& stamps, const port::Limits& limits,
                 Meter& meter)
    : catalogue_(catalogue),
      fence_(fence),
      engine_(engine),
      works_(works),
      members_(members),
      stamps_(stamps),
      limits_(limits),
      served_(meter.counter("replica_asks_served")),
      refused_(meter.counter("replica_asks_refused")),
      relayed_(meter.counter("replica_writes_relayed")),
      replica_(engine, works, syncs, hints, *this) {}

bool Serving::hear(const port::Turn& turn, const wire::Sender& from, const wire::Message& message) {
    if (const auto* read_ask = std::get_if<wire::ReadAsk>(&message))
        read(turn, from.node, *read_ask);
    else if (const auto* write_ask = std::get_if<wire::WriteAsk>(&message))
        (void)write(turn, from.node, *write_ask);
    else if (const auto* scan_ask = std::get_if<wire::ScanAsk>(&message))
        scan(turn, from.node, *scan_ask);
    else if (const auto* hint = std::get_if<wire::HintGive>(&message))
        take_hint(turn, from.node, *hint);
    else if (const auto* relay_ask = std::get_if<wire::RelayAsk>(&message))
        relay(turn, from.node, *relay_ask);
    else
        return false;
    return true;
}

Result<ServedTable*> Serving::admit(const port::Turn& turn, NodeId from, TableId id, const Epoch* epoch) {
    if (closed_) return fail(Code::closed, "this node is stopping");
    if (asked_.used() >= limits_.waiting_orders)
        return fail(Code::overloaded,
                    kit::text(asked_.used(), " asks of other nodes are waiting (limits.waiting_orders)"));
    if (epoch != nullptr) {
        if (auto timely = fence_.admit(turn, from, *epoch); !timely) return timely.error();
    }
    ServedTable* table = catalogue_.find(id);
    if (table == nullptr) return fail(Code::not_found, kit::text("there is no table ", id.value, " in this epoch"));
    return table;
}

Result<void> Serving::check(const port::Turn& turn, const ServedTable& table, View entry) {
    const LoadedResolver& resolver = table.resolver;
    if (auto fit = resolver.resolver->check(entry); !fit || !resolver.stamps_decide()) return fit;
    if (auto opened = resolver.resolver->read(entry, turn.now.wall, reading_); !opened) return opened;
    stamps_.meet(reading_, turn.now.wall);
    return {};
}

base::SlotId Serving::remember(const port::Turn& turn, Kind kind, NodeId from, wire::Ref ref, Duration left) {
    base::SlotId id = asked_.take();
    Asked& asked = *asked_.find(id);
    asked = Asked{from, ref, kind, false, turn.now.steady + left};
    return id;
}

void Serving::read(const port::Turn& turn, NodeId from, const wire::ReadAsk& ask) {
    auto table = admit(turn, from, ask.key.table, &ask.epoch);
    if (!table) {
        wire::ReadAnswer answer;
        answer.ref = ask.ref;
        answer.fault = wire::Fault::of(table.error());
        refused_.add();
        return say(turn, from, port::Road::link, answer);
    }
    base::SlotId id = remember(turn, Kind::read, from, ask.ref, ask.left);
    asked_.find(id)->digest = ask.digest;
    const bool complete = catalogue_.answers_for(**table, TokenRange{ask.key.token, ask.key.token});
    if (auto answer = replica_.read(turn, ReadAsk{id, ask.key, true, complete})) read_done(turn, id, *answer);
}

bool Serving::write(const port::Turn& turn, NodeId from, const wire::WriteAsk& ask) {
    auto table = admit(turn, from, ask.key.table, &ask.epoch);
    Result<void> fit;
    if (!table)
        fit = table.error();
    else
        fit = check(turn, **table, ask.entry);
    base::SlotId id = remember(turn, Kind::write, from, ask.ref, ask.left);
    if (!fit) {
        write_done(turn, id, WriteAnswer{false, fit.error(), false});
        return false;
    }
    if (auto answer = replica_.write(turn, WriteAsk{id, ask.key, ask.entry, ask.sync, ask.absent}))
        write_done(turn, id, *answer);
    return true;
}

/// Whoever cannot be told here is asked by the coordinator itself when it hears nothing.
void Serving::relay(const port::Turn& turn, NodeId from, const wire::RelayAsk& ask) {
    const NodeId origin = ask.origin.value != 0 ? ask.origin : from;
    if (!write(turn, origin, ask.write)) return;
    for (const wire::Onward& onward : ask.onward) {
        if (onward.node == catalogue_.self()) continue;
        wire::RelayAsk handed{ask.write, origin, {}};
        handed.write.absent = onward.absent;
        if (turn.effects.send(members_.peer(onward.node, port::Road::link), port::Road::link, handed)) relayed_.add();
    }
}

void Serving::scan(const port::Turn& turn, NodeId from, const wire::ScanAsk& ask) {
    auto table = admit(turn, from, ask.table, &ask.epoch);
    if (!table) {
        wire::ScanAnswer answer;
        answer.ref = ask.ref;
        answer.fault = wire::Fault::of(table.error());
        refused_.add();
        return say(turn, from, port::Road::link, answer);
    }
    ScanRange range{ask.tokens, ask.table, ask.reverse, ask.resume, ask.after_token, ask.table, Bytes(ask.after_key)};
    const bool complete = catalogue_.answers_for(**table, ask.tokens);
    auto work = std::make_unique<RangeWork>(
        engine_.snapshot(), std::move(range), std::min(ask.entries_max, limits_.page_entries),
        std::min(std::uint64_t{ask.bytes_max}, std::uint64_t{limits_.page_bytes}));
    RangeWork* walked = work.get();
    base::SlotId id = remember(turn, Kind::scan, from, ask.ref, ask.left);
    works_.start(turn, port::Lane::read, std::move(work),
                 [this, id, complete, walked](const port::Turn& later, const Result<void>& outcome) {
                     const Asked asked = *asked_.find(id);
                     asked_.give_back(id);
                     if (asked.until < later.now.steady) return;
                     wire::ScanAnswer answer;
                     answer.ref = asked.ref;
                     Result<void> fits = outcome;
                     const std::vector<RangeLine>& lines = walked->part.lines;
                     if (fits && lines.size() == 1) fits = check_travels(lines[0].key.size() + lines[0].entry.size());
                     if (!fits) answer.fault = wire::Fault::of(fits.error());
                     for (const RangeLine& line : lines)
                         if (fits) answer.lines.push_back(wire::ScanLine{line.token, line.key, line.entry});
                     answer.more = walked->part.more;
                     answer.complete = complete;
                     (fits ? served_ : refused_).add();
                     say(later, asked.from, port::Road::link, answer);
                 });
}

void Serving::take_hint(const port::Turn& turn, NodeId from, const wire::HintGive& hint) {
    auto table = admit(turn, from, hint.key.table, nullptr);
    Result<void> fit;
    // Tombstones that covered what it brings may be gone: they do not wait for who has left the ring (BEHAVIOUR 9).
    if (catalogue_.ring()->member(from) == nullptr)
        fit = fail(Code::not_authorized, "a hint is given by a node that is not in the ring");
    else if (!table)
        fit = table.error();
    else
        fit = check(turn, **table, hint.entry);
    base::SlotId id = remember(turn, Kind::hint, from, hint.ref, Duration{0});
    if (!fit) return write_done(turn, id, WriteAnswer{false, fit.error(), false});
    // A hint is forgotten where it was kept once this is acknowledged: so it must be on the disk here first.
    if (auto answer = replica_.write(turn, WriteAsk{id, hint.key, hint.entry, Sync::always, {}}))
        write_done(turn, id, *answer);
}

void Serving::read_done(const port::Turn& turn, base::SlotId name, const ReadAnswer& read) {
    Asked* asked = asked_.find(name);
    if (asked == nullptr) return;
    wire::ReadAnswer answer;
    answer.ref = asked->ref;
    Result<void> outcome = read.ok ? Result<void>() : Result<void>(read.error);
    if (outcome && !asked->digest) outcome = check_travels(read.entry.size());
    if (!outcome)
        answer.fault = wire::Fault::of(outcome.error());
    else if (!asked->digest)
        answer.entry = read.entry;
    answer.digest = read.entry.empty() ? 0 : kit::hash64(read.entry);
    answer.complete = read.complete;
    NodeId from = asked->from;
    bool late = asked->until < turn.now.steady;
    asked_.give_back(name);
    (read.ok ? served_ : refused_).add();
    if (!late) say(turn, from, port::Road::link, answer);
}

void Serving::write_done(const port::Turn& turn, base::SlotId name, const WriteAnswer& write) {
    const Asked* asked = asked_.find(name);
    if (asked == nullptr) return;
    NodeId from = asked->from;
    wire::Ref ref = asked->ref;
    bool hint = asked->kind == Kind::hint;
    asked_.give_back(name);
    (write.ok ? served_ : refused_).add();
    wire::Fault fault = write.ok ? wire::Fault{} : wire::Fault::of(write.error);
    if (hint) return say(turn, from, port::Road::background, wire::HintTaken{ref, fault, members_.self().load_milli});
    // An acknowledgement that comes late is still true, and saves the asker a hint.
    say(turn, from, port::Road::link, wire::WriteAnswer{ref, fault, write.synced});
}

void Serving::say(const port::Turn& turn, NodeId to, port::Road road, const wire::Message& message) {
    // An answer that finds no room is as good as lost; the asker counts on neither.
    (void)turn.effects.send(members_.peer(to, road), road, message);
}

}  // namespace ashlar::request
