// The bytes of an edit. docs/disk.md, "Manifest".
#include "kit/bytes.h"
#include "manifest.h"

namespace ashlar::lsm {
namespace {

enum class Field : std::uint8_t {
    end = 0,
    removed = 1,
    added = 2,
    log_floor = 3,
    flushed = 4,
    retired = 5,
    log_begun = 6
};

void put_field(kit::Writer& w, Field field) {
    w.u8(static_cast<std::uint8_t>(field));
}

void put_range(kit::Writer& w, TokenRange tokens, TableId table) {
    w.u64(tokens.first);
    w.u64(tokens.last);
    w.varint(table.value);
}

TableId take_table(kit::Reader& in) {
    std::uint64_t table = in.varint();
    if (table > ~std::uint32_t{0}) in.spoil();
    return TableId{static_cast<std::uint32_t>(table)};
}

void put_retired(kit::Writer& w, const Retired& retired) {
    w.varint(retired.hides.size());
    for (const Hide& h : retired.hides) {
        put_range(w, h.tokens, h.table);
        w.varint(h.sequence);
    }
    w.varint(retired.permits.size());
    for (const auto& [table, permits] : retired.permits.tables())
        for (const Permits::Permit& p : permits) {
            put_range(w, p.tokens, table);
            w.i64(p.before.us);
            w.varint(p.given);
        }
}

Retired take_retired(kit::Reader& in) {
    Retired out;
    std::uint64_t hides = in.count(18);
    for (std::uint64_t i = 0; i < hides && in.ok(); ++i) {
        Hide h;
        h.tokens.first = in.u64();
        h.tokens.last = in.u64();
        h.table = take_table(in);
        h.sequence = in.varint();
        out.hides.push_back(h);
    }
    std::uint64_t permits = in.count(26);
    if (permits > permits_max) in.spoil();
    for (std::uint64_t i = 0; i < permits && in.ok(); ++i) {
        Permits::Permit p;
        p.tokens.first = in.u64();
        p.tokens.last = in.u64();
        TableId table = take_table(in);
        p.before.us = in.i64();
        p.given = in.varint();
        if (p.tokens.last < p.tokens.first) in.spoil();
        if (in.ok()) out.permits.add(table, p);
    }
    return out;
}

}  // namespace

void encode_edit(Bytes& out, const Edit& edit) {
    kit::Writer w(out);
    for (std::uint64_t number : edit.removed) {
        put_field(w, Field::removed);
        w.varint(number);
    }
    for (const auto& [level, facts] : edit.added) {
        put_field(w, Field::added);
        w.u8(static_cast<std::uint8_t>(level));
        encode_facts(w, facts);
    }
    if (edit.log_floor) {
        put_field(w, Field::log_floor);
        w.varint(*edit.log_floor);
    }
    if (edit.log_begun) {
        put_field(w, Field::log_begun);
        w.varint(*edit.log_begun);
    }
    if (edit.flushed) {
        put_field(w, Field::flushed);
        w.varint(*edit.flushed);
    }
    if (edit.retired) {
        put_field(w, Field::retired);
        put_retired(w, *edit.retired);
    }
    put_field(w, Field::end);
}

Result<Edit> decode_edit(View bytes) {
    kit::Reader in(bytes);
    Edit edit;
    for (bool more = true; more && in.ok();) {
        switch (static_cast<Field>(in.u8())) {
            case Field::end:
                more = false;
                break;
            case Field::removed:
                edit.removed.push_back(in.varint());
                break;
            case Field::added: {
                std::uint32_t level = in.u8();
                if (level >= level_count) in.spoil();
                edit.added.emplace_back(level, decode_facts(in));
                break;
            }
            case Field::log_floor:
                edit.log_floor = in.varint();
                break;
            case Field::log_begun:
                edit.log_begun = in.varint();
                break;
            case Field::flushed:
                edit.flushed = in.varint();
                break;
            case Field::retired:
                edit.retired = take_retired(in);
                break;
            default:
                return fail(Code::unsupported,
                            "the manifest holds an edit of an unknown kind: written by a newer build");
        }
    }
    if (!in.done()) return fail(Code::corrupt, "an edit of the manifest does not hold together");
    return edit;
}

}  // namespace ashlar::lsm
