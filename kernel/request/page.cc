#include "request/page.h"

#include "kit/bytes.h"
#include "kit/hash.h"

namespace ashlar::request {
namespace {

constexpr std::uint8_t page_format = 1;

}  // namespace

Bytes encode_page(const Page& page) {
    Bytes out;
    kit::Writer writer(out);
    writer.u8(page_format);
    writer.u32(page.table.value);
    writer.u8(page.reverse ? 1 : 0);
    writer.u64(page.token);
    writer.blob(page.key);
    writer.u64(kit::hash64(out));
    return out;
}

Result<Page> decode_page(View bytes, TableId table, bool reverse) {
    auto bad = [](const char* why) {
        return fail(Code::invalid_request, std::string("the page ") + why + "; give back one that a scan returned");
    };
    if (bytes.size() < 8) return bad("is too short");
    View covered = bytes.substr(0, bytes.size() - 8);
    if (kit::load<std::uint64_t>(bytes.data() + covered.size()) != kit::hash64(covered)) return bad("is damaged");
    kit::Reader in(covered);
    if (in.u8() != page_format) return bad("has an unknown format");
    Page page;
    page.table.value = in.u32();
    page.reverse = in.u8() == 1;
    page.token = in.u64();
    page.key = Bytes(in.blob());
    if (!in.done()) return bad("is not well formed");
    if (page.table != table) return bad("is of another table");
    if (page.reverse != reverse) return bad("is of a scan in the other direction");
    return page;
}

}  // namespace ashlar::request
