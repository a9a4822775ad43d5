#include "wire/codec.h"

#include <array>
#include <type_traits>
#include <utility>

#include "wire/message_fields.h"

namespace ashlar::wire {
namespace {

constexpr std::size_t kinds = std::variant_size_v<Message>;

template <std::size_t I>
bool decode_as(FieldReader& in, Message& message) {
    using M = std::variant_alternative_t<I, Message>;
    M& m = std::holds_alternative<M>(message) ? std::get<M>(message) : message.emplace<M>();
    fields(in, m, static_cast<const M*>(nullptr));
    return std::is_same_v<M, Greeting> ? in.ok() : in.done();
}

template <std::size_t... I>
constexpr auto decoders(std::index_sequence<I...>) {
    return std::array<bool (*)(FieldReader&, Message&), kinds>{&decode_as<I>...};
}

}  // namespace

std::size_t encoded_bytes(const Message& message) {
    FieldSizer size;
    std::visit([&size](const auto& m) { fields(size, m, &m); }, message);
    return 1 + size.size();
}

void encode(const Message& message, Bytes& out) {
    FieldWriter io(out);
    io.u8(static_cast<std::uint8_t>(message.index()));
    std::visit([&io]<class M>(const M& m) { fields(io, m, static_cast<const M*>(nullptr)); }, message);
}

bool decode(View bytes, Message& message) {
    if (bytes.empty()) return false;
    auto kind = static_cast<std::uint8_t>(bytes[0]);
    if (kind >= kinds) return false;
    static constexpr auto table = decoders(std::make_index_sequence<kinds>());
    FieldReader in(bytes.substr(1));
    return table[kind](in, message);
}

const char* name_of(const Message& message) {
    static constexpr std::array<const char*, kinds> names{
        "greeting",     "read_ask",  "read_answer",  "write_ask",     "write_answer",  "scan_ask",
        "scan_answer",  "order_ask", "order_answer", "gossip_digest", "gossip_delta",  "probe",
        "probe_answer", "prepare",   "promise",      "accept",        "accepted",      "state_ask",
        "state_give",   "hint_give", "hint_taken",   "explain_ask",   "explain_answer", "relay_ask",
        "sum_ask",      "sum_answer", "fetch_ask",   "fetch_answer",  "entries_give",  "entries_taken",
        "round_end"};
    return names[message.index()];
}

}  // namespace ashlar::wire
