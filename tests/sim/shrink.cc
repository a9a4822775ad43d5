#include "shrink.h"

#include <algorithm>

namespace ashlar::sim {
namespace {

bool fails(Plan plan) {
    plan.verbose = false;
    return run(plan).complaint.has_value();
}

Plan without_needless_faults(Plan plan) {
    for (const std::string& kind : fault_kinds()) {
        if (std::find(plan.without.begin(), plan.without.end(), kind) != plan.without.end()) continue;
        Plan tried = plan;
        tried.without.push_back(kind);
        if (fails(tried)) plan = tried;
    }
    return plan;
}

Plan shorter(Plan plan) {
    // Whole seconds, so that the words say it exactly.
    for (std::int64_t step = plan.length.us / 2'000'000; step >= 1; step /= 2) {
        Plan tried = plan;
        tried.length = plan.length - seconds(step);
        if (tried.length >= seconds(1) && fails(tried)) plan = tried;
    }
    return plan;
}

}  // namespace

Plan shrink(Plan plan) {
    if (plan.cluster) plan = without_needless_faults(plan);
    plan = shorter(plan);
    return plan.cluster ? without_needless_faults(plan) : plan;
}

}  // namespace ashlar::sim
