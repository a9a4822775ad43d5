#include "tally.h"

namespace ashlar::cli::import {
namespace {

namespace json = boost::json;
constexpr std::size_t reasons_max = 50;

}  // namespace

void Tally::add(Reasons& into, const std::string& reason, std::int64_t count, const std::string& example) {
    bool room = into.contains(reason) || into.size() < reasons_max;
    Reason& at = into[room ? reason : "other reasons"];
    if (at.count == 0) at.example = example;
    at.count += count;
}

void Tally::merge(const Tally& other) {
    stored += other.stored;
    for (const auto& [name, reason] : other.refused) add(refused, name, reason.count, reason.example);
    for (const auto& [name, reason] : other.failed) add(failed, name, reason.count, reason.example);
}

std::int64_t Tally::total(const Reasons& reasons) {
    std::int64_t out = 0;
    for (const auto& [name, reason] : reasons) out += reason.count;
    return out;
}

json::object json_reasons(const Reasons& reasons) {
    json::array list;
    for (const auto& [name, reason] : reasons) {
        list.push_back({{"reason", name}, {"count", reason.count}, {"example", reason.example}});
    }
    return {{"count", Tally::total(reasons)}, {"reasons", std::move(list)}};
}

Reasons reasons_from(const json::value& value) {
    Reasons out;
    const json::object* object = value.if_object();
    const json::value* list = object != nullptr ? object->if_contains("reasons") : nullptr;
    if (list == nullptr || !list->is_array()) return out;
    for (const json::value& one : list->get_array()) {
        const json::object* entry = one.if_object();
        if (entry == nullptr || out.size() > reasons_max) continue;
        const json::value* name = entry->if_contains("reason");
        const json::value* count = entry->if_contains("count");
        const json::value* example = entry->if_contains("example");
        if (name == nullptr || !name->is_string() || count == nullptr || !count->is_int64()) continue;
        Reason& reason = out[std::string(name->get_string())];
        reason.count = count->get_int64();
        if (example != nullptr && example->is_string()) reason.example = example->get_string();
    }
    return out;
}

}  // namespace ashlar::cli::import
