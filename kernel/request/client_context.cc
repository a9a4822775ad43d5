#include "request/client_context.h"

#include "kit/bytes.h"
#include "kit/context.h"
#include "kit/hash.h"

namespace ashlar::request {
namespace {

constexpr std::uint8_t format = 1;
constexpr std::size_t head_bytes = 1 + 4 + 4;
constexpr std::size_t sum_bytes = 8;

}  // namespace

void wrap_context(TableId table, std::uint32_t tag, View causal, Bytes& out) {
    out.clear();
    if (causal.empty()) return;
    kit::Writer writer(out);
    writer.u8(format);
    writer.u32(table.value);
    writer.u32(tag);
    writer.bytes(causal);
    writer.u64(kit::hash64(out));
}

Result<View> open_context(View bytes, TableId table, std::uint32_t tag) {
    if (bytes.empty()) return View{};
    auto bad = [](const char* why) {
        return fail(Code::invalid_request, std::string("the context ") + why + "; give back one that a read returned");
    };
    if (bytes.size() < head_bytes + sum_bytes) return bad("is too short");
    View covered = bytes.substr(0, bytes.size() - sum_bytes);
    if (kit::load<std::uint64_t>(bytes.data() + covered.size()) != kit::hash64(covered)) return bad("is damaged");
    kit::Reader in(covered);
    if (in.u8() != format) return bad("has an unknown format");
    if (in.u32() != table.value) return bad("is of another table");
    if (in.u32() != tag) return bad("is of another conflict resolver");
    View causal = in.bytes(in.left());
    kit::Reader check(causal);
    kit::CausalContext::decode(check);
    if (!check.done()) return bad("is not well formed");
    return causal;
}

}  // namespace ashlar::request
