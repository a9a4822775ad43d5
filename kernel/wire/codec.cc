#include "wire/codec.h"

#include <array>
#include <bit>
#include <type_traits>
#include <utility>

namespace ashlar::wire {
namespace {

/// Names, addresses, the list of plugins.
constexpr std::size_t text_max = 1024;

/// Writes fields.
class Encoder {
public:
    explicit Encoder(Bytes& out) : out_(out) {}
    void u8(const std::uint8_t& v) { out_.u8(v); }
    void flag(const bool& v) { out_.u8(v ? 1 : 0); }
    void u32(const std::uint32_t& v) { out_.varint(v); }
    void number(const std::uint64_t& v) { out_.varint(v); }
    void word(const std::uint64_t& v) { out_.u64(v); }
    void bytes(const View& v) { out_.blob(v); }
    void text(const std::string& v) { out_.blob(v); }
    void span(const Duration& v) { out_.varint(v.us < 0 ? 0 : static_cast<std::uint64_t>(v.us)); }
    void mode(const Sync& v) { out_.u8(static_cast<std::uint8_t>(v)); }
    void level(const Level& v) { out_.u8(static_cast<std::uint8_t>(v)); }
    void moment(const WallTime& v) { out_.i64(v.us); }
    template <class T, class Each>
    void list(const std::vector<T>& v, std::size_t, std::size_t, Each each) {
        out_.varint(v.size());
        for (const T& item : v) each(*this, item);
    }

private:
    kit::Writer out_;
};

/// Counts the bytes that Encoder would write.
class Sizer {
public:
    std::size_t size() const { return size_; }
    void u8(const std::uint8_t&) { ++size_; }
    void flag(const bool&) { ++size_; }
    void u32(const std::uint32_t& v) { number(v); }
    void number(const std::uint64_t& v) { size_ += (static_cast<std::size_t>(std::bit_width(v | 1)) + 6) / 7; }
    void word(const std::uint64_t&) { size_ += sizeof(std::uint64_t); }
    void bytes(const View& v) {
        number(v.size());
        size_ += v.size();
    }
    void text(const std::string& v) { bytes(v); }
    void span(const Duration& v) { number(v.us < 0 ? 0 : static_cast<std::uint64_t>(v.us)); }
    void mode(const Sync&) { ++size_; }
    void level(const Level&) { ++size_; }
    void moment(const WallTime&) { size_ += sizeof(std::int64_t); }
    template <class T, class Each>
    void list(const std::vector<T>& v, std::size_t, std::size_t, Each each) {
        number(v.size());
        for (const T& item : v) each(*this, item);
    }

private:
    std::size_t size_ = 0;
};

/// Reads fields; anything odd spoils it.
class Decoder {
public:
    explicit Decoder(View in) : in_(in) {}
    bool done() const { return in_.done(); }
    bool ok() const { return in_.ok(); }
    void u8(std::uint8_t& v) { v = in_.u8(); }
    void flag(bool& v) {
        std::uint8_t byte = in_.u8();
        if (byte > 1) in_.spoil();
        v = byte == 1;
    }
    void u32(std::uint32_t& v) {
        std::uint64_t wide = in_.varint();
        if (wide > UINT32_MAX) in_.spoil();
        v = static_cast<std::uint32_t>(wide);
    }
    void number(std::uint64_t& v) { v = in_.varint(); }
    void word(std::uint64_t& v) { v = in_.u64(); }
    void bytes(View& v) { v = in_.blob(); }
    void text(std::string& v) {
        View blob = in_.blob();
        if (blob.size() > text_max) in_.spoil();
        v.assign(blob.substr(0, text_max));
    }
    void span(Duration& v) {
        std::uint64_t us = in_.varint();
        if (us > static_cast<std::uint64_t>(INT64_MAX) / 4) in_.spoil();
        v.us = in_.ok() ? static_cast<std::int64_t>(us) : 0;
    }
    void mode(Sync& v) {
        std::uint8_t byte = in_.u8();
        if (byte < static_cast<std::uint8_t>(Sync::always) || byte > static_cast<std::uint8_t>(Sync::never))
            in_.spoil();
        v = static_cast<Sync>(byte);
    }
    void level(Level& v) {
        std::uint8_t byte = in_.u8();
        if (byte > static_cast<std::uint8_t>(Level::any)) in_.spoil();
        v = static_cast<Level>(byte);
    }
    void moment(WallTime& v) { v.us = in_.i64(); }
    template <class T, class Each>
    void list(std::vector<T>& v, std::size_t least, std::size_t most, Each each) {
        v.clear();
        std::uint64_t n = in_.count(least);
        // Members in memory are far larger than the least they take here: bounded before they are made.
        if (n > most) in_.spoil();
        for (std::uint64_t i = 0; i < n && in_.ok(); ++i) each(*this, v.emplace_back());
    }

private:
    kit::Reader in_;
};

// One description per message, for both directions: Io is Encoder with constant fields, or Decoder.

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
constexpr std::size_t mark_least = 10;
constexpr std::size_t entry_least = 31;
constexpr std::size_t line_least = 10;
constexpr std::size_t value_least = 28;

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
template <class Io, class M>
void fields(Io& io, M& m, const ScanAnswer*) {
    io.number(m.ref.value);
    fault_fields(io, m.fault);
    io.list(m.lines, line_least, lines_max, [](Io& one, auto& line) {
        one.word(line.token);
        one.bytes(line.key);
        one.bytes(line.entry);
    });
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

constexpr std::size_t kinds = std::variant_size_v<Message>;

template <std::size_t I>
bool decode_as(Decoder& in, Message& message) {
    using M = std::variant_alternative_t<I, Message>;
    M& m = std::holds_alternative<M>(message) ? std::get<M>(message) : message.emplace<M>();
    fields(in, m, static_cast<const M*>(nullptr));
    return std::is_same_v<M, Greeting> ? in.ok() : in.done();
}

template <std::size_t... I>
constexpr auto decoders(std::index_sequence<I...>) {
    return std::array<bool (*)(Decoder&, Message&), kinds>{&decode_as<I>...};
}

}  // namespace

std::size_t encoded_bytes(const Message& message) {
    Sizer size;
    std::visit([&size](const auto& m) { fields(size, m, &m); }, message);
    return 1 + size.size();
}

void encode(const Message& message, Bytes& out) {
    Encoder io(out);
    io.u8(static_cast<std::uint8_t>(message.index()));
    std::visit([&io]<class M>(const M& m) { fields(io, m, static_cast<const M*>(nullptr)); }, message);
}

bool decode(View bytes, Message& message) {
    if (bytes.empty()) return false;
    auto kind = static_cast<std::uint8_t>(bytes[0]);
    if (kind >= kinds) return false;
    static constexpr auto table = decoders(std::make_index_sequence<kinds>());
    Decoder in(bytes.substr(1));
    return table[kind](in, message);
}

const char* name_of(const Message& message) {
    static constexpr std::array<const char*, kinds> names{
        "greeting",     "read_ask",  "read_answer",  "write_ask",     "write_answer",  "scan_ask",
        "scan_answer",  "order_ask", "order_answer", "gossip_digest", "gossip_delta",  "probe",
        "probe_answer", "prepare",   "promise",      "accept",        "accepted",      "state_ask",
        "state_give",   "hint_give", "hint_taken",   "explain_ask",   "explain_answer", "relay_ask"};
    return names[message.index()];
}

}  // namespace ashlar::wire
