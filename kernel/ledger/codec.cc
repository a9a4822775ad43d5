// The ledger file, version 4; version 1 ends before the replicator, 2 before the gaps, 3 before the names. docs/disk.md,
// section "Ledger", has the table.
#include <algorithm>
#include <utility>

#include "kit/bytes.h"
#include "kit/hash.h"
#include "kit/text.h"
#include "ledger/fields.h"
#include "ledger/ledger.h"

namespace ashlar::ledger {
namespace {

constexpr std::uint64_t magic = 0x3152474452485341;  // "ASHRDGR1", little-endian
constexpr std::uint32_t format = 4;
constexpr std::uint32_t oldest_format = 1;
constexpr std::size_t header_bytes = 8 + 4 + 4 + 8;

void put_ballot(kit::Writer& out, const wire::Ballot& ballot) {
    out.varint(ballot.round);
    out.u64(ballot.node.value);
}

wire::Ballot take_ballot(kit::Reader& in) {
    wire::Ballot out;
    out.round = in.varint();
    out.node.value = in.u64();
    return out;
}

void put_vote(kit::Writer& out, const Vote& vote) {
    out.varint(vote.epoch.value);
    put_ballot(out, vote.promised);
    put_ballot(out, vote.accepted);
    out.blob(vote.value);
    out.u64(vote.voters);
}

Vote take_vote(kit::Reader& in) {
    Vote out;
    out.epoch.value = in.varint();
    out.promised = take_ballot(in);
    out.accepted = take_ballot(in);
    out.value = Bytes(in.blob());
    out.voters = in.u64();
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
    out.blob(state.partitioner);
    out.blob(state.engine);
    out.blob(encode_agreed(state.agreed));
    put_vote(out, state.vote);
    put_tables(out, state.dropped);
    out.blob(state.replicator);
    out.varint(state.addresses.size());
    for (const Address& address : state.addresses) {
        out.u64(address.node.value);
        out.blob(address.background_at);
    }
    out.varint(state.openings);
    out.varint(state.gaps.size());
    for (const TokenRange& gap : state.gaps) {
        out.u64(gap.first);
        out.u64(gap.last);
    }
    for (const Address& address : state.addresses) out.blob(address.name);
    return body;
}

std::vector<Address> take_addresses(kit::Reader& in) {
    std::vector<Address> out;
    for (std::uint64_t n = in.count(9); n > 0 && in.ok(); --n) {
        Address& address = out.emplace_back();
        address.node.value = in.u64();
        address.background_at = take_text(in);
    }
    return out;
}

/// Not canonical: the reader is spoilt.
base::TokenRanges take_gaps(kit::Reader& in) {
    base::TokenRanges out;
    for (std::uint64_t n = in.count(16); n > 0 && in.ok(); --n) {
        TokenRange& gap = out.emplace_back();
        gap.first = in.u64();
        gap.last = in.u64();
    }
    if (!base::is_canonical(out)) in.spoil();
    return out;
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
    if (found_format < oldest_format || found_format > format) {
        return fail(Code::unsupported,
                    kit::text("the ledger has format ", found_format, ", this version reads formats ", oldest_format,
                              " to ", format, ": run the newer ashlard that wrote it"));
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
    state.incarnation = take_u32(in);
    state.unclean_starts = take_u32(in);
    state.counter_lease = in.varint();
    state.counter_used = in.varint();
    state.clean = in.u8() == 1;
    state.partitioner = take_text(in);
    state.engine = take_text(in);
    auto agreed = decode_agreed(in.blob());
    if (in.ok() && !agreed) return fail(agreed.error().code, "the ledger holds " + agreed.error().detail);
    state.vote = take_vote(in);
    state.dropped = take_tables(in);
    if (found_format >= 2) {
        state.replicator = take_text(in);
        state.addresses = take_addresses(in);
    }
    if (found_format >= 3) {
        state.openings = take_u32(in);
        state.gaps = take_gaps(in);
    }
    if (found_format >= 4)
        for (Address& address : state.addresses) address.name = take_text(in);
    if (!in.done()) return fail(Code::corrupt, "the ledger's checksum holds but its contents do not");
    state.agreed = std::move(*agreed);
    return state;
}

}  // namespace ashlar::ledger
