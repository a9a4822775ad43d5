// The ledger file, version 1. docs/disk.md, section "Ledger", has the table.
#include <algorithm>

#include "kit/bytes.h"
#include "kit/hash.h"
#include "kit/text.h"
#include "ledger/ledger.h"

namespace ashlar::ledger {
namespace {

constexpr std::uint64_t magic = 0x3152474452485341;  // "ASHRDGR1", little-endian
constexpr std::uint32_t format = 1;
constexpr std::size_t header_bytes = 8 + 4 + 4 + 8;

void put_consistency(kit::Writer& out, const Consistency& consistency) {
    out.u8(static_cast<std::uint8_t>(consistency.level));
    out.varint(consistency.count);
}

Consistency take_consistency(kit::Reader& in) {
    Consistency out;
    std::uint8_t level = in.u8();
    if (level > static_cast<std::uint8_t>(Level::any)) in.spoil();
    out.level = static_cast<Level>(level);
    out.count = static_cast<std::uint32_t>(in.varint());
    return out;
}

std::string take_text(kit::Reader& in) {
    return std::string(in.blob());
}

void put_table(kit::Writer& out, const port::Table& table) {
    out.varint(table.id.value);
    out.blob(table.name);
    out.varint(table.replication.replicas);
    out.varint(table.replication.per_datacentre.size());
    for (const auto& [datacentre, replicas] : table.replication.per_datacentre) {
        out.blob(datacentre);
        out.varint(replicas);
    }
    out.blob(table.resolver);
    out.blob(table.engine);
    out.i64(table.ttl.us);
    put_consistency(out, table.read);
    put_consistency(out, table.write);
}

port::Table take_table(kit::Reader& in) {
    port::Table out;
    out.id.value = static_cast<std::uint32_t>(in.varint());
    out.name = take_text(in);
    out.replication.replicas = static_cast<std::uint32_t>(in.varint());
    std::uint64_t groups = in.count(2);
    for (std::uint64_t i = 0; i < groups && in.ok(); ++i) {
        std::string datacentre = take_text(in);
        auto replicas = static_cast<std::uint32_t>(in.varint());
        out.replication.per_datacentre.emplace_back(std::move(datacentre), replicas);
    }
    out.resolver = take_text(in);
    out.engine = take_text(in);
    out.ttl.us = in.i64();
    out.read = take_consistency(in);
    out.write = take_consistency(in);
    return out;
}

void put_tables(kit::Writer& out, const std::vector<port::Table>& tables) {
    out.varint(tables.size());
    for (const port::Table& table : tables) put_table(out, table);
}

std::vector<port::Table> take_tables(kit::Reader& in) {
    std::vector<port::Table> out;
    std::uint64_t tables = in.count(16);
    for (std::uint64_t i = 0; i < tables && in.ok(); ++i) out.push_back(take_table(in));
    return out;
}

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
        member.capacity = static_cast<std::uint32_t>(in.varint());
        out.members.push_back(std::move(member));
    }
    std::uint64_t claims = in.count(16);
    for (std::uint64_t i = 0; i < claims && in.ok(); ++i) {
        Claim claim;
        claim.first = in.u64();
        claim.owner.value = in.u64();
        out.claims.push_back(claim);
    }
    auto first = [](const Claim& a, const Claim& b) { return a.first < b.first; };
    if (!std::is_sorted(out.claims.begin(), out.claims.end(), first)) in.spoil();
    if (!out.claims.empty() && out.claims.front().first != 0) in.spoil();
    return out;
}

Bytes encode_body(const State& state) {
    Bytes body;
    kit::Writer out(body);
    out.blob(state.cluster);
    out.blob(state.name);
    out.u64(state.node.value);
    out.varint(state.incarnation);
    out.varint(state.unclean_starts);
    out.varint(state.counter_lease);
    out.varint(state.counter_used);
    out.u8(state.clean ? 1 : 0);
    out.varint(state.last_table);
    out.blob(state.partitioner);
    out.blob(state.engine);
    put_tables(out, state.tables);
    put_tables(out, state.dropped);
    put_ring(out, state.ring);
    out.varint(state.addresses.size());
    for (const std::string& address : state.addresses) out.blob(address);
    return body;
}

std::uint64_t checksum(View version_and_length, View body) {
    return kit::Hasher().add(version_and_length).add(body).value();
}

}  // namespace

Bytes encode(const State& state) {
    Bytes body = encode_body(state);
    Bytes file;
    kit::Writer out(file);
    out.u64(magic);
    out.u32(format);
    out.u32(static_cast<std::uint32_t>(body.size()));
    out.u64(checksum(View(file).substr(8, 8), body));
    out.bytes(body);
    return file;
}

Result<State> decode(View bytes) {
    kit::Reader header(bytes.substr(0, std::min(bytes.size(), header_bytes)));
    std::uint64_t found_magic = header.u64();
    std::uint32_t found_format = header.u32();
    std::uint32_t length = header.u32();
    std::uint64_t found_sum = header.u64();
    if (header.bad() || found_magic != magic) {
        return fail(Code::corrupt, kit::text("the ledger (", bytes.size(), " bytes) does not begin as a ledger does"));
    }
    if (found_format != format) {
        return fail(Code::unsupported, kit::text("the ledger has format ", found_format, ", this version reads format ",
                                                 format, ": run the newer ashlard that wrote it"));
    }
    View body = bytes.substr(header_bytes);
    if (body.size() != length) {
        return fail(Code::corrupt, kit::text("the ledger says ", length, " bytes and has ", body.size()));
    }
    if (checksum(bytes.substr(8, 8), body) != found_sum) {
        return fail(Code::corrupt, "the ledger's checksum does not hold");
    }
    kit::Reader in(body);
    State state;
    state.cluster = take_text(in);
    state.name = take_text(in);
    state.node.value = in.u64();
    state.incarnation = static_cast<std::uint32_t>(in.varint());
    state.unclean_starts = static_cast<std::uint32_t>(in.varint());
    state.counter_lease = in.varint();
    state.counter_used = in.varint();
    state.clean = in.u8() == 1;
    state.last_table = static_cast<std::uint32_t>(in.varint());
    state.partitioner = take_text(in);
    state.engine = take_text(in);
    state.tables = take_tables(in);
    state.dropped = take_tables(in);
    state.ring = take_ring(in);
    std::uint64_t addresses = in.count(1);
    for (std::uint64_t i = 0; i < addresses && in.ok(); ++i) state.addresses.push_back(take_text(in));
    if (!in.done()) return fail(Code::corrupt, "the ledger's checksum holds but its contents do not");
    return state;
}

}  // namespace ashlar::ledger
