// Maps: fields by name, each a counter, a set, a register or a map. A field is there while anything in it is. Fields of
// different kinds may have one name, so they are shown by kind: {"counters":{...},"maps":{...},"registers":{...},"sets":{...}}.
#include <map>

#include "state.h"
#include "text.h"

namespace ashlar::crdt {
namespace {

struct Fields {
    std::map<View, std::vector<std::int64_t>> counters;
    std::map<View, Fields> maps;
    std::map<View, std::vector<Stamped>> registers;
    std::map<View, std::vector<View>> sets;
};

void take(Fields& root, const Item& item, const Fact& fact) {
    Fields* at = &root;
    const auto names = names_of(fact.path);
    for (std::size_t i = 0; i + 1 < names->size(); ++i) at = &at->maps[(*names)[i]];
    const View last = names->back();
    if (fact.kind == Kind::counter)
        at->counters[last].push_back(fact.amount);
    else if (fact.kind == Kind::element)
        at->sets[last].push_back(fact.data);
    else
        at->registers[last].push_back(Stamped{item.version.wall, item.version.dot, fact.data});
}

/// One kind of fields, if there are any.
template <class Group, class Show>
void put_group(Bytes& out, View kind, const Group& group, Show show) {
    if (group.empty()) return;
    if (out.back() != '{') out.push_back(',');
    put_json(out, kind);
    out.append(":{");
    bool first = true;
    for (const auto& [field, content] : group) {
        if (!first) out.push_back(',');
        first = false;
        put_json(out, field);
        out.push_back(':');
        show(content);
    }
    out.push_back('}');
}

/// At most depth_most deep.
void put_fields(Bytes& out, const Fields& fields) {
    out.push_back('{');
    put_group(out, "counters", fields.counters, [&](const auto& amounts) { out += counter_text(sum_of(amounts)); });
    put_group(out, "maps", fields.maps, [&](const Fields& inner) { put_fields(out, inner); });
    put_group(out, "registers", fields.registers, [&](const auto& values) { put_json(out, register_value(values)); });
    put_group(out, "sets", fields.sets, [&](const auto& elements) { out += set_text(elements); });
    out.push_back('}');
}

}  // namespace

Bytes map_text(const std::vector<Item>& items) {
    Fields root;
    for (const Item& item : items) {
        if (item.extra.facet != Facet::map) continue;
        for (const Fact& fact : item.extra.facts) take(root, item, fact);
    }
    Bytes out;
    put_fields(out, root);
    return out;
}

}  // namespace ashlar::crdt
