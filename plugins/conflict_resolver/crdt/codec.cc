#include "codec.h"

#include "text.h"

namespace ashlar::crdt {
namespace {

/// The root: no names.
constexpr View root_path("\0", 1);
constexpr std::uint64_t fact_least = 4;

bool read_fact(kit::Reader& in, Fact& fact) {
    fact.path = in.blob();
    fact.kind = static_cast<Kind>(in.u8());
    if (in.bad() || !names_of(fact.path)) return false;
    switch (fact.kind) {
        case Kind::reg:
        case Kind::element:
            fact.data = in.blob();
            return in.ok();
        case Kind::counter:
            fact.amount = unzigzag(in.varint());
            return in.ok();
    }
    return false;
}

}  // namespace

Bytes encoded(const Extra& extra) {
    Bytes out;
    kit::Writer writer(out);
    writer.u8(static_cast<std::uint8_t>(extra.facet));
    writer.varint(extra.requests.size());
    for (std::uint64_t request : extra.requests) writer.u64(request);
    writer.varint(extra.facts.size());
    for (const Fact& fact : extra.facts) {
        writer.blob(fact.path);
        writer.u8(static_cast<std::uint8_t>(fact.kind));
        if (fact.kind == Kind::counter)
            writer.varint(zigzag(fact.amount));
        else
            writer.blob(fact.data);
    }
    return out;
}

std::optional<Extra> decode(View bytes) {
    kit::Reader in(bytes);
    Extra out;
    out.facet = static_cast<Facet>(in.u8());
    for (std::uint64_t n = in.count(sizeof(std::uint64_t)); n > 0; --n) out.requests.push_back(in.u64());
    const std::uint64_t facts = in.count(fact_least);
    if (in.bad() || facts == 0) return std::nullopt;
    out.facts.reserve(static_cast<std::size_t>(facts));
    for (std::uint64_t i = 0; i < facts; ++i) {
        Fact fact;
        if (!read_fact(in, fact) || facet_of(fact) != out.facet) return std::nullopt;
        if (i > 0 && !(out.facts.back().place() < fact.place())) return std::nullopt;
        out.facts.push_back(fact);
    }
    if (!in.done()) return std::nullopt;
    return out;
}

Bytes encoded_path(const std::vector<View>& names) {
    Bytes out;
    kit::Writer writer(out);
    writer.varint(names.size());
    for (View name : names) writer.blob(name);
    return out;
}

std::optional<std::vector<View>> names_of(View path) {
    kit::Reader in(path);
    const std::uint64_t count = in.varint();
    if (count > depth_most) return std::nullopt;
    std::vector<View> names;
    for (std::uint64_t i = 0; i < count; ++i) {
        const View name = in.blob();
        if (name.empty() || name.size() > name_bytes_most || !is_text(name)) return std::nullopt;
        names.push_back(name);
    }
    if (!in.done()) return std::nullopt;
    return names;
}

Facet facet_of(const Fact& fact) {
    if (fact.path != root_path) return Facet::map;
    switch (fact.kind) {
        case Kind::reg:
            return Facet::reg;
        case Kind::counter:
            return Facet::counter;
        case Kind::element:
            return Facet::set;
    }
    return Facet::plain;
}

}  // namespace ashlar::crdt
