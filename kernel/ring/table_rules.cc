#include "ring/table_rules.h"

#include <algorithm>

#include "kit/text.h"

namespace ashlar::ring {

bool table_name_ok(View name) {
    auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-'; };
    return !name.empty() && name.size() <= table_name_max && std::all_of(name.begin(), name.end(), fits);
}

Result<void> check_table(const port::Table& table) {
    if (!table_name_ok(table.name)) {
        return fail(Code::invalid_request,
                    kit::text("a table name has 1 to ", table_name_max, " of a-z, 0-9, _ and -; this one has ",
                              table.name.size(), " bytes or other characters"));
    }
    if (table.ttl.us < 0) return fail(Code::invalid_request, "a time to live cannot be negative; 0 means never");
    if (table.replication.per_datacentre.empty() && table.replication.replicas == 0) {
        return fail(Code::invalid_request, "a table needs at least 1 replica");
    }
    return {};
}

}  // namespace ashlar::ring
