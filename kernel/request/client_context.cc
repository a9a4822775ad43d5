#include "request/client_context.h"

#include "kit/bytes.h"
#include "kit/context.h"
#include "kit/hash.h"

namespace ashlar::request {
namespace {

constexpr std::uint8_t format = 1;
constexpr std::uint8_t format_stamped = 2;
constexpr std::size_t head_bytes = 1 + 4 + 4;
constexpr std::size_t sum_bytes = 8;

}  // namespace

void wrap_context(TableId table, std::uint32_t tag, const Given& given, Bytes& out) {
    out.clear();
    if (given.causal.empty()) return;
    const bool stamped = given.stamp.us != 0;
    kit::Writer writer(out);
    writer.u8(stamped ? format_stamped : format);
    writer.u32(table.value);
    writer.u32(tag);
    if (stamped) writer.i64(given.stamp.us);
    writer.bytes(given.causal);
    writer.u64(kit::hash64(out));
}

Result<Given> open_context(View bytes, TableId table, std::uint32_t tag) {
    if (bytes.empty()) return Given{};
    auto bad = [](const char* why) {
        return fail(Code::invalid_request, std::string("the context ") + why + "; give back one that a read returned");
    };
    if (bytes.size() < head_bytes + sum_bytes) return bad("is too short");
    View covered = bytes.substr(0, bytes.size() - sum_bytes);
    if (kit::load<std::uint64_t>(bytes.data() + covered.size()) != kit::hash64(covered)) return bad("is damaged");
    kit::Reader in(covered);
    const std::uint8_t version = in.u8();
    if (version != format && version != format_stamped) return bad("has an unknown format");
    if (in.u32() != table.value) return bad("is of another table");
    if (in.u32() != tag) return bad("is of another conflict resolver");
    Given given;
    if (version == format_stamped) given.stamp.us = in.i64();
    if (in.bad()) return bad("is too short");
    given.causal = in.bytes(in.left());
    kit::Reader check(given.causal);
    kit::CausalContext::decode(check);
    if (!check.done()) return bad("is not well formed");
    return given;
}

}  // namespace ashlar::request
