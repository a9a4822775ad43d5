#include "table.h"

#include <algorithm>
#include <utility>

namespace ashlar::bench {

void Cell::add(const LoadResult& result, double cpu_us_used) {
    auto operations = static_cast<double>(result.operations);
    cpu_us.push_back(cpu_us_used / operations);
    ops_per_s.push_back(operations / result.seconds);
    p50_us.push_back(result.p50_us);
    p99_us.push_back(result.p99_us);
    failures += result.failures;
}

double median(std::vector<double> values) {
    if (values.empty()) return 0;
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

double ratio(const Table& table, const std::string& op, int connections, const std::string& a, const std::string& b) {
    auto left = table.find({op, connections, a}), right = table.find({op, connections, b});
    if (left == table.end() || right == table.end()) return 0;
    std::vector<double> ratios;
    for (std::size_t i = 0; i < std::min(left->second.cpu_us.size(), right->second.cpu_us.size()); ++i)
        ratios.push_back(left->second.cpu_us[i] / right->second.cpu_us[i]);
    return median(ratios);
}

std::uint64_t failures_in(const Table& table) {
    std::uint64_t out = 0;
    for (const auto& [key, cell] : table) out += cell.failures;
    return out;
}

}  // namespace ashlar::bench
