// The agreed state as bytes, form 1. docs/disk.md, section "Ledger", has the table.
#include "ledger/agreed.h"

#include <algorithm>
#include <utility>

#include "kit/bytes.h"
#include "kit/text.h"
#include "ledger/fields.h"

namespace ashlar::ledger {
namespace {

constexpr std::uint8_t form = 1;

void put_ring(kit::Writer& out, const Ring& ring) {
    out.varint(ring.epoch.value);
    out.varint(ring.members.size());
    for (const Member& member : ring.members) {
        out.u64(member.node.value);
        out.blob(member.datacentre);
        out.blob(member.rack);
        out.varint(member.capacity);
    }
    out.varint(ring.claims.size());
    for (const Claim& claim : ring.claims) {
        out.u64(claim.first);
        out.u64(claim.owner.value);
    }
}

Ring take_ring(kit::Reader& in) {
    Ring out;
    out.epoch.value = in.varint();
    std::uint64_t members = in.count(11);
    for (std::uint64_t i = 0; i < members && in.ok(); ++i) {
        Member member;
        member.node.value = in.u64();
        member.datacentre = take_text(in);
        member.rack = take_text(in);
        member.capacity = take_u32(in);
        out.members.push_back(std::move(member));
    }
    std::uint64_t claims = in.count(16);
    for (std::uint64_t i = 0; i < claims && in.ok(); ++i) {
        Claim claim;
        claim.first = in.u64();
        claim.owner.value = in.u64();
        out.claims.push_back(claim);
    }
    return out;
}

/// Sorted, nothing twice.
template <class T, class Less>
bool rising(const std::vector<T>& items, Less less) {
    auto not_less = [less](const T& a, const T& b) { return !less(a, b); };
    return std::adjacent_find(items.begin(), items.end(), not_less) == items.end();
}

bool ring_holds(const Ring& ring) {
    if (ring.epoch.value == 0) return ring.members.empty() && ring.claims.empty();
    if (ring.members.empty() || ring.members.front().node.value == 0) return false;
    if (!rising(ring.members, [](const Member& a, const Member& b) { return a.node < b.node; })) return false;
    if (!rising(ring.claims, [](const Claim& a, const Claim& b) { return a.first < b.first; })) return false;
    if (ring.claims.empty() || ring.claims.front().first != 0) return false;
    return std::all_of(ring.claims.begin(), ring.claims.end(),
                       [&ring](const Claim& claim) { return ring.member(claim.owner) != nullptr; });
}

bool tables_hold(const Agreed& agreed) {
    if (agreed.epoch().value == 0 && !agreed.tables.empty()) return false;
    std::vector<std::uint32_t> ids;
    for (const port::Table& table : agreed.tables) ids.push_back(table.id.value);
    std::sort(ids.begin(), ids.end());
    if (std::adjacent_find(ids.begin(), ids.end()) != ids.end()) return false;
    if (!ids.empty() && (ids.front() == 0 || ids.back() > agreed.last_table)) return false;
    return rising(agreed.tables, [](const port::Table& a, const port::Table& b) { return a.name < b.name; });
}

}  // namespace

Bytes encode_agreed(const Agreed& agreed) {
    Bytes bytes;
    kit::Writer out(bytes);
    out.u8(form);
    put_ring(out, agreed.ring);
    put_tables(out, agreed.tables);
    out.varint(agreed.last_table);
    out.u64(agreed.origin);
    out.u64(agreed.stamp);
    return bytes;
}

Result<Agreed> decode_agreed(View bytes) {
    if (bytes.size() > agreed_bytes_max) {
        return fail(Code::corrupt,
                    kit::text("an agreed state of ", bytes.size(), " bytes, at most ", agreed_bytes_max, " can be"));
    }
    kit::Reader in(bytes);
    std::uint8_t found = in.u8();
    if (found != form) {
        return fail(Code::unsupported, kit::text("an agreed state in form ", static_cast<std::uint32_t>(found),
                                                 ", this version reads form ", static_cast<std::uint32_t>(form)));
    }
    Agreed out;
    out.ring = take_ring(in);
    out.tables = take_tables(in);
    out.last_table = take_u32(in);
    out.origin = in.u64();
    out.stamp = in.u64();
    if (!in.done() || !ring_holds(out.ring) || !tables_hold(out)) {
        return fail(Code::corrupt,
                    kit::text("an agreed state of ", bytes.size(), " bytes that does not hold together"));
    }
    return out;
}

std::vector<port::Table> gone(const Agreed& before, const Agreed& now) {
    std::vector<port::Table> out;
    for (const port::Table& table : before.tables) {
        auto same = [&table](const port::Table& other) { return other.id == table.id; };
        if (std::none_of(now.tables.begin(), now.tables.end(), same)) out.push_back(table);
    }
    return out;
}

}  // namespace ashlar::ledger
