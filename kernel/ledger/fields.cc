#include "ledger/fields.h"

#include <utility>

namespace ashlar::ledger {
namespace {

constexpr std::size_t text_max = 1024;

void put_consistency(kit::Writer& out, const Consistency& consistency) {
    out.u8(static_cast<std::uint8_t>(consistency.level));
    out.varint(consistency.count);
}

Consistency take_consistency(kit::Reader& in) {
    Consistency out;
    std::uint8_t level = in.u8();
    if (level > static_cast<std::uint8_t>(Level::any)) in.spoil();
    out.level = static_cast<Level>(level);
    out.count = take_u32(in);
    return out;
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
    out.id.value = take_u32(in);
    out.name = take_text(in);
    out.replication.replicas = take_u32(in);
    std::uint64_t groups = in.count(2);
    for (std::uint64_t i = 0; i < groups && in.ok(); ++i) {
        std::string datacentre = take_text(in);
        std::uint32_t replicas = take_u32(in);
        out.replication.per_datacentre.emplace_back(std::move(datacentre), replicas);
    }
    out.resolver = take_text(in);
    out.engine = take_text(in);
    out.ttl.us = in.i64();
    out.read = take_consistency(in);
    out.write = take_consistency(in);
    return out;
}

}  // namespace

std::uint32_t take_u32(kit::Reader& in) {
    std::uint64_t wide = in.varint();
    if (wide > UINT32_MAX) in.spoil();
    return static_cast<std::uint32_t>(wide);
}

std::string take_text(kit::Reader& in) {
    View text = in.blob();
    if (text.size() <= text_max) return std::string(text);
    in.spoil();
    return {};
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

}  // namespace ashlar::ledger
