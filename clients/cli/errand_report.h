// What errands came to, for people and for programs.
#pragma once

#include <boost/json.hpp>

#include "errands.h"

namespace ashlar::cli {

/// What all nodes together say of a repair or a comparison.
struct RepairSum {
    std::int64_t partitions = 0, done = 0, equal = 0, failed = 0;
    std::int64_t keys_differing = 0, entries_moved = 0, bytes_moved = 0, too_large = 0;
    std::int64_t took_ms = 0;  ///< of the longest
    bool silent = false;       ///< a replica did not answer
    bool cut = false;          ///< somewhere it did not run to its end
    void add(const thrift::ErrandReport& report);
    /// A range whose sums differed while a write was under way, and no key of which differs now, is equal.
    bool all_equal() const { return keys_differing == 0 && failed == 0 && !cut; }
};

RepairSum sum_of(const std::vector<Asked>& nodes);
void print_repair(const std::vector<Asked>& nodes, bool dry_run, Session& session);
void print_scrub(const std::vector<Asked>& nodes, Session& session);
boost::json::object json_errand(const thrift::ErrandReport& report);
/// {"schema", "nodes": [...]}
boost::json::object json_errands(const std::vector<Asked>& nodes);
/// The same, and "blocks", "bytes" and "bad" of all of them.
boost::json::object json_scrubs(const std::vector<Asked>& nodes);

}  // namespace ashlar::cli
