// The fields of each message in the order of their bytes, described once for all that is done with them.
//
// Io is one of field_io.h; the message is constant when it is written or counted. The last argument only names the
// message. A list says the least bytes a member takes and how many members are believed. Private to codec.cc.
#pragma once

#include "wire/codec.h"
#include "wire/field_io.h"

namespace ashlar::wire {

template <class Io, class Key>
void key_fields(Io& io, Key& key) {
    io.word(key.token);
    io.u32(key.table.value);
    io.bytes(key.key);
}
template <class Io, class F>
void fault_fields(Io& io, F& fault) {
    io.u8(fault.code);
    io.bytes(fault.detail);
}
template <class Io, class B>
void ballot_fields(Io& io, B& ballot) {
    io.number(ballot.round);
    io.word(ballot.node.value);
}
template <class Io, class M>
void mark_fields(Io& io, M& mark) {
    io.word(mark.node.value);
    io.u32(mark.incarnation);
    io.number(mark.heartbeat);
}
inline constexpr std::size_t mark_least = 10;
inline constexpr std::size_t entry_least = 34;
inline constexpr std::size_t line_least = 10;
inline constexpr std::size_t value_least = 28;
inline constexpr std::size_t piece_sum_least = 17;
inline constexpr std::size_t token_sum_bytes = 24;

template <class Io, class M>
void fields(Io& io, M& m, const Greeting*) {
    io.text(m.cluster);
    io.text(m.name);
    io.u8(m.protocol_min);
    io.u8(m.protocol_max);
    io.text(m.parts);
}
template <class Io, class M>
void fields(Io& io, M& m, const ReadAsk*) {
    io.number(m.ref.value);
    io.number(m.epoch.value);
    key_fields(io, m.key);
    io.flag(m.digest);
    io.span(m.left);
}
template <class Io, class M>
void fields(Io& io, M& m, const ReadAnswer*) {
    io.number(m.ref.value);
    fault_fields(io, m.fault);
    io.bytes(m.entry);
    io.word(m.digest);
    io.flag(m.complete);
}
template <class Io, class M>
void fields(Io& io, M& m, const WriteAsk*) {
    io.number(m.ref.value);
    io.number(m.epoch.value);
    key_fields(io, m.key);
    io.bytes(m.entry);
    io.mode(m.sync);
    io.word(m.absent.value);
    io.span(m.left);
}
template <class Io, class M>
void fields(Io& io, M& m, const WriteAnswer*) {
    io.number(m.ref.value);
    fault_fields(io, m.fault);
    io.flag(m.synced);
}
template <class Io, class M>
void fields(Io& io, M& m, const ScanAsk*) {
    io.number(m.ref.value);
    io.number(m.epoch.value);
    io.u32(m.table.value);
    io.word(m.tokens.first);
    io.word(m.tokens.last);
    io.flag(m.reverse);
    io.flag(m.resume);
    io.word(m.after_token);
    io.bytes(m.after_key);
    io.u32(m.entries_max);
    io.u32(m.bytes_max);
    io.span(m.left);
}
template <class Io, class L>
void lines_fields(Io& io, L& lines) {
    io.list(lines, line_least, lines_max, [](Io& one, auto& line) {
        one.word(line.token);
        one.bytes(line.key);
        one.bytes(line.entry);
    });
}
template <class Io, class M>
void fields(Io& io, M& m, const ScanAnswer*) {
    io.number(m.ref.value);
    fault_fields(io, m.fault);
    lines_fields(io, m.lines);
    io.flag(m.more);
    io.flag(m.complete);
}
template <class Io, class C>
void consistency_fields(Io& io, C& consistency) {
    io.level(consistency.level);
    io.u32(consistency.count);
}
template <class Io, class M>
void fields(Io& io, M& m, const OrderAsk*) {
    io.number(m.ref.value);
    io.number(m.epoch.value);
    io.u8(m.call);
    key_fields(io, m.key);
    io.bytes(m.value);
    io.bytes(m.seen);
    io.moment(m.stamp);
    io.flag(m.again);
    io.flag(m.has_context);
    io.flag(m.overwrite);
    io.flag(m.strict);
    io.span(m.ttl);
    io.mode(m.sync);
    for (auto& byte : m.request.bytes) io.u8(byte);
    io.flag(m.drawn);
    consistency_fields(io, m.read);
    consistency_fields(io, m.write);
    io.span(m.left);
}
template <class Io, class M>
void fields(Io& io, M& m, const OrderAnswer*) {
    io.number(m.ref.value);
    fault_fields(io, m.fault);
    io.flag(m.retry_safe);
    io.flag(m.found);
    io.flag(m.stored);
    io.list(m.values, value_least, lines_max, [](Io& one, auto& value) {
        one.bytes(value.value);
        one.moment(value.wall);
        one.moment(value.expires);
        one.word(value.dot.actor.node.value);
        one.u32(value.dot.actor.incarnation);
        one.u32(value.dot.actor.slice);
        one.number(value.dot.counter);
    });
    io.bytes(m.context);
    for (auto* count : {&m.answered, &m.owners, &m.synced, &m.hints, &m.needed, &m.replicas}) io.u32(*count);
    io.number(m.epoch.value);
    io.flag(m.merged);
}
template <class Io, class M>
void fields(Io& io, M& m, const GossipDigest*) {
    io.list(m.marks, mark_least, members_max, [](Io& one, auto& mark) { mark_fields(one, mark); });
}
template <class Io, class E>
void roster_fields(Io& io, E& e) {
    mark_fields(io, e);
    io.text(e.name);
    io.text(e.datacentre);
    io.text(e.rack);
    io.u32(e.capacity);
    io.text(e.clients_at);
    io.text(e.link_at);
    io.text(e.background_at);
    io.u8(e.protocol_min);
    io.u8(e.protocol_max);
    io.text(e.parts);
    io.number(e.epoch.value);
    io.flag(e.stopping);
    io.u32(e.load_milli);
    io.number(e.hints);
    io.list(e.accuses, sizeof(std::uint64_t), members_max, [](Io& one, auto& node) { one.word(node.value); });
    io.number(e.counters);
    io.word(e.known);
    io.span(e.convergence_age);
    io.u32(e.refilling_milli);
    io.u32(e.expect);
}
template <class Io, class M>
void fields(Io& io, M& m, const GossipDelta*) {
    io.list(m.entries, entry_least, members_max, [](Io& one, auto& entry) { roster_fields(one, entry); });
    io.list(m.wanted, mark_least, members_max, [](Io& one, auto& mark) { mark_fields(one, mark); });
}
template <class Io, class M>
void fields(Io& io, M& m, const Probe*) {
    io.number(m.ref.value);
    io.word(m.target.value);
    io.span(m.wait);
}
template <class Io, class M>
void fields(Io& io, M& m, const ProbeAnswer*) {
    io.number(m.ref.value);
    io.word(m.target.value);
    io.flag(m.alive);
}
template <class Io, class M>
void fields(Io& io, M& m, const Prepare*) {
    io.number(m.epoch.value);
    ballot_fields(io, m.ballot);
    io.word(m.voters);
}
template <class Io, class M>
void fields(Io& io, M& m, const Promise*) {
    io.number(m.epoch.value);
    ballot_fields(io, m.ballot);
    io.flag(m.granted);
    ballot_fields(io, m.promised);
    ballot_fields(io, m.accepted);
    io.bytes(m.value);
}
template <class Io, class M>
void fields(Io& io, M& m, const Accept*) {
    io.number(m.epoch.value);
    ballot_fields(io, m.ballot);
    io.word(m.voters);
    io.bytes(m.value);
}
template <class Io, class M>
void fields(Io& io, M& m, const Accepted*) {
    io.number(m.epoch.value);
    ballot_fields(io, m.ballot);
    io.flag(m.granted);
    ballot_fields(io, m.promised);
}
template <class Io, class M>
void fields(Io& io, M& m, const StateAsk*) {
    io.number(m.have.value);
}
template <class Io, class M>
void fields(Io& io, M& m, const StateGive*) {
    io.number(m.epoch.value);
    io.bytes(m.state);
}
template <class Io, class M>
void fields(Io& io, M& m, const HintGive*) {
    io.number(m.ref.value);
    key_fields(io, m.key);
    io.bytes(m.entry);
}
template <class Io, class M>
void fields(Io& io, M& m, const HintTaken*) {
    io.number(m.ref.value);
    fault_fields(io, m.fault);
    io.u32(m.load_milli);
}
template <class Io, class M>
void fields(Io& io, M& m, const RelayAsk*) {
    fields(io, m.write, static_cast<const WriteAsk*>(nullptr));
    io.word(m.origin.value);
    io.list(m.onward, 2 * sizeof(std::uint64_t), onward_max, [](Io& one, auto& to) {
        one.word(to.node.value);
        one.word(to.absent.value);
    });
}

template <class Io, class L>
void nodes_fields(Io& io, L& nodes) {
    io.list(nodes, sizeof(std::uint64_t), members_max, [](Io& one, auto& node) { one.word(node.value); });
}
template <class Io, class M>
void fields(Io& io, M& m, const ExplainAsk*) {
    io.number(m.ref.value);
    key_fields(io, m.key);
    nodes_fields(io, m.owners);
    io.span(m.left);
}
template <class Io, class M>
void fields(Io& io, M& m, const ExplainAnswer*) {
    io.number(m.ref.value);
    fault_fields(io, m.fault);
    io.number(m.epoch.value);
    io.bytes(m.entry);
    nodes_fields(io, m.owes);
}

template <class Io, class P>
void pieces_fields(Io& io, P& pieces) {
    io.list(pieces, 2 * sizeof(Token), pieces_max, [](Io& one, auto& piece) {
        one.word(piece.first);
        one.word(piece.last);
    });
}
template <class Io, class M>
void fields(Io& io, M& m, const SumAsk*) {
    io.number(m.ref.value);
    io.number(m.epoch.value);
    io.u32(m.table.value);
    io.moment(m.as_of);
    io.moment(m.forget_before);
    io.flag(m.by_token);
    io.flag(m.proof);
    pieces_fields(io, m.pieces);
}
template <class Io, class M>
void fields(Io& io, M& m, const SumAnswer*) {
    io.number(m.ref.value);
    fault_fields(io, m.fault);
    io.list(m.pieces, piece_sum_least, pieces_max, [](Io& one, auto& sum) {
        one.word(sum.low);
        one.word(sum.high);
        one.u32(sum.keys);
    });
    io.list(m.tokens, token_sum_bytes, lines_max, [](Io& one, auto& sum) {
        one.word(sum.token);
        one.word(sum.low);
        one.word(sum.high);
    });
    io.word(m.through);
    io.moment(m.forget_before);
    io.flag(m.clear);
    io.moment(m.wall);
    io.u32(m.load_milli);
}
template <class Io, class M>
void fields(Io& io, M& m, const FetchAsk*) {
    io.number(m.ref.value);
    io.number(m.epoch.value);
    io.u32(m.table.value);
    io.moment(m.as_of);
    io.moment(m.forget_before);
    pieces_fields(io, m.pieces);
    io.flag(m.resume);
    io.word(m.after_token);
    io.bytes(m.after_key);
    io.u32(m.entries_max);
}
template <class Io, class M>
void fields(Io& io, M& m, const FetchAnswer*) {
    io.number(m.ref.value);
    fault_fields(io, m.fault);
    lines_fields(io, m.lines);
    io.flag(m.more);
    io.word(m.through);
    io.bytes(m.through_key);
    io.u32(m.too_large);
    io.u32(m.load_milli);
}
template <class Io, class M>
void fields(Io& io, M& m, const EntriesGive*) {
    io.number(m.ref.value);
    io.number(m.epoch.value);
    io.u32(m.table.value);
    lines_fields(io, m.lines);
}
template <class Io, class M>
void fields(Io& io, M& m, const EntriesTaken*) {
    io.number(m.ref.value);
    fault_fields(io, m.fault);
    io.u32(m.load_milli);
}
template <class Io, class M>
void fields(Io& io, M& m, const RoundEnd*) {
    io.number(m.epoch.value);
    io.u32(m.table.value);
    io.word(m.tokens.first);
    io.word(m.tokens.last);
    io.span(m.age);
    io.moment(m.forget_before);
}

}  // namespace ashlar::wire
